"""What all tests share."""

import gc
import inspect
import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from coverage import Coverage
from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.dispatch import receiver
from django.utils.translation import trans_real
from hypothesis import settings as hypothesis_settings

from common import keys

# The same examples each time: whether a change is good must not hang on luck. `explore` looks for
# new ones.
hypothesis_settings.register_profile("steady", derandomize=True)
hypothesis_settings.register_profile("explore", deadline=None, max_examples=1000)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


@receiver(post_migrate)
def add_roles(sender: AppConfig, **_: Any) -> None:
    """Bring back what a migration has made, after a test that leaves every table empty."""
    if sender.label == "staff":
        from django.contrib.auth.models import Group  # the apps are loaded by now

        for name in ("owner", "manager"):
            Group.objects.get_or_create(name=name)


@pytest.fixture(autouse=True)
def keyed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an installation reads once from its database, for tests that have none."""
    monkeypatch.setattr(keys, "digest_secret", "only for tests")


@pytest.fixture(scope="session")
def pseudo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests import pseudo  # the settings are loaded by now

    folder = tmp_path_factory.mktemp("pseudo")
    pseudo.write(folder)
    return folder


@pytest.fixture
def pseudo_language(settings: Any, pseudo_folder: Path) -> Iterator[str]:
    """A language that nobody speaks, which has every sentence of the source (see tests/pseudo.py)."""
    settings.LANGUAGES = [*settings.LANGUAGES, ("eo", "Pseudo")]
    settings.LOCALE_PATHS = [pseudo_folder]
    trans_real._translations.clear()
    yield "eo"
    trans_real._translations.clear()


def pytest_collection_finish() -> None:
    """Keep the garbage collector from what stays until the end: it is looked through for nothing."""
    gc.collect()
    gc.freeze()


# These are about the sandbox, or ask of every page what other tests cover line by line. Counting
# their lines would more than double their time.
UNCOUNTED = (
    "tests/contract/",
    "tests/sandbox/",
    "tests/residents/test_fuzz.py",
    "tests/residents/test_pages.py::test_a_fault_is_told_in_plain_words",
    "tests/residents/test_pages.py::test_a_form_is_never_lost",
    "tests/residents/test_pages.py::test_a_form_of_another_home_changes_nothing",
    "tests/residents/test_pages.py::test_a_form_without_its_csrf_token_changes_nothing",
    "tests/residents/test_pages.py::test_a_token_that_has_ended_ends_the_session",
    "tests/residents/test_pages.py::test_other_methods_are_refused",
    "tests/residents/test_pages.py::test_the_page_lives_with_what_the_vendor_leaves_out",
    "tests/staff/test_every_page.py::test_a_manager_without_properties_reaches_nothing",
    "tests/staff/test_every_page.py::test_a_password_alone_opens_nothing",
    "tests/staff/test_every_page.py::test_a_residents_session_is_nothing_to_staff",
    "tests/staff/test_every_page.py::test_a_stranger_opens_nothing",
    "tests/staff/test_every_page.py::test_no_form_without_its_token_is_taken",
    "tests/staff/test_every_page.py::test_no_page_of_staff_is_kept_anywhere",
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
