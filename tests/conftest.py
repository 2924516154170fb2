"""What all tests share."""

import gc
import inspect
import os
from collections.abc import Generator
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from coverage import Coverage
from hypothesis import settings

from common import keys

# The same examples each time: whether a change is good must not hang on luck. `explore` looks for
# new ones.
settings.register_profile("steady", derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


@pytest.fixture(autouse=True)
def keyed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an installation reads once from its database, for tests that have none."""
    monkeypatch.setattr(keys, "digest_secret", "only for tests")


def pytest_collection_finish() -> None:
    """Keep the garbage collector from what stays until the end: it is looked through for nothing."""
    gc.collect()
    gc.freeze()


# These go once more through what the other tests cover line by line, or are about the sandbox.
# Counting their lines would more than double their time.
UNCOUNTED = (
    "tests/contract/",
    "tests/sandbox/",
    "tests/residents/test_fuzz.py",
    "tests/residents/test_pages.py",
    "tests/staff/test_every_page.py",
    "tests/staff/links/test_borders.py",
)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Count the lines that a test runs, if lines are counted, unless that would show nothing new."""
    counting = Coverage.current() if item.nodeid.startswith(UNCOUNTED) else None
    if counting is None:
        return (yield)
    counting.stop()
    try:
        return (yield)
    finally:
        counting.start()


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run coroutine tests where Django's database rollback works, with no plugin of their own."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    wanted: dict[str, Any] = {
        name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames
    }
    async_to_sync(pyfuncitem.obj)(**wanted)
    return True


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the fault matrix of the tests that have just run."""
    from tests.faults import report

    report.write(terminalreporter)
