"""Staff print a home's links with one command."""

import io

import pytest
from django.core.management import CommandError, call_command

from common.links import portal_links

PROPERTY = "3098b445-38af-5850-babe-972f4cae43e6"
BASE = "https://wifi.example.org"


def run(*args: str, **options: str) -> str:
    out = io.StringIO()
    call_command("portal_link", *args, stdout=out, **options)
    return out.getvalue()


def test_both_link_forms_and_a_qr_code_are_printed() -> None:
    lines = run(PROPERTY, "q/7+R=%", base_url=BASE).splitlines()
    assert lines[0] == f"{BASE}/p/{PROPERTY}/q%2F7%2BR%3D%25/"
    assert lines[1] == f"{BASE}/p/{PROPERTY}/#q%2F7%2BR%3D%25"
    assert len(lines) > 15
    assert set("".join(lines[2:])) <= set("█▀▄ ")


def test_the_code_can_come_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("a secret\n"))
    assert f"/p/{PROPERTY}/a%20secret/" in run(PROPERTY, "-", base_url=BASE)


def test_the_base_url_comes_from_the_settings(settings) -> None:
    settings.PORTAL_URL = BASE
    assert run(PROPERTY, "code").startswith(f"{BASE}/p/{PROPERTY}/code/")
    settings.PORTAL_URL = ""
    with pytest.raises(CommandError, match="PORTAL_URL"):
        run(PROPERTY, "code")


@pytest.mark.parametrize(
    ("base", "property_id", "code", "reason"),
    [
        ("wifi.example.org", PROPERTY, "code", "base URL"),
        (f"{BASE}/?a=b", PROPERTY, "code", "base URL"),
        (f"{BASE}/portal", PROPERTY, "code", "base URL"),
        (BASE, "not an id", "code", "not the id of a property"),
        (BASE, PROPERTY, "", "access code"),
        (BASE, PROPERTY, "x" * 513, "access code"),
    ],
)
def test_what_cannot_be_a_link_is_refused(
    base: str, property_id: str, code: str, reason: str
) -> None:
    with pytest.raises(CommandError, match=reason):
        run(property_id, code, base_url=base)


def test_a_base_url_may_end_in_a_slash() -> None:
    path, _ = portal_links(f"{BASE}/", PROPERTY, "c")
    assert path == f"{BASE}/p/{PROPERTY}/c/"
