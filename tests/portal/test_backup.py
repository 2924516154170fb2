"""Backup and restore by the commands of docs/backup.md: who is signed in stays so, under new keys as well."""

import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from sandbox import seeds
from tests.browser.portal import ROOT, PortalProcess
from tests.postgres import PostgresProcess
from tests.servers import SandboxProcess

HOME = next(home for home in seeds.homes() if home.shows == "full branding")
PAGE = (ROOT / "docs" / "backup.md").read_text()


@pytest.fixture
def sandbox() -> Iterator[SandboxProcess]:
    with SandboxProcess() as process:
        yield process


def commands(heading: str) -> list[str]:
    """The blocks of commands under a heading of the page: the first backs up, the second restores."""
    _, _, after = PAGE.partition(f"\n## {heading}\n")
    return re.findall(r"```sh\n(.*?)```", after.partition("\n## ")[0], re.DOTALL)


def as_written(block: str, portal: PortalProcess, folder: Path) -> None:
    """Run the page's commands literally, with the folders of this test in place of an installation's."""
    block = block.replace("/backups/", f"{folder}/").replace("var/", f"{portal.folder}/")
    environment = portal.environment | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    }
    done = subprocess.run(
        ["sh", "-euc", block],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def manage(portal: PortalProcess, *arguments: str) -> None:
    assert portal.manage(*arguments).wait(120) == 0


def signed_in(portal: PortalProcess) -> str:
    """The cookie of a browser that is signed in."""
    with httpx.Client(base_url=portal.url, trust_env=False) as client:
        place = f"/p/{HOME.property_id}/"
        form = re.search(r'csrfmiddlewaretoken" value="(\w+)"', client.get(place).text)
        assert form
        values = {"csrfmiddlewaretoken": form[1], "secret": HOME.secret}
        assert client.post(place, data=values).status_code == 302
        return str(client.cookies["session"])


def sees(portal: PortalProcess, cookie: str) -> bool:
    """Whether the cookie still shows the home."""
    headers = {"Cookie": f"session={cookie}"}
    answer = httpx.get(f"{portal.url}/", headers=headers, trust_env=False, timeout=30)
    return answer.status_code == 200 and "Unit 2338" in answer.text


def play(heading: str, tmp_path: Path, api_url: str, database_url: str = "") -> None:
    backup, restore = commands(heading)
    old = secrets.token_urlsafe(50)
    folder = tmp_path / "installation"
    folder.mkdir()

    def portal(**keys: str) -> PortalProcess:
        process = PortalProcess(folder, api_url)
        process.environment |= keys
        if database_url:
            process.environment["DATABASE_URL"] = database_url
        return process

    with portal(SECRET_KEY=old) as first:
        cookie = signed_in(first)
        as_written(backup, first, tmp_path)
        # Since then everybody was signed out.
        later = signed_in(first)
        manage(first, "rekey", "--anew")
    new = secrets.token_urlsafe(50)
    second = portal(SECRET_KEY=new, SECRET_KEY_FALLBACKS=old)
    as_written(restore, second, tmp_path)
    with second:
        assert sees(second, cookie)
        # Who came after the copy was made is not in it.
        assert not sees(second, later)
        manage(second, "rekey")
    with portal(SECRET_KEY=new) as third:
        assert sees(third, cookie)


def test_sqlite_is_backed_up_and_restored_by_the_commands_of_the_page(
    tmp_path: Path, sandbox: SandboxProcess
) -> None:
    play("SQLite", tmp_path, sandbox.url)
    [copy] = tmp_path.glob("portal.sqlite3")
    assert copy.stat().st_mode & 0o777 == 0o600


@pytest.mark.xdist_group("postgres")
def test_postgresql_is_backed_up_and_restored_by_the_commands_of_the_page(
    tmp_path: Path, sandbox: SandboxProcess
) -> None:
    with PostgresProcess() as postgres:
        play("PostgreSQL", tmp_path, sandbox.url, postgres.url)
