"""After all else: what the portal wrote and sent holds no secret of anybody."""

import socket
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import expect

from tests.browser.conftest import Seen
from tests.browser.modes import once
from tests.browser.portal import PortalProcess
from tests.browser.resident import FULL, HOMES, UNIT, Resident, code_page, link
from tests.servers import SandboxProcess

ODD_CODE = HOMES["an access code with / + = %"]


def knock_oddly(portal: PortalProcess) -> None:
    """Ask in the ways in which a secret might slip into a log."""
    secret = link(FULL)
    for path in (
        secret.replace("/p/", "/%70/", 1),
        secret + "more/",
        secret + "?utm=1",
        f"/nowhere/{FULL.secret}/",
        f"/?secret={FULL.secret}",
    ):
        headers = {"Referer": portal.url + secret, "HX-Current-URL": portal.url + secret}
        httpx.get(portal.url + path, headers=headers, trust_env=False)
        # Without a CSRF token, and with a method that there is not.
        httpx.post(
            portal.url + path, headers=headers, data={"secret": FULL.secret}, trust_env=False
        )
        httpx.put(portal.url + path, headers=headers, trust_env=False)
    where = urlsplit(portal.url)
    for line in (
        f"GET {secret} {FULL.secret} HTTP/1.1\r\nHost: 127.0.0.1",
        f"GET {secret} HTTP/9.9\r\nHost: 127.0.0.1",
        f"GET {secret} HTTP/1.1\r\nHost: {FULL.secret}.example.com",
        f"GET {secret}{'x' * 5000} HTTP/1.1\r\nHost: 127.0.0.1",
        f"GET {secret} HTTP/1.1\r\nHost: 127.0.0.1\r\nno {FULL.secret}: header",
    ):
        with socket.create_connection((where.hostname, where.port), timeout=10) as raw:
            raw.sendall(f"{line}\r\n\r\n".encode())
            assert raw.recv(12).startswith(b"HTTP/1.1 4")


@once
def test_no_secret_is_in_the_log_the_database_or_a_header(
    resident: Resident, sandbox: SandboxProcess, portal: PortalProcess, seen: Seen
) -> None:
    # Each kind of secret passes through the portal once more, so that this test stands alone.
    resident.expect_status(401, 404, 503)
    resident.sign_in(ODD_CODE)
    resident.go(code_page(FULL))
    resident.fill("Access code", "a-wrong-code-nobody-has")
    resident.press("Open my Wi-Fi")
    expect(resident.summary()).to_be_visible()
    resident.sign_in(FULL)
    resident.change("Home Wi-Fi", "Reset passphrase")
    resident.press("Reset passphrase", resident.page.locator("main form"))
    resident.reads("Your passphrase is changed.")
    resident.go(f"/wifi/unit/{UNIT}/choose/")
    resident.fill("New passphrase", "chosen-passphrase-of-mine")
    resident.press("Save passphrase")
    resident.reads("Your passphrase is changed.")
    resident.go("/contact/")
    resident.fill("Email address", "new-address@example.com")
    sandbox.fault("raw", count=99, body="HTTP/1.1 200 OK\r\n\r\nnew-address@example.com")
    resident.press("Save contact details")
    resident.reads("We can’t reach the Wi-Fi system")
    sandbox.clear_faults()
    resident.press("Save contact details")
    resident.reads("Contact details saved.")
    for page in ("qr/", "letters/", "connect/", "cards/"):
        resident.go(f"/wifi/unit/{UNIT}/{page}")
    resident.go("/no/such/page/")
    knock_oddly(portal)

    seen.note_secrets(sandbox)
    for answer in resident.traffic:
        seen.note_answer(answer)
    seen.secrets |= {
        "a-wrong-code-nobody-has": "wrong code",
        "chosen-passphrase-of-mine": "chosen passphrase",
        "new-address@example.com": "typed address",
    }
    kinds = set(seen.secrets.values())
    assert {"token", "access code", "passphrase", "email address", "phone number"} <= kinds
    assert seen.found_in(portal) == []
    # What was searched is what there was to search.
    log = portal.kept()["portal.log"].decode()
    assert '"message": "request"' in log
    assert FULL.property_id not in log
    assert {"content-security-policy", "location"} <= {name.lower() for name, _ in seen.headers}
    seen.secrets["portal.requests"] = "proof that something can be found"
    assert [place for place, _ in seen.found_in(portal)] == ["portal.log"]
    del seen.secrets["portal.requests"]
