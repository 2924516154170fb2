"""How many connections of each kind there may be under a limit of open files."""

import resource

import pytest

from common.file_limit import Shares, shares


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (128, Shares(clients=24, reads=32, writes=8, redis=16)),
        (1024, Shares(clients=288, reads=384, writes=96, redis=64)),
        (resource.RLIM_INFINITY, Shares(clients=18432, reads=24576, writes=6144, redis=64)),
    ],
)
def test_connections_leave_files_for_everything_else(files, expected, monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (files, files))
    assert shares() == expected
