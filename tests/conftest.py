"""What all tests share."""

import inspect
import os
from typing import Any

import pytest
from asgiref.sync import async_to_sync
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
