"""Log lines: one line of JSON each, and no secret in any of them, however it is dressed up."""

import errno
import json
import logging
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from common.logs import Line, OncePerMinute, OnlyFaults, Redact, redacted, request_id

SECRET = "s3cr3t-q7Rk9x"
P = "3098b445-38af-5850-babe-972f4cae43e6"


def record(message: Any, *args: Any, exc_info: Any = None, **extra: Any) -> logging.LogRecord:
    made = logging.LogRecord("some.logger", logging.WARNING, "f.py", 1, message, args, exc_info)
    made.__dict__.update(extra)
    return made


def written(made: logging.LogRecord) -> str:
    """The line that reaches standard error."""
    assert Redact().filter(made)
    return Line().format(made)


ATTACKS = [
    f"/p/{P}/{SECRET}/",
    f"/p/{P}/{SECRET}",
    f"GET /p/{P}/{SECRET}/ HTTP/1.1",
    f"/%70/{P}/{SECRET}/",
    f"/P/{P.upper()}/{SECRET}/",
    f"/p/%33098b445%2d38af-5850-babe-972f4cae43e6/{SECRET}/",
    f"/p/{P}/a/b/{SECRET}?x={SECRET}",
    f"https://host/p/{P}/{SECRET}/#top",
    f"https://host/p/{P}/#{SECRET}",
    f"Referer: https://host/p/{P}/{SECRET}/",
    f"HX-Current-URL: https://host/p/{P}/x%2F{SECRET}/",
    f"Authorization: Bearer {SECRET}",
    f"authorization=bearer {SECRET}",
    f"BEARER   {SECRET}",
    f"Basic {SECRET}",
    f"{{'Authorization': 'Bearer {SECRET}'}}",
    f'{{"hashedSecret": "{SECRET}"}}',
    f'{{"hashedSecret":"a \\" quote {SECRET}"}}',
    f'{{"user": {{"passphrase": "{SECRET}", "name": "x"}}}}',
    f"passphrase={SECRET}&name=x",
    f"Passphrase : '{SECRET} and more {SECRET}'",
    f"guestSecret={SECRET};",
    f'"guestSecret": "{SECRET}"',
    f"token: {SECRET}",
    f"token={SECRET}",
    f"Cookie: session={SECRET}; csrf={SECRET}",
    f"cookie: a=b; session={SECRET}",
    f"Set-Cookie: __Host-session={SECRET}; Path=/",
    f"__Host-session={SECRET}",
    f"csrf={SECRET}",
    f"csrfmiddlewaretoken={SECRET}",
    f"secret={SECRET}",
    f"eyJhbGciOiJIUzI1NiJ9.eyJ{SECRET}.x{SECRET}",
    f"UnitUser(passphrase='{SECRET}')",
    f"?secret={SECRET}&x=1",
]


@pytest.mark.parametrize("text", ATTACKS)
def test_no_secret_is_written_wherever_it_stands(text):
    places = [
        record(text),
        record("it says %s", text),
        record("it says %(text)s", {"text": text}),
        record("request", detail=text),
        record("request", detail={"nested": [text]}),
        record(Exception(text)),
        record("wrong %d", text),
    ]
    for made in places:
        assert SECRET not in written(made)


def test_a_traceback_is_redacted_too():
    try:
        try:
            raise ValueError(f"passphrase={SECRET}")
        except ValueError as error:
            raise RuntimeError(f"/p/{P}/{SECRET}/") from error
    except RuntimeError:
        line = json.loads(written(record("it failed", exc_info=sys.exc_info())))
    assert SECRET not in str(line)
    assert "RuntimeError" in line["traceback"]
    assert "ValueError" in line["traceback"]
    # One that was formatted before comes as text.
    made = record("it failed", exc_info=(ValueError, ValueError("x"), None))
    made.exc_text = f"Traceback: token={SECRET}"
    assert SECRET not in written(made)


@pytest.mark.parametrize(
    "text",
    [
        "request",
        "RUCKUS One: residentFetchUnit failed: status 500",
        "/static/portal.css",
        "/p/",
        "breaker is open",
        "The session store is slow",
    ],
)
def test_ordinary_words_stay(text):
    assert redacted(text) == text


def out_of_files(kind=OSError):
    try:
        try:
            raise OSError(errno.EMFILE, "Too many open files")
        except OSError as error:
            if kind is OSError:
                raise
            raise kind("something else") from error
    except Exception:
        return sys.exc_info()


