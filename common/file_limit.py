"""Open files: how many a process may have, and what each kind of connection may take of them.

A process without a file to open can do nothing: it can't accept, call, read its database or load a
template. So connections are bounded below the limit, and who comes past the bound is told to wait.
"""

import resource
from typing import NamedTuple

# What is open anyway: database, Redis, logs, the listening sockets, files that are being read.
RESERVE = 64
MANY = 65_536
# Of what is open anyway. At a rush an answer of Redis waits for the event loop, and keeps its
# connection meanwhile: with few of them the line is long.
MOST_REDIS = 64


class Shares(NamedTuple):
    """Connections that there may be at the same time."""

    clients: int
    reads: int
    writes: int
    redis: int


def shares() -> Shares:
    """Return the shares under the limit of this process."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = MANY if soft < 0 else soft
    # Clients come a hundred at a time before the first of them can be told to wait.
    reserve = max(RESERVE, files // 4)
    free = files - reserve
    return Shares(
        clients=free * 3 // 8,
        reads=free // 2,
        writes=free // 8,
        redis=min(reserve // 4, MOST_REDIS),
    )
