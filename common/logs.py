"""Log lines: JSON, one a line, with the id of the request, and without secrets.

No code of ours logs a secret. The filter is for what others might: a path with an access code in
it, a header, a passphrase in an error's text.
"""

import errno
import json
import logging
import math
import re
import time
from collections import OrderedDict
from collections.abc import Hashable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

request_id: ContextVar[str] = ContextVar("request_id", default="")

MINUTE = 60.0
# Kinds of faults remembered; past it the one told longest ago is forgotten.
MOST_KINDS = 1000
GONE = "[redacted]"
# Characters of a text that are written: none of the patterns takes long on so many.
MOST = 20_000
SLASH = "(?:/|%(?:25)*2f)"
# After these nothing of a line is kept: where such a value ends can't be told.
OPEN = "passphrase|secret|password|access.?code|encryption.?key|email|phone.?number"
ONE_WORD = "token|cookie|authorization|session|csrf"
PATTERNS = (
    # Links, however their first letters and their slashes are encoded.
    (
        re.compile(
            rf"(?i)({SLASH}(?:p|%70){SLASH}(?:[a-z0-9-]|%[0-9a-f]{{2}}){{1,192}}{SLASH})[^\s\"'<>]+"
        ),
        rf"\1{GONE}",
    ),
    # One-time links of staff, and what their authenticator apps read.
    (re.compile(rf"(?i)({SLASH}welcome{SLASH}|otpauth:)[^\s\"'<>]+"), rf"\1{GONE}"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[^\s\"',;]+"), rf"\1 {GONE}"),
    (re.compile(rf"(?i)((?:{OPEN})\w{{0,20}}\\*[\"']?\s*[:=]\s*+)[^\n]+"), rf"\1{GONE}"),
    (
        re.compile(
            rf"(?i)((?:{ONE_WORD})\w{{0,20}}\\*[\"']?\s*[:=]\s*+)"
            r"(?:b?\\*\"[^\"]*|b?\\*'[^']*|[^\s,;&}]+)"
        ),
        rf"\1{GONE}",
    ),
    # Tokens that tell what they are by their first letters.
    (re.compile(r"\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,2}"), GONE),
)
STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {
    "message",
    "asctime",
    "taskName",
}


def redacted(text: str) -> str:
    """Return the text without links' secrets, credentials, and named secret values."""
    text = text[:MOST]
    for pattern, instead in PATTERNS:
        text = pattern.sub(instead, text)
    return text


class Redact(logging.Filter):
    """Redact a record's message, its extra values and its traceback before anything writes it."""

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            message = record.getMessage()
        except Exception:  # noqa: BLE001  (a wrong format string must not lose the record)
            message = str(record.msg)
        record.msg, record.args = redacted(message), None
        for name, value in record.__dict__.items():
            if name not in STANDARD and not isinstance(value, (int, float, type(None))):
                record.__dict__[name] = redacted(str(value))
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = redacted(record.exc_text)
        record.exc_info = None
        return True


class OnlyFaults(logging.Filter):
    """Let through what has a traceback, without the path in its message."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = "unhandled exception", None
        # The request as an extra value would be written with its path.
        record.__dict__.pop("request", None)
        return bool(record.exc_info)


class OncePerMinute(logging.Filter):
    """Let a fault, or a limit that was reached, be told once a minute: at an outage each request has it.

    The next line says as `repeated` how many were left out since. What has no traceback and is of
    another logger than `*.limits` is told each time.
    """

    def __init__(self) -> None:
        super().__init__()
        # When a line of the kind was last written, and how many were not written since.
        self.said: OrderedDict[Hashable, tuple[float, int]] = OrderedDict()

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.exc_info and not record.name.endswith(".limits"):
            return True
        kind = kind_of(record)
        now = time.monotonic()
        at, left_out = self.said.get(kind, (-math.inf, 0))
        if now - at < MINUTE:
            self.said[kind] = at, left_out + 1
            return False
        if left_out:
            record.repeated = left_out
        self.said[kind] = now, 0
        self.said.move_to_end(kind)
        if len(self.said) > MOST_KINDS:
            self.said.popitem(last=False)
        return True


def kind_of(record: logging.LogRecord) -> Hashable:
    """Return what lines of the same fault have in common: who says what, and of which error."""
    what = str(record.msg).partition("\n")[0]
    error = record.exc_info[1] if record.exc_info else None
    if is_out_of_files(error):
        # It comes out anywhere, and in any guise.
        return record.name, what
    trace = error.__traceback__ if error else None
    while trace and trace.tb_next:
        trace = trace.tb_next
    # Another fault may raise the same error elsewhere, and is news.
    place = (trace.tb_frame.f_code.co_filename, trace.tb_lineno) if trace else None
    return record.name, what, type(error), place


def is_out_of_files(error: BaseException | None) -> bool:
    """Return whether the process could not open a file, which may be why another error was raised."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE):
            return True
        error = error.__cause__ or error.__context__
    return False


class Line(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id.get():
            line["request"] = request_id.get()
        for name, value in record.__dict__.items():
            if name not in STANDARD and value is not None:
                line[name] = value if isinstance(value, int | float) else str(value)
        if record.exc_text:
            line["traceback"] = record.exc_text
        return json.dumps(line, ensure_ascii=False)
