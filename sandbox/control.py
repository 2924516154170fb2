"""The sandbox's own controls under /_sandbox/, for tests and demos. No part of the vendor's API."""

import base64
from dataclasses import asdict, fields, replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, HTTPException, Request
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from sandbox import wire
from sandbox.faults import Fault, Kind
from sandbox.seeds import AuthType, Contact, Device, Property, UnitStatus, UserStatus, guid
from sandbox.state import State, Switches, canonical_id

router = APIRouter()
_SWITCHES = TypeAdapter(Switches)
_PROPERTY = TypeAdapter(Property)


class Strict(BaseModel):
    """Refuses a misspelt field: a test must not pass because its fault was never set."""

    model_config = ConfigDict(extra="forbid")


class FaultSpec(Strict):
    """A fault as it is ordered; bytes come as text or in base64."""

    kind: Kind = "status"
    operation: str | None = None
    property: str | None = None
    count: Annotated[int, Field(ge=1)] = 1
    latency: float = 0.0
    interval: float = 0.1
    status: int | None = None
    body: str | None = None
    body_base64: str | None = None
    content_type: str = "application/json"
    headers: dict[str, str] = {}
    apply: bool = False

    def fault(self) -> Fault:
        """Return the fault itself."""
        data = self.model_dump(exclude={"body", "body_base64", "property"})
        body = (self.body or "").encode() or base64.b64decode(self.body_base64 or "")
        return Fault(**data, body=body, property_id=self.property)


class UnitChange(Strict):
    """What can be changed of a unit from outside; absent fields stay."""

    number: str | None = None
    description: str | None = None
    status: UnitStatus | None = None
    access_code: str | None = None
    hidden: list[Literal["UNIT", "GUEST"]] | None = None
    contact_name: str | None = None
    email: str | None = None
    phone: str | None = None


class UserChange(Strict):
    """What can be changed of a unit user from outside; absent fields stay, null empties."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    passphrase: str | None = None
    status: UserStatus | None = None


class NewDevice(Strict):
    """A device that joins with the passphrase of this user."""

    user: str
    mac: str
    type: str | None = None
    last_connected: str | None = None
    auth_type: AuthType | None = "DPSK"


def _state(request: Request) -> State:
    found: State = request.app.state.sandbox
    return found


@router.post("/reset", status_code=204)
async def reset(request: Request) -> None:
    """Back to the seeds; tokens, faults, calls, accepted writes and switches are gone."""
    _state(request).reset()


@router.get("/calls")
async def calls(request: Request) -> list[dict[str, Any]]:
    """Return the calls to the vendor's paths, oldest first; `status` is null where none was sent."""
    return list(_state(request).calls)


@router.delete("/calls", status_code=204)
async def clear_calls(request: Request) -> None:
    """Forget the calls."""
    _state(request).calls.clear()


@router.get("/switches")
async def switches(request: Request) -> dict[str, Any]:
    """Return all switches."""
    return asdict(_state(request).switches)


@router.patch("/switches")
async def switch(request: Request, change: Annotated[dict[str, Any], Body()]) -> dict[str, Any]:
    """Set the switches that were sent, and answer with all of them; 422 for unknown ones."""
    state = _state(request)
    if unknown := change.keys() - {field.name for field in fields(Switches)}:
        raise HTTPException(422, f"No such switch: {', '.join(sorted(unknown))}")
    try:
        state.switches = _SWITCHES.validate_python(asdict(replace(state.switches, **change)))
    except ValidationError as error:
        raise HTTPException(422, str(error)) from error
    return asdict(state.switches)


@router.post("/faults", status_code=204)
async def add_fault(request: Request, spec: FaultSpec) -> None:
    """Put a fault at the end of the queue."""
    _state(request).faults.append(spec.fault())


@router.delete("/faults", status_code=204)
async def clear_faults(request: Request) -> None:
    """Take back all faults that have not happened yet."""
    _state(request).faults.clear()


@router.post("/expire", status_code=204)
async def expire(request: Request) -> None:
    """End all tokens."""
    _state(request).tokens.clear()


