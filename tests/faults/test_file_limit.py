"""A rush on a portal that may open few files: it tells who it cannot serve, and is well again after it."""

import asyncio
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from sandbox import seeds
from tests.browser import portal as processes
from tests.browser.portal import PortalProcess
from tests.faults.crowd import Member, outcome_of
from tests.faults.waiting import until
from tests.servers import SandboxProcess

FILES = 128
CROWD = 150


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PortalProcess]:
    """The portal as it is started where the soft limit is half of a small hard one."""
    start = subprocess.Popen

    def limited(command: list[str], **more: object) -> "subprocess.Popen[bytes]":
        if "gunicorn" in command:
            command = ["prlimit", f"--nofile={FILES // 2}:{FILES}", *command]
        return start(command, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(processes.subprocess, "Popen", limited)
    with SandboxProcess() as vendor:
        process = PortalProcess(tmp_path, vendor.url)
        process.environment["RUCKUS_BREAKER"] = "on"
        with process as portal:
            # Slow enough that the whole crowd is there at the same time.
            vendor.switches(latency=1.0, bucket=False)
            yield portal


async def test_a_rush_past_the_limit_of_files_is_told_to_wait_and_leaves_nothing_broken(
    site: PortalProcess,
):
    homes = [home for home in seeds.homes() if home.unit.status == "ENABLED"]
    member = Member(site.url, homes[0], 0, writes=False)
    await member.sign_in()
    seen: Counter[str] = Counter()
    endless = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(
        base_url=site.url, cookies=member.http.cookies, trust_env=False, timeout=60, limits=endless
    ) as crowd:

        async def look() -> None:
            for _ in range(2):
                answer = await crowd.get("/")
                if answer.status_code == 503:
                    assert int(answer.headers["retry-after"]) >= 1
                    assert "We’re busy right now" in answer.text
                    seen["busy"] += 1
                else:
                    seen[outcome_of(answer)] += 1

        await asyncio.gather(*(look() for _ in range(CROWD)))
    assert seen.keys() == {"page", "busy"}, seen

    async def well() -> bool:
        return await member.look() == "page"

    await until(well)
    await member.http.aclose()
    log = site.log.read_text()
    assert "breaker is open" not in log
    # Each request and each failed call has a line of its own; why, is said once a minute.
    each = ('"message": "request"', '"logger": "ruckus"')
    why = [line for line in log.splitlines() if not any(words in line for words in each)]
    assert 1 <= len([line for line in why if '"portal.limits"' in line]) <= 2
    assert len(why) < 20, why
