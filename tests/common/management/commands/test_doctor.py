"""The command: at its best, without settings, with a link, and what it never tells."""

import io
import json
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from functools import partial

import pytest
from django.core.management import CommandError, call_command

from common.doctor import vendor
from common.doctor.loading import load_settings
from common.doctor.report import Diagnosis
from common.management.commands import doctor
from common.management.commands.doctor import Command
from sandbox.links import vendor_link
from tests.portal.conftest import ROOT
from tests.portal.test_settings import SAFE
from tests.ruckus.doctor.conftest import seeded
from tests.servers import SandboxProcess

HOME = seeded("full branding")
LINK = f"https://wifi.example.org/p/{HOME.property_id}/{HOME.secret}/"


@pytest.fixture(scope="module")
def process() -> Iterator[SandboxProcess]:
    with SandboxProcess() as it:
        yield it


@pytest.fixture
def sandbox(process, settings):
    """A sandbox on a socket, which is all that the settings name."""
    process.reset()
    settings.RUCKUS_API_URL, settings.RUCKUS_REGION = process.url, ""
    return process


def ask(*arguments, monkeypatch=None, text=""):
    """Return what the command prints, and its exit status."""
    if monkeypatch:
        monkeypatch.setattr("sys.stdin", io.StringIO(text))
    out = io.StringIO()
    try:
        call_command("doctor", *arguments, stdout=out)
    except SystemExit as end:
        return out.getvalue(), end.code
    return out.getvalue(), 0


@pytest.mark.django_db
def test_everything_is_looked_at_with_one_sign_in(sandbox, monkeypatch, capfd):
    printed, status = ask("-", monkeypatch=monkeypatch, text=LINK)

    # The tests' database is in memory.
    assert status == 1
    for section in ("This installation", "RUCKUS One", "The home behind the link"):
        assert section in printed.splitlines()
    assert "RUCKUS_TOKEN_STYLE=bearer" in printed
    assert "1 sign-in tried." in printed
    assert len(sandbox.calls("residentLogin")) == 1
    assert "updateUnitUser" not in [call["operation"] for call in sandbox.calls()]
    for secret in (HOME.secret, HOME.property_id, *sandbox.tokens()):
        assert secret not in printed
    assert capfd.readouterr() == ("", "")


@pytest.mark.django_db
def test_no_log_line_gets_between_and_the_log_goes_on_later(sandbox, monkeypatch, capfd):
    sandbox.switches(token_style="bare")
    ask("-", monkeypatch=monkeypatch, text=LINK)
    assert capfd.readouterr() == ("", "")
    assert logging.root.manager.disable == logging.NOTSET


@pytest.mark.django_db
def test_programs_get_json(sandbox):
    told, status = ask("--json")
    told = json.loads(told)
    assert told["status"] == status == 1
    assert {finding["section"] for finding in told["findings"]} == {
        "This installation",
        "RUCKUS One",
    }
    assert sandbox.calls("residentLogin") == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "text", "words"),
    [
        (["-"], "", "no access code"),
        (["-"], vendor_link(HOME), "Add --property"),
        (["-", "--property", "x"], LINK, "--property takes"),
        ([LINK], "", "invalid choice"),
    ],
)
def test_a_call_that_can_not_be_understood_ends_with_2(
    sandbox, monkeypatch, arguments, text, words
):
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    with pytest.raises(CommandError, match=words) as caught:
        call_command("doctor", *arguments)
    if arguments != [LINK]:
        assert caught.value.returncode == 2
    assert sandbox.calls() == []


@pytest.mark.django_db
def test_a_property_that_is_not_served_is_told(sandbox, settings, monkeypatch):
    settings.ALLOWED_PROPERTIES = frozenset(["0b5d1c9e-2f5c-4d0e-9a53-6a4f5c1f7a11"])
    printed, status = ask("-", monkeypatch=monkeypatch, text=LINK)
    assert "ALLOWED_PROPERTIES leaves out" in printed
    assert status == 1


@pytest.mark.django_db
def test_who_sits_at_a_terminal_is_told_what_to_do(sandbox, monkeypatch):
    here, there = os.openpty()
    os.write(here, f"{LINK}\n\x04".encode())
    errors = io.StringIO()
    with os.fdopen(there) as terminal:
        monkeypatch.setattr("sys.stdin", terminal)
        with pytest.raises(SystemExit):
            call_command("doctor", "-", stdout=io.StringIO(), stderr=errors)
    os.close(here)
    assert "Ctrl-D" in errors.getvalue()
    assert len(sandbox.calls("residentLogin")) == 1