def test_a_limit_is_told_once_a_minute(monkeypatch):
    passes = OncePerMinute().filter
    limit = logging.makeLogRecord({"name": "portal.limits", "msg": "very many"})
    other = logging.makeLogRecord({"name": "ruckus.limits", "msg": "all in use"})
    assert [passes(made) for made in (limit, limit, other, other)] == [True, False, True, False]
    monkeypatch.setattr("common.logs.MINUTE", 0.0)
    assert passes(limit)


def test_a_want_of_files_is_told_once_a_minute_whatever_came_of_it():
    passes = OncePerMinute().filter
    accept = record("accept()\nsocket 3", exc_info=out_of_files())
    again = record("accept()\nsocket 4", exc_info=out_of_files())
    page = record("unhandled exception", exc_info=out_of_files(KeyError))
    assert [passes(made) for made in (accept, again, page, page)] == [True, False, True, False]


def test_everything_else_is_told_each_time():
    passes = OncePerMinute().filter
    assert all(passes(record("request")) for _ in range(3))


def raised(error: Exception, *, elsewhere: bool = False) -> Any:
    """What logging has of an error that was raised here."""
    try:
        if elsewhere:
            raise error
        raise error
    except Exception:
        return sys.exc_info()


def test_a_fault_of_each_request_is_told_once_a_minute_with_its_count(monkeypatch):
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr("common.logs.time", SimpleNamespace(monotonic=lambda: clock.now))
    passes = OncePerMinute().filter

    def fault() -> logging.LogRecord:
        return record("unhandled exception", exc_info=raised(ConnectionError("down")))

    first = fault()
    assert passes(first)
    assert "repeated" not in json.loads(written(first))
    assert not any(passes(fault()) for _ in range(300))
    clock.now += 61
    again = fault()
    assert passes(again)
    assert json.loads(written(again))["repeated"] == 300
    # What was told is not told again.
    clock.now += 61
    later = fault()
    assert passes(later)
    assert "repeated" not in json.loads(written(later))


def test_another_fault_is_news_within_the_minute():
    passes = OncePerMinute().filter
    faults = [
        raised(ValueError("x")),
        raised(KeyError("x")),
        raised(ValueError("x"), elsewhere=True),
        (ValueError, ValueError("x"), None),
    ]
    assert all(passes(record("unhandled exception", exc_info=fault)) for fault in faults)
    assert passes(record("another sentence", exc_info=faults[0]))
    assert not any(passes(record("unhandled exception", exc_info=fault)) for fault in faults)


def test_faults_without_number_are_not_all_remembered(monkeypatch):
    monkeypatch.setattr("common.logs.MOST_KINDS", 10)
    once = OncePerMinute()
    for number in range(100):
        assert once.filter(record(f"fault {number}", exc_info=raised(ValueError("x"))))
    assert len(once.said) == 10


@given(st.text(max_size=200))
@example("\u2028\n\r\x00\x85")
def test_any_record_is_one_line_of_json(text):
    line = written(record(text, detail=text, route=text))
    assert "\n" not in line
    assert "\r" not in line
    told = json.loads(line)
    assert told["level"] == "WARNING"
    assert told["logger"] == "some.logger"


def test_what_a_line_says():
    token = request_id.set("0123456789abcdef")
    try:
        told = json.loads(written(record("request", status=503, ms=1.5, route=None, ok=True)))
    finally:
        request_id.reset(token)
    assert told.pop("time").endswith("+00:00")
    assert told == {
        "level": "WARNING",
        "logger": "some.logger",
        "message": "request",
        "request": "0123456789abcdef",
        "status": 503,
        "ms": 1.5,
        "ok": True,
    }
    assert "request" not in json.loads(written(record("outside of a request")))


def test_django_s_own_lines_are_written_for_faults_alone_and_without_the_path():
    assert not OnlyFaults().filter(record("Not Found: %s", f"/p/{P}/{SECRET}/"))
    fault = record(
        "Internal Server Error: %s",
        f"/nothing/{SECRET}",
        exc_info=(ValueError, ValueError("x"), None),
        request=f"<ASGIRequest: GET '/nothing/{SECRET}'>",
    )
    assert OnlyFaults().filter(fault)
    assert SECRET not in written(fault)
    assert json.loads(Line().format(fault))["message"] == "unhandled exception"
