"""What `make demo` makes for staff: whoever copies its two lines is in, and sees the sandbox's homes."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.browser.portal import ROOT, PortalProcess
from tests.servers import SandboxProcess

SEED = (ROOT / "scripts" / "demo_staff.py").read_text()


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[PortalProcess]:
    """The portal beside the sandbox, with the environment that the demo gives it."""
    with SandboxProcess() as sandbox:
        portal = PortalProcess(tmp_path, sandbox.url)
        portal.environment["STAFF"] = "on"
        with portal:
            portal.environment["PORTAL_URL"] = portal.url
            yield portal


def seed(demo: PortalProcess, sandbox: str) -> tuple[str, str]:
    """Run what the demo runs at its start; return the two lines."""
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-v0", "-c", SEED],
        cwd=ROOT,
        # No proxy of the environment has to do with it.
        env=demo.environment | {"DEMO_SANDBOX": sandbox, "http_proxy": "http://127.0.0.1:9"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    first, second = done.stdout.splitlines()
    return first, second


def browser_of(demo: PortalProcess) -> httpx.Client:
    headers = {"Origin": demo.url}
    return httpx.Client(base_url=demo.url, headers=headers, trust_env=False, follow_redirects=True)


def send(browser: httpx.Client, address: str, **values: str) -> str:
    """Fill in the form at an address; return the page that it leads to."""
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', browser.get(address).text)
    assert token is not None
    values["csrfmiddlewaretoken"] = token[1]
    answer = browser.post(address, data=values)
    assert answer.status_code == 200, answer.text
    return answer.text


def sign_in(browser: httpx.Client, first: str, second: str) -> str:
    """Sign in with nothing but what the two lines say; return the page that it leads to."""
    found = re.fullmatch(r"Dana Sample \(staff, email (\S+), password (\S+)\): (http:\S+)", first)
    assert found is not None
    email, password, address = found.groups()
    at = browser.get(address).url.raw_path.decode()
    page = send(browser, at, email=email, password=password)
    assert "Enter your code" in page
    _, command = second.split(": ", 1)
    code = subprocess.check_output(command, shell=True, cwd="/", text=True).strip()
    return send(browser, "/staff/sign-in/code/", code=code)


def test_the_two_lines_let_staff_in_to_the_homes_of_the_sandbox(demo: PortalProcess) -> None:
    lines = seed(demo, "")
    with browser_of(demo) as browser:
        page = sign_in(browser, *lines)
        # Where there is no sandbox, there is nothing to connect.
        assert "Connect RUCKUS One" in page
        api = demo.environment["RUCKUS_API_URL"]
        # Whoever is signed in stays so when the demo starts again, and nothing is there twice.
        for _ in range(2):
            assert seed(demo, api) == lines
            page = browser.get("/staff/").text
            assert page.count("Larkspur House") == 1
        place = re.search(r'/staff/p/\w+/(?=">.*Larkspur House)', page)
        assert place is not None
        assert "2338" in browser.get(place[0]).text


def test_what_was_changed_while_looking_around_is_as_printed_at_the_next_start(
    demo: PortalProcess,
) -> None:
    lines = seed(demo, "")
    subprocess.run(
        [sys.executable, "manage.py", "reset_staff", "dana@example.com"],
        cwd=ROOT,
        env=demo.environment,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    assert seed(demo, "") == lines
    with browser_of(demo) as browser:
        assert "Connect RUCKUS One" in sign_in(browser, *lines)
