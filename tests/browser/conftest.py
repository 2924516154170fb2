"""A real Chromium, the portal under gunicorn, the sandbox on a socket: no test here fakes anything.

The browser is Chromium's build without windows, which needs half the processor time; CHROMIUM
names another one.
Playwright's event loop stays in the process: the other tests need one of their own.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Response, expect, sync_playwright

from sandbox import seeds
from sandbox.links import vendor_link
from tests.browser.portal import PortalProcess
from tests.browser.resident import MODES, Mode, Resident, code_page, link
from tests.servers import SandboxProcess

FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@dataclass
class Seen:
    """What the whole session has seen: the secrets that there were, and the traffic."""

    secrets: dict[str, str] = field(default_factory=dict)
    urls: set[str] = field(default_factory=set)
    headers: set[tuple[str, str]] = field(default_factory=set)

    def note_secrets(self, sandbox: SandboxProcess) -> None:
        """Remember everything that the sandbox holds at the moment and nobody may find."""
        stored = sandbox.stored()
        found = dict.fromkeys(sandbox.tokens(), "token")
        for unit in stored["units"]:
            contact = unit.get("contact") or {}
            found[unit["hashedSecret"]] = "access code"
            found[quote(unit["hashedSecret"], safe="")] = "access code, percent-encoded"
            found[contact.get("email")] = "email address"
            found[contact.get("phoneNumber")] = "phone number"
        for user in stored["users"]:
            found[user["passphrase"]] = "passphrase"
            found[quote(user["passphrase"] or "", safe="")] = "passphrase, percent-encoded"
            found[user.get("email")] = "email address"
            found[user.get("phoneNumber")] = "phone number"
        self.secrets |= {secret: kind for secret, kind in found.items() if secret}

    def note_answer(self, answer: Response) -> None:
        """Remember an answer's address and header fields."""
        self.urls.add(answer.url)
        self.headers.update((field["name"], field["value"]) for field in answer.headers_array())

    def found_in(self, portal: PortalProcess) -> list[tuple[str, str]]:
        """Where the portal kept or sent a secret, and of what kind it is."""
        places = portal.kept()
        places["header fields"] = "\n".join(f"{n}: {v}" for n, v in self.headers).encode()
        # The residents' own links hold an access code; no other address may.
        links = {portal.url + link(home) for home in seeds.homes()}
        links |= {address.removesuffix("/") for address in links}
        links |= {portal.url + vendor_link(home, page=code_page(home)) for home in seeds.homes()}
        places["addresses"] = "\n".join(self.urls - links).encode()
        return [
            (place, kind)
            for place, data in places.items()
            for secret, kind in self.secrets.items()
            if secret.encode() in data
        ]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The search for secrets comes last: it reads what all the others left behind."""
    items.sort(key=lambda item: item.path.name == "test_secrets.py")


class WatchedSandbox(SandboxProcess):
    """The sandbox, with a note of each secret before it is forgotten."""

    seen: Seen

    def expire(self) -> None:
        self.seen.note_secrets(self)
        super().expire()

    def reset(self) -> None:
        self.seen.note_secrets(self)
        super().reset()


@pytest.fixture(scope="session")
def seen() -> Seen:
    return Seen()


@pytest.fixture(scope="session")
def sandbox_process(seen: Seen) -> Iterator[SandboxProcess]:
    process = WatchedSandbox()
    process.seen = seen
    with process:
        yield process


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which(os.environ.get("CHROMIUM") or "chromium-headless-shell"),
            args=FLAGS,
        )
        # Long enough for the page's own pause of 5 seconds after a failed look, on a busy machine.
        expect.set_options(timeout=20_000)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def portal(
    sandbox_process: SandboxProcess, seen: Seen, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PortalProcess]:
    """The portal; when all tests are over, what it wrote and sent is searched for secrets."""
    folder: Path = tmp_path_factory.mktemp("portal")
    with PortalProcess(folder, sandbox_process.url) as process:
        # Asked once and kept: from here on no fault of a test can take a property's looks away.
        for home in {home.property_id: home for home in seeds.homes()}.values():
            process.visit(home)
        yield process
        seen.note_secrets(sandbox_process)
        assert seen.found_in(process) == []


@pytest.fixture(
    params=["phone", "phone-without-script", "desktop", "desktop-without-script"],
)
def mode(request: pytest.FixtureRequest) -> Mode:
    return MODES[request.param]


@pytest.fixture
def sandbox(request: pytest.FixtureRequest, sandbox_process: SandboxProcess) -> SandboxProcess:
    """The sandbox, freshly seeded; to phones that run scripts it speaks the other dialect.

    So each journey meets both styles of token, and the portal a switch of style in mid-run.
    """
    sandbox_process.reset()
    if "mode" in request.fixturenames and request.getfixturevalue("mode") is MODES["phone"]:
        sandbox_process.switches(token_style="bare")
    return sandbox_process


@pytest.fixture
def resident(
    browser: Browser, portal: PortalProcess, sandbox: SandboxProcess, mode: Mode, seen: Seen
) -> Iterator[Resident]:
    """Somebody with a fresh browser, whose console must be clean when the test is over."""
    portal.forget()
    context = browser.new_context(**mode.options)
    try:
        found = Resident(context, context.new_page(), portal.url, mode, [])
        yield found
        for answer in found.traffic:
            seen.note_answer(answer)
        # Pages hold passphrases: nothing of them may stay in the browser.
        kept = set(
            found.page.evaluate("Object.keys(sessionStorage).concat(Object.keys(localStorage))")
        )
        assert kept <= {"htmx-current-path-for-history"}
        assert found.unexpected() == []
    finally:
        context.close()
