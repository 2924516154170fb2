"""Failed calls in plain words."""

from urllib.parse import urlsplit

from ruckus.errors import ApiError

_SAID = {
    "dns": "name not found",
    "tls": "certificate not trusted",
    "refused": "connection refused",
    "timeout": "no answer in time",
    "deadline": "no answer in time",
    "reset": "connection broken off",
    "protocol": "an answer that is not the API's",
    "body": "an answer that is not the API's",
    "status 400": "code not accepted (400)",
    "status 401": "code not accepted (401)",
    "status 403": "not allowed (403)",
    "status 404": "property not known (404)",
}
_ADVICE = {
    "dns": "Check the address, and that this machine can look up names (DNS).",
    "tls": "Check this machine's clock. If a firewall here inspects HTTPS, set SSL_CERT_FILE to a file with its certificate.",
    "refused": "Check the address, and that a firewall lets this machine connect to it.",
    "timeout": "Check that a firewall lets this machine connect to it. Then try again in a few minutes.",
    "reset": "Try again in a few minutes. If it stays so, look for a firewall or proxy in between.",
    "protocol": "Check the address: this looks like another server's.",
}


def said(error: ApiError) -> str:
    """Return what went wrong, in a few words."""
    return _SAID.get(error.reason) or f"a problem of its own ({error.reason})"


def advice_on(error: ApiError) -> str:
    """Return what an operator can do, or "" where all depends on the vendor."""
    return _ADVICE.get(error.reason, "")


def host_of(address: str) -> str:
    """Return the host of an address, without a user name or password that it may hold."""
    return urlsplit(address).netloc.rpartition("@")[2]
