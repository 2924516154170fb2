"""Log lines: JSON, one a line, with the id of the request, and without secrets.

No code of ours logs a secret. The filter is for what others might: a path with an access code in
it, a header, a passphrase in an error's text.
"""

import json
import logging
import re
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

request_id: ContextVar[str] = ContextVar("request_id", default="")

GONE = "[redacted]"
PATTERNS = (
    # Links, however their first letters are encoded.
    (
        re.compile(r"(?i)(/(?:p|%70)/(?:[A-Za-z0-9-]|%[0-9a-f]{2}){1,192}/)[^\s\"'<>]+"),
        rf"\1{GONE}",
    ),
    (re.compile(r"(?i)\b(bearer|basic)\s+[^\s\"',;]+"), rf"\1 {GONE}"),
    (
        re.compile(
            r"(?i)([\"']?(?:hashedsecret|passphrase|guestsecret|secret|token|cookie|set-cookie"
            r"|authorization|session|csrf)[\"']?\s*[:=]\s*)(\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|[^\s,;&}]+)"
        ),
        rf"\1{GONE}",
    ),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){1,2}"), GONE),
)
STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {
    "message",
    "asctime",
    "taskName",
}


def redacted(text: str) -> str:
    """Return the text without links' secrets, credentials, and named secret values."""
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
