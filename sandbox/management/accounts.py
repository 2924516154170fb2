"""The made-up accounts of the management API."""

import hashlib
import uuid
from dataclasses import dataclass, field
from typing import Literal

Role = Literal["Prime Admin", "Administrator", "Read-Only"]

_NAMESPACE = uuid.UUID("6f1f4b53-4f6e-5c1d-9c39-5a0d1b7d0002")


@dataclass(frozen=True)
class Account:
    """An application token: who may ask, and as what. `customers` are tenants that it may act for."""

    name: str
    tenant_id: str
    role: Role
    customers: frozenset[str] = frozenset()
    client_id: str = field(init=False)
    client_secret: str = field(init=False)

    def __post_init__(self) -> None:
        digest = hashlib.sha512(self.name.encode()).hexdigest()
        object.__setattr__(self, "client_id", digest[:32])
        object.__setattr__(self, "client_secret", digest[32:96])


def _tenant(name: str) -> str:
    return uuid.uuid5(_NAMESPACE, name).hex


LANDLORD = _tenant("landlord")
"""The tenant whose venues all properties of the sandbox are."""

PROVIDER = _tenant("provider")
"""A managed service provider without venues of its own, to which the landlord has delegated."""

ADMINISTRATOR = Account("Sample Homes, administrator", LANDLORD, "Administrator")
READ_ONLY = Account("Sample Homes, read-only", LANDLORD, "Read-Only")
DELEGATE = Account("Sample Services", PROVIDER, "Prime Admin", frozenset({LANDLORD}))

ACCOUNTS = (ADMINISTRATOR, READ_ONLY, DELEGATE)