def test_settings_that_can_not_be_loaded_leave_the_vendor_to_look_at(sandbox, monkeypatch):
    monkeypatch.setattr("django.apps.apps.ready", False)
    monkeypatch.setattr(doctor, "load_settings", partial(load_settings, _fails))
    monkeypatch.setenv("RUCKUS_API_URL", sandbox.url)
    monkeypatch.setattr("sys.stdin", io.StringIO(LINK))

    diagnosis = Command().diagnosis({"link": "-", "property": ""})

    [loading] = diagnosis.sections["This installation"]
    assert "can't be loaded" in loading.what
    assert diagnosis.sections["The home behind the link"]
    assert diagnosis.status == 1


def _fails() -> None:
    raise ValueError("no settings")


# As a process of its own


def in_project(text="", *arguments, **variables):
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", "doctor", *arguments],
        cwd=ROOT,
        env=kept | variables,
        input=text,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({}, "Set SECRET_KEY"),
        ({"SECRET_KEY": "hush" * 8}, "Set RUCKUS_REGION"),
        (SAFE | {"RUCKUS_DEADLINE": "hush"}, "RUCKUS_DEADLINE"),
        (SAFE | {"DATABASE_URL": "nonsense://portal:hush@db.example/x"}, "DATABASE_URL"),
        (SAFE | {"LOG_LEVEL": "hush"}, "LOG_LEVEL"),
    ],
)
def test_wrong_settings_are_a_sentence_and_no_traceback(process, variables, words):
    # Where a region is set, its address is this machine's.
    url = {"RUCKUS_API_URL": process.url} if "RUCKUS_REGION" in variables else {}
    done = in_project(**variables | url)
    assert done.returncode == 1
    assert done.stderr == ""
    assert words in done.stdout
    assert "hush" not in done.stdout
    assert "Traceback" not in done.stdout


def test_nothing_to_do_is_no_exit():
    class Well(Command):
        def diagnosis(self, options):
            return Diagnosis({}, {})

    out = io.StringIO()
    call_command(Well(), stdout=out)
    assert out.getvalue() == "Nothing to do.\n"


def test_the_command_is_listed_among_the_others(run):
    done = run("manage.py", "help", **SAFE)
    assert "doctor" in done.stdout.split()


def test_a_good_installation_ends_with_0_and_a_broken_vendor_with_2(tmp_path, process, run):
    process.reset()
    variables = SAFE | {
        "RUCKUS_API_URL": process.url,
        "DATABASE_URL": f"sqlite:///{tmp_path}/portal.sqlite3",
        "DJANGO_SETTINGS_MODULE": "tests.common.management.commands.collected",
        "STATIC_ROOT": str(tmp_path / "static"),
    }
    for command in (["migrate"], ["collectstatic", "--noinput"]):
        assert run("manage.py", *command, **variables).returncode == 0

    well = in_project(LINK, "-", **variables)
    assert (well.returncode, well.stderr) == (0, "")
    assert "Nothing to do" in well.stdout

    process.fault("status", status=503, count=1000, operation="residentFetchUnit")
    ill = in_project(LINK, "-", **variables)
    assert ill.returncode == 2
    assert "1 could not be checked" in ill.stdout

    wrong = in_project("", "-", **variables)
    assert wrong.returncode == 2
    assert wrong.stdout == ""
    assert len(wrong.stderr.splitlines()) == 1


def test_database_and_redis_that_say_nothing_end_after_some_seconds(process):
    process.reset()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        done = in_project(
            **SAFE
            | {
                "RUCKUS_API_URL": process.url,
                "DATABASE_URL": f"postgres://portal:hush@127.0.0.1:{port}/portal",
                "REDIS_URL": f"redis://127.0.0.1:{port}",
            }
        )
    assert done.returncode == 1
    assert done.stderr == ""
    assert "Database: It " in done.stdout
    assert "Redis: It does not answer" in done.stdout
    assert "answers within" in done.stdout


def test_the_times_of_all_calls_are_bounded_below_the_portal_s_patience():
    assert vendor.CONNECT_SECONDS < vendor.SECONDS <= 5
