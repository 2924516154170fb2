"""The filter of log lines, attacked: what others might write must not hold a secret."""

import io
import json
import logging
import re
import time
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common import logs

ID = "3098b445-38af-5850-babe-972f4cae43e6"
CODE = "7uQKvc9h3m2suaVhA2WvoX9Uie3z6N_1"
PASSPHRASE = 'a b;c,d&e}f\\g"h<i'
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzZWNyZXQifQ.c2lnbmF0dXJl"


def written(message: object, *args: object, **more: object) -> str:
    """What the portal's handler writes for a record."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(logs.Redact())
    handler.setFormatter(logs.Line())
    logger = logging.Logger("somebody.else")
    logger.addHandler(handler)
    logger.error(message, *args, **more)
    line = stream.getvalue()
    assert line.endswith("\n")
    assert line.count("\n") == 1
    assert json.loads(line)["logger"] == "somebody.else"
    return line


LINKS = [
    f"Not Found: /p/{ID}/{CODE}/",
    f"GET /%70/{ID}/{CODE} HTTP/1.1",
    f"/P/{ID.replace('-', '').upper()}/{CODE}",
    f"/p/{ID.replace('3', '%33')}/{CODE}/",
    f"https://portal.example/p/{ID}/#{CODE}",
    f"Referer: https://portal.example/p/{ID}/{CODE}/?x=1",
    f"next=%2Fp%2F{ID}%2F{CODE}%2F",
    f"next=%252fp%252f{ID}%252f{CODE}",
    f"<ASGIRequest: GET '/p/{ID}/{CODE}/'>",
    f"//p/{ID}/{CODE}",
]


@pytest.mark.parametrize("text", LINKS)
def test_no_line_holds_the_secret_of_a_link(text):
    assert CODE not in written(text)
    assert CODE not in written("%s and %r", text, text)
    assert CODE not in written("x", extra={"headers": {"referer": text}})
    assert ID[:4] in written(text) or "%33" in text or ID[:4].upper() in written(text)


NAMED = [
    json.dumps({"passphrase": PASSPHRASE, "status": "ACTIVE"}),
    json.dumps(json.dumps({"hashedSecret": PASSPHRASE})),
    json.dumps(json.dumps(json.dumps({"guestSecret": PASSPHRASE}))),
    repr({"secret": PASSPHRASE}),
    repr(json.dumps({"passphrase": PASSPHRASE}).encode()),
    repr({"passphrase": PASSPHRASE.encode()}),
    f"UnitUser(passphrase={PASSPHRASE!r}, type='UNIT')",
    f"passphrase={PASSPHRASE}",
    f"passphrase: {PASSPHRASE}",
    f"PASSPHRASE = {PASSPHRASE}",
    f"secret={quote(PASSPHRASE)}&home=1",
    f"access code: {PASSPHRASE}",
]


@pytest.mark.parametrize("text", NAMED)
def test_no_line_holds_a_value_that_is_named_a_secret(text):
    for line in (written(text), written("%s", text), written("x", extra={"body": text})):
        for part in ("a b", "b;c", "c,d", "d&e", "e}f", "h<i", "g%22h", "%20b"):
            assert part not in line, line


CREDENTIALS = [
    f"Authorization: Bearer {TOKEN}",
    f"(b'authorization', b'Bearer {TOKEN}')",
    f"{{'token': '{TOKEN}', 'unitGuid': 'x'}}",
    f"cannot use {TOKEN}",
    f"token={TOKEN}",
    f"Cookie: __Host-session={CODE}; __Host-csrf={CODE}",
    f"[('set-cookie', 'session={CODE}; Path=/')]",
    f"csrfmiddlewaretoken={CODE}&secret={CODE}",
    f"X-CSRFToken: {CODE}",
    f"Authorization: Basic {CODE}",
]


@pytest.mark.parametrize("text", CREDENTIALS)
def test_no_line_holds_a_credential(text):
    line = written(text)
    assert CODE not in line
    for part in TOKEN.split("."):
        assert part not in line


@pytest.mark.parametrize(
    "text",
    [
        f"Not Found: /staff/welcome/{CODE}/",
        f"https://staff.example/staff/welcome/{CODE}",
        f"next=%2Fstaff%2Fwelcome%2F{CODE}%2F",
        f"otpauth://totp/Portal:dana?secret={CODE}&issuer=Portal",
    ],
)
def test_no_line_lets_anybody_set_up_a_sign_in_of_staff(text):
    assert CODE not in written(text)


def test_no_traceback_holds_a_secret():
    try:
        raise ValueError(f"bad path /p/{ID}/{CODE}/ with passphrase={PASSPHRASE!r}")
    except ValueError:
        line = written("failed", exc_info=True)
    assert "ValueError" in line
    assert CODE not in line
    assert "b;c" not in line


def test_a_line_that_can_not_be_put_together_is_written_all_the_same():
    assert CODE not in written("%d /p/%s", f"/p/{ID}/{CODE}", 1)


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=8, max_size=63))
def test_no_passphrase_survives_however_it_is_written(passphrase):
    user = {"status": "ACTIVE", "passphrase": passphrase, "type": "UNIT"}
    body = json.dumps(user)
    for text in (body, repr(user), repr(body), json.dumps(body), f"passphrase={passphrase}"):
        kept = logs.redacted(text)
        assert kept.endswith("[redacted]"), kept
        assert re.fullmatch(r"\W*(status\W+ACTIVE\W+)?passphrase\W{1,8}\[redacted\]", kept), kept


@pytest.mark.parametrize(
    "unit",
    [
        "eyJaaaaaaaa-",
        "eyJaaaaaaaa.",
        "/p/",
        "/p/a/",
        "/p/%70",
        "%2f",
        "%25",
        "/p/" + "a" * 192,
        "bearer ",
        "bearer" + " " * 500,
        "secret",
        "secret" + " " * 500,
        'secret:"\\',
        "secret:\\'",
        'secret=\\"',
        "secret='\\\\",
        "token=",
        "\\",
        '"',
    ],
)
def test_no_text_takes_long_to_redact(unit):
    # What took the square of its length took twelve seconds for 64 kB.
    text = unit * (1_000_000 // len(unit))
    began = time.process_time()
    assert len(logs.redacted(text)) < 100_000
    assert time.process_time() - began < 3


def test_what_is_no_secret_is_still_there():
    line = written(
        "RUCKUS One: %s failed: %s", "getUnitUser", "status 502", extra={"ms": 7, "status": 502}
    )
    assert json.loads(line)["message"] == "RUCKUS One: getUnitUser failed: status 502"
    assert json.loads(line)["ms"] == 7
    assert "/p/" + ID in written(f"GET /p/{ID}/ 200")
