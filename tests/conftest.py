"""What all tests share."""

import inspect
from typing import Any

import pytest
from asgiref.sync import async_to_sync


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
