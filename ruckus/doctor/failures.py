"""Failed calls in plain words."""

from urllib.parse import urlsplit

from ruckus.errors import ApiError
from ruckus.words import NOTHING, Words, say

_BROKEN = say("an answer that is not the API's")
_LATE = say("no answer in time")
_SAID = {
    # Translators: What went wrong, after a colon: "api.eu.ruckus.cloud: name not found."
    "dns": say("name not found"),
    "tls": say("certificate not trusted"),
    "refused": say("connection refused"),
    "timeout": _LATE,
    "deadline": _LATE,
    "reset": say("connection broken off"),
    "protocol": _BROKEN,
    "body": _BROKEN,
    "status 400": say("code not accepted ({status})", status=400),
    "status 401": say("code not accepted ({status})", status=401),
    "status 403": say("not allowed (403)"),
    "status 404": say("property not known (404)"),
}
_ADVICE = {
    "dns": say("Check the address, and that this machine can look up names (DNS)."),
    "tls": say(
        "Check this machine's clock. If a firewall here inspects HTTPS, set SSL_CERT_FILE to a file with its certificate."
    ),
    "refused": say("Check the address, and that a firewall lets this machine connect to it."),
    "timeout": say(
        "Check that a firewall lets this machine connect to it. Then try again in a few minutes."
    ),
    "reset": say(
        "Try again in a few minutes. If it stays so, look for a firewall or proxy in between."
    ),
    "protocol": say("Check the address: this looks like another server's."),
}


def said(error: ApiError) -> Words:
    """Return what went wrong, in a few words."""
    # Translators: After a colon, too; {reason} is technical and in English, such as status 502.
    return _SAID.get(error.reason) or say("a problem of its own ({reason})", reason=error.reason)


def advice_on(error: ApiError) -> Words:
    """Return what an operator can do, or nothing where all depends on the vendor."""
    return _ADVICE.get(error.reason, NOTHING)


def host_of(address: str) -> str:
    """Return the host of an address, without a user name or password that it may hold."""
    return urlsplit(address).netloc.rpartition("@")[2]
