"""The portal with two workers, a Redis and a vendor: what can be killed, each by itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.browser.portal import PortalProcess
from tests.security.redis import RedisProcess
from tests.servers import SandboxProcess


@dataclass
class Site:
    vendor: SandboxProcess
    redis: RedisProcess
    portal: PortalProcess

    @property
    def workers(self) -> list[int]:
        """The process ids of gunicorn's workers."""
        master = self.portal.process.pid
        children = Path(f"/proc/{master}/task/{master}/children").read_text()
        return [int(pid) for pid in children.split()]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    with SandboxProcess() as vendor, RedisProcess(folder) as redis:
        process = PortalProcess(folder, vendor.url)
        process.environment |= {
            "WEB_CONCURRENCY": "2",
            "REDIS_URL": redis.url,
            "RUCKUS_DEADLINE": "8",
        }
        with process as portal:
            yield Site(vendor, redis, portal)
