"""The attacker's place: the whole portal over the whole sandbox, and real processes to search."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from tests.browser.portal import PortalProcess
from tests.residents.conftest import forgotten, resident, sandbox, sandbox_app, visitor
from tests.security.client import Client
from tests.security.redis import RedisProcess
from tests.servers import SandboxProcess

__all__ = ["forgotten", "resident", "sandbox", "sandbox_app", "visitor"]


@dataclass
class Installation:
    """The portal as in production, with Redis, behind a proxy; `make` gives a new browser."""

    vendor: SandboxProcess
    redis: RedisProcess
    portal: PortalProcess
    make: Callable[..., Client]


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("installation")
    clients: list[Client] = []
    with SandboxProcess() as vendor, RedisProcess(folder) as redis:
        vendor.switches(bucket=False)
        process = PortalProcess(folder, vendor.url)
        process.environment |= {
            "HTTPS": "on",
            "REDIS_URL": redis.url,
            # A busy machine is not a Redis that is down.
            "REDIS_TIMEOUT": "10",
            "TRUSTED_PROXIES": "127.0.0.1",
            # The lines that help to find mistakes must not tell more than the others.
            "LOG_LEVEL": "DEBUG",
        }
        with process as portal:

            def make(**headers: str) -> Client:
                clients.append(Client(portal.url, **headers))
                return clients[-1]

            yield Installation(vendor, redis, portal, make)
            for client in clients:
                client.close()
