"""Cookies: the portal reads its own alone, and nothing that a neighboring host dressed up as one.

A sibling host can set a cookie for the whole domain under any name but the `__Host-` ones, which a
browser keeps for the host itself. Django strips white space from names, bytes such as 0xA0
included, and lets the last of several cookies of a name win: either turns a name that a browser
lets pass into one of ours.
"""

import re
from collections import Counter

Headers = list[tuple[bytes, bytes]]

# A token (RFC 9110), and printable ASCII. Browsers put one space between two cookies; of any other
# white space a name begins or ends with, nothing is stripped here, and so it is no name.
COOKIE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+)=[ -~]*")


def clean(headers: Headers) -> Headers:
    """Return the headers with one Cookie line at the most, of plain cookies that were sent once.

    Of two cookies of one name nobody can tell which is ours: both are dropped.
    """
    lines = [value for name, value in headers if name == b"cookie"]
    if not lines:
        return headers
    chunks = (chunk.removeprefix(b" ") for line in lines for chunk in line.split(b";"))
    found = [match for match in map(COOKIE.fullmatch, chunks) if match]
    times = Counter(match[1] for match in found)
    once = b"; ".join(match[0] for match in found if times[match[1]] == 1)
    others = [header for header in headers if header[0] != b"cookie"]
    return [*others, (b"cookie", once)] if once else others
