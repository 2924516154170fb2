"""`manage.py check --deploy` sees what keeps the portal from serving."""

import socket

import pytest
from django.core.checks import run_checks

from common.doctor.installation import TAG
from tests.common.doctor.test_installation import MANIFEST
from tests.portal.test_settings import SAFE


def told(**more):
    return {issue.id: str(issue.msg) for issue in run_checks(tags=[TAG], **more)}


def test_nothing_is_looked_at_unless_it_is_about_a_deployment():
    assert told() == {}


def test_a_file_of_properties_that_is_broken_is_always_seen(settings, tmp_path):
    settings.PROPERTIES_FILE = str(tmp_path / "none")
    assert told()["portal.E002"].startswith("PROPERTIES_FILE can't be read")


@pytest.mark.django_db
def test_database_redis_and_static_files_are_seen(settings, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.REDIS_URL = f"redis://127.0.0.1:{server.getsockname()[1]}"
    settings.STORAGES = MANIFEST
    settings.STATIC_ROOT = tmp_path
    issues = run_checks(tags=[TAG], include_deployment_checks=True)
    assert [str(issue.msg).partition(":")[0] for issue in issues] == [
        "Database",
        "Static files",
        "Redis",
    ]
    assert [issue.is_serious() for issue in issues] == [True, True, False]
    assert all(issue.hint for issue in issues)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlite:///{folder}/none.sqlite3", "Database: There is none yet."),
        ("postgres://portal:hush@127.0.0.1:{port}/portal", "Database: It can't be reached"),
    ],
)
def test_check_deploy_names_a_database_that_is_not_there(run, tmp_path, url, words):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    url = url.format(folder=tmp_path, port=port)
    done = run("manage.py", "check", "--deploy", **SAFE | {"DATABASE_URL": url})
    assert done.returncode == 1
    assert words in done.stderr
    assert "hush" not in done.stderr
    assert run("manage.py", "check", **SAFE | {"DATABASE_URL": url}).returncode == 0
