"""All that staff do with a building's links, over sockets; then a search in all that is left of it."""

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pyotp
import pytest
from aiosmtpd.controller import Controller

from tests.browser.portal import PortalProcess
from tests.postgres import PostgresProcess
from tests.residents import html
from tests.residents.browser import View
from tests.security.redis import RedisProcess
from tests.servers import ROOT, SandboxProcess
from tests.staff.kept import OPEN, Secrets, metrics_folders
from tests.staff.links.test_email import Post
from tests.staff.sockets import SocketBrowser

PASSWORD = "four plain words together"
# What is kept on purpose, under a key of the installation: without it no account could be read and
# no second factor checked.
KEPT = {"staff_ruckusaccount.encrypted", "staff_person.encrypted_key"}


@dataclass
class Place:
    """An installation with everything that one may have, the vendor, and a mail server."""

    folder: Path
    sandbox: SandboxProcess
    postgres: PostgresProcess
    redis: RedisProcess
    post: Post
    portal: PortalProcess
    secrets: Secrets
    kept: Path
    stages: int = 0

    def manage(self, *command: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=self.portal.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def note(self) -> None:
        """Remember the secrets of the moment, and keep what Redis holds now and will forget."""
        self.secrets.note(self.sandbox)
        (self.kept / f"redis-{self.stages}").write_bytes(self.redis.dump())
        self.stages += 1

    def sql(self) -> str:
        """Every row of every table."""
        program = str(self.postgres.programs / "pg_dump")
        command = [program, "--inserts", self.postgres.url.replace("postgres:", "postgresql:")]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def search(self) -> set[tuple[str, str]]:
        """Find secrets in all that the installation has left anywhere."""
        self.note()
        (self.kept / "database").write_text(self.sql())
        opened = self.manage("shell", "--no-imports", "-v0", "-c", OPEN).splitlines()
        places = {line.partition(" ")[0] for line in opened}
        # Things were really opened: sessions, copies of them, and what is kept on purpose.
        assert places >= KEPT | {"residents_session.session_data", "redis"}
        lines = (line for line in opened if line.partition(" ")[0] not in KEPT)
        (self.kept / "opened").write_text("\n".join(lines))
        logs, temporary = self.portal.log, self.folder / "tmp"
        # The cluster's own files have the rows that were deleted, too, and what it has logged.
        data = self.postgres.folder
        everything = [self.kept, logs, temporary, data, *metrics_folders()]
        return self.secrets.found_in(everything, self.folder / "patterns")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    for name in ("portal", "tmp", "kept", "redis"):
        (tmp_path / name).mkdir()
    post = Post()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    mail = Controller(post, hostname="127.0.0.1", port=port)
    mail.start()
    try:
        with (
            SandboxProcess() as sandbox,
            PostgresProcess() as postgres,
            RedisProcess(tmp_path / "redis") as redis,
        ):
            portal = PortalProcess(tmp_path / "portal", sandbox.url)
            portal.environment |= {
                "DATABASE_URL": postgres.url,
                "REDIS_URL": redis.url,
                "STAFF": "on",
                "PORTAL_URL": "http://wifi.example.com",
                "ALLOWED_HOSTS": "127.0.0.1,wifi.example.com",
                "EMAIL_URL": f"smtp://127.0.0.1:{port}",
                "DEFAULT_FROM_EMAIL": "office@thistle.example.com",
                "TMPDIR": str(tmp_path / "tmp"),
                "LOG_LEVEL": "DEBUG",
            }
            with portal:
                yield Place(
                    tmp_path, sandbox, postgres, redis, post, portal, Secrets(), tmp_path / "kept"
                )
    finally:
        mail.stop()


@dataclass
class Journey:
    """A member of staff, what they have before them, and the building."""

    place: Place
    browser: SocketBrowser
    at: str
    units: dict[str, dict[str, Any]]

    def home(self, number: str, more: str = "") -> str:
        return f"{self.at}homes/{self.units[number]['guid']}/{more}"

    async def select(self, do: str, *numbers: str) -> View:
        """The page that asks before it does something with these homes."""
        page = await self.browser.get(self.at)
        token = page.root.all("input", name="csrfmiddlewaretoken")[0].attrs["value"]
        unit = [self.units[number]["guid"] for number in numbers]
        data = {"do": do, "csrfmiddlewaretoken": token, "unit": unit}
        return await self.browser.send("POST", f"{self.at}selection/", data)

    async def until(self, path: str, shows: str) -> View:
        """The page, once it says this."""
        end = time.monotonic() + 90
        while shows not in (page := await self.browser.get(path)).words:
            assert time.monotonic() < end, page.words[:2000]
            await asyncio.sleep(0.5)
        return page


async def come_in(place: Place, browser: SocketBrowser) -> None:
    """An owner is added at the server, and sets up password and authenticator."""
    link = place.manage("add_staff", "dana@example.com", "--name", "Dana").split()[-1]
    path = urlsplit(link).path
    place.secrets.add("one-time link", path.strip("/").rpartition("/")[2])
    page = await browser.get(path)
    key = page.root.one("code", class_="code").words.replace(" ", "")
    place.secrets.add("authenticator key", key)
    place.secrets.add("password", PASSWORD)
    code = pyotp.TOTP(key).now()
    page = await browser.submit(page, "Set up and sign in", password=PASSWORD, code=code)
    assert page.status == 200, page.words
    codes = page.root.one("pre", class_="code").text.split()
    assert len(codes) >= 8
    place.secrets.add("recovery code", *codes)
    place.secrets.add("cookie of staff", browser.cookie)


async def connect(place: Place, browser: SocketBrowser) -> Journey:
    """The account is connected, and its building read by the worker."""
    plan = {"homes": 300, "without_link": 12, "suspended": 3}
    property_id = place.sandbox.management("POST", "building", json=plan)["property_id"]
    account = place.sandbox.management("GET", "accounts")[0]
    place.note()
    page = await browser.get("/staff/accounts/connect/")
    page = await browser.press(
        page,
        "Test and connect",
        name="Sample Homes",
        region="na",
        tenant=account["tenant_id"],
        client=account["client_id"],
        secret=account["client_secret"],
    )
    await browser.follow(page)
    stored = place.sandbox.stored()["units"]
    units = {unit["number"]: unit for unit in stored if unit["propertyId"] == property_id}
    journey = Journey(place, browser, f"/staff/p/{property_id.replace('-', '')}/", units)
    await journey.until(journey.at, "1 to 50 of 300")
    assert "Resident 102 Sample" in (await browser.get(f"{journey.at}?names=1")).words
    return journey


async def hand_out_one(journey: Journey) -> None:
    browser, code = journey.browser, journey.units["102"]["hashedSecret"]
    for button in ("Show the link", "Copy the link", "QR code", "Email", "Text message"):
        page = await browser.get(journey.home("102"))
        (words,) = {each.words for each in page.root.all("button") if each.words.startswith(button)}
        page = await browser.press(page, words)
        assert page.status == 200
        # In the page it is in a link of ours, which is quoted once; mail programs get it quoted twice.
        assert code in unquote(unquote(page.text)) or button == "QR code"
    page = await browser.follow(await browser.press(page, "Test the link"))
    assert "The link works: it opened Unit 102." in page.words


async def hand_out_many(journey: Journey) -> None:
    browser = journey.browser
    letters = await browser.press(
        await journey.select("letters", "103", "104", "105"), "Make 3 letters"
    )
    assert len(letters.root.all("article")) == 3
    cards = await browser.press(await journey.select("cards", "106", "107"), "Make 2 cards")
    assert "Unit 106" in cards.words
    file = await browser.press(await journey.select("csv", "103", "104"), "Download CSV")
    assert journey.units["103"]["hashedSecret"] in unquote(file.text)
    page = await browser.press(await journey.select("ruckus", "108", "109"), "Resend to 2 homes")
    assert page.status == 302
    assert len(journey.place.sandbox.management("GET", "resent")) == 2
    log = await browser.get("/staff/audit/csv/")
    assert ",108," in log.text


async def send_emails(journey: Journey) -> None:
    browser, post = journey.browser, journey.place.post
    nobody = "home202@example.com"
    post.refused = {nobody: f"550 5.1.1 <{nobody}> has no mailbox here"}
    page = await journey.select("email", "202", "203", "204")
    await browser.follow(await browser.press(page, "Send 3 emails"))
    await journey.until(journey.at, "2 sent, 1 failed")
    assert post.addresses == ["home203@example.com", "home204@example.com"]
    text = post.taken[0].get_body(("plain",)).get_content()
    assert journey.units["203"]["hashedSecret"] in unquote(text)


async def bring_a_file(journey: Journey) -> None:
    browser, path = journey.browser, f"{journey.at}from-file/"
    code = journey.units["101"]["hashedSecret"]
    page = await browser.get(path)
    values = html.values(page.form("Check the file"))
    # Nearly as large as a file may be: what is large is what servers put on the disk.
    notes = ",".join(["x" * 100_000] * 8)
    table = f"home,link,a,b,c,d,e,f,g,h\n101,{code},{notes}\n"
    page = await browser.send("POST", path, values | {"file": ("a.csv", table.encode())})
    assert page.status == 200, page.words
    assert code in unquote((await browser.press(page, "Show links")).text)
    assert "Unit 101" in (await browser.press(page, "Print letters")).words
    # And one in which a row is wrong: its answer holds what was in the file.
    wrong = f"home,link\n101,{code}\n999,{code}\n"
    page = await browser.send("POST", path, values | {"file": ("b.csv", wrong.encode())})
    assert page.status == 422


async def replace_and_move_out(journey: Journey) -> None:
    browser = journey.browser
    page = await browser.get(journey.home("205", "replace/"))
    page = await browser.follow(await browser.submit(page, "Replace the link"))
    assert "The link is replaced." in page.words
    journey.place.note()
    page = await browser.get(journey.home("206", "move-out/"))
    page = await browser.follow(await browser.submit(page, "Move out Unit 206", number="206"))
    while any(each.words == "Go on" for each in page.root.all("button")):
        journey.place.note()
        page = await browser.follow(await browser.press(page, "Go on"))
    assert "The home is cleared." in page.words, page.words
    letter = await browser.press(page, "Print letter")
    assert "Unit 206" in letter.words


async def check_links(journey: Journey) -> None:
    """As many of the links as take a few seconds are read in the background."""
    browser = journey.browser
    page = await browser.get(journey.at)
    await browser.press(page, "Check all links")
    page = await journey.until(journey.at, "Checking links: 1")
    await browser.press(page, "Stop checking")


async def walk(place: Place) -> None:
    async with SocketBrowser(place.portal.url) as browser:
        await come_in(place, browser)
        journey = await connect(place, browser)
        for part in (
            hand_out_one,
            hand_out_many,
            send_emails,
            bring_a_file,
            check_links,
            replace_and_move_out,
        ):
            place.note()
            await part(journey)


def plant(place: Place) -> set[tuple[str, str]]:
    """Put a secret into each place; where the search has to find what."""
    stored = place.sandbox.stored()
    unit, user = stored["units"][-1], stored["users"][-1]
    code = unit["hashedSecret"]
    place.redis.client.set("planted", place.sandbox.tokens()[0])
    with place.portal.log.open("a") as log:
        log.write(f"GET /?auth={code}\n")
    (place.folder / "tmp" / "upload").write_text(code)
    add = (
        "from staff.models import AuditEntry\n"
        "from staff.door.second_factor import encrypted\n"
        f"AuditEntry.objects.create(who={code!r}, what='x')\n"
        f"AuditEntry.objects.create(who='y', what='x', detail=encrypted({user['passphrase']!r}))\n"
    )
    place.manage("shell", "--no-imports", "-v0", "-c", add)
    return {
        (f"redis-{place.stages}", "token of a unit"),
        ("portal.log", "access code"),
        ("upload", "access code"),
        ("database", "access code"),
        ("opened", "passphrase"),
    }


@pytest.mark.xdist_group("postgres")
def test_nothing_of_what_staff_did_is_kept(place: Place) -> None:
    asyncio.run(walk(place))
    kinds = set(place.secrets.kinds.values())
    assert {"access code", "passphrase", "token of a unit", "access token"} <= kinds
    assert place.search() == set()
    # The same search finds what is there: in each place, in the clear or not.
    expected = plant(place)
    found = place.search()
    assert expected <= found
    # The files of the cluster are numbers.
    assert any(name.isdecimal() for name, _ in found)