@router.get("/tokens")
async def tokens(request: Request) -> list[str]:
    """Return the tokens that have been given out, for tests that look for them where none may be."""
    return list(_state(request).tokens)


@router.get("/messages")
async def messages(request: Request) -> list[dict[str, str]]:
    """Return the messages about new links that residents were sent, oldest first."""
    return _state(request).messages


@router.post("/settle", status_code=204)
async def settle(request: Request) -> None:
    """Apply all accepted writes now."""
    _state(request).settle(everything=True)


@router.post("/properties/{property_id}", status_code=204)
async def change_property(
    request: Request, property_id: str, change: Annotated[dict[str, Any], Body()]
) -> None:
    """Change a property's fields (seeds.Property); those of `profile` and `pool` one by one."""
    state = _state(request)
    known = state.properties.get(canonical_id(property_id) or "")
    if known is None:
        raise HTTPException(404, "No such property")
    values = asdict(known)
    for name, value in change.items():
        if name not in values or name == "id":
            raise HTTPException(422, f"No such field: {name}")
        merge = name in ("profile", "pool") and value is not None
        values[name] = (values[name] or {}) | value if merge else value
    try:
        state.properties[known.id] = _PROPERTY.validate_python(values)
    except ValidationError as error:
        raise HTTPException(422, str(error)) from error


@router.post("/units/{unit_guid}", status_code=204)
async def change_unit(request: Request, unit_guid: str, change: UnitChange) -> None:
    """Change a unit behind the resident's back."""
    unit = _state(request).units.get(canonical_id(unit_guid) or "")
    if unit is None:
        raise HTTPException(404, "No such unit")
    sent = change.model_dump(exclude_unset=True)
    for name in sent.keys() & {"number", "description", "status", "access_code"}:
        setattr(unit, name, sent[name])
    if "hidden" in sent:
        unit.hidden = frozenset(sent["hidden"])
    if sent.keys() & {"contact_name", "email", "phone"}:
        unit.contact = unit.contact or Contact("")
        unit.contact.name = sent.get("contact_name", unit.contact.name)
        unit.contact.email = sent.get("email", unit.contact.email)
        unit.contact.phone = sent.get("phone", unit.contact.phone)


@router.post("/users/{user_id}", status_code=204)
async def change_user(request: Request, user_id: str, change: UserChange) -> None:
    """Change a unit user behind the resident's back."""
    user = _state(request).users.get(canonical_id(user_id) or "")
    if user is None:
        raise HTTPException(404, "No such user")
    for name, value in change.model_dump(exclude_unset=True).items():
        setattr(user, name, value)


@router.post("/devices", status_code=201)
async def add_device(request: Request, new: NewDevice) -> dict[str, str]:
    """Let a device join, or one that did before join again; answer with its guid."""
    user = _state(request).users.get(canonical_id(new.user) or "")
    if user is None:
        raise HTTPException(404, "No such user")
    for known in user.devices:
        if known.mac == new.mac:
            known.last_connected = new.last_connected
            return {"guid": known.guid}
    device = Device(
        guid("device", user.id, new.mac, len(user.devices)),
        new.mac,
        new.type,
        auth_type=new.auth_type,
        last_connected=new.last_connected,
    )
    user.devices.append(device)
    return {"guid": device.guid}


@router.get("/stored")
async def stored(request: Request) -> dict[str, list[dict[str, Any]]]:
    """Return the truth as it is stored, passphrases included, whatever the switches say."""
    state = _state(request)
    state.settle()
    units, users, devices = [], [], []
    for unit in state.units.values():
        row = wire.unit(unit, "")
        row.pop("_links")
        units.append(
            row
            | {
                "propertyId": unit.property_id,
                "hidden": sorted(unit.hidden),
                "hashedSecret": unit.access_code,
            }
        )
        for user in unit.users:
            row = wire.user(user, "")
            row.pop("_links")
            users.append(row | {"unitGuid": unit.guid})
            devices += [wire.device(d) | {"userId": user.id} for d in user.devices]
    return {"units": units, "users": users, "devices": devices}
