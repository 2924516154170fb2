"""The Dockerfile builds an image, and the image serves (see image.py for what stands in for what)."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from .conftest import ROOT, free_port, wait_until
from .image import Stage, build, way_in

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        way_in() is None, reason="this user may not mount, not even in a namespace of their own"
    ),
]

# Megabytes of Python packages and of the portal. The base, python:3.13-slim, comes on top.
LARGEST_VENV, LARGEST_APP = 150, 8
# The environment that is served from has none; that of the base looks into it.
PIP = ("/usr/local/bin/python", "-m", "pip", "--python", "/venv/bin/python")


@pytest.fixture(scope="module")
def scratch() -> Iterator[Path]:
    """Return a folder that is gone afterwards: an image is large."""
    folder = tempfile.mkdtemp()
    yield Path(folder)
    way = way_in()
    assert way
    # What belongs to another of a user's ids is removed as it was made.
    subprocess.run([*way, "rm", "-rf", folder], check=True)


@pytest.fixture(scope="module")
def image(scratch: Path) -> Stage:
    """Return the image that the Dockerfile makes; each of its RUN lines has succeeded."""
    return build((ROOT / "Dockerfile").read_text(), ROOT, scratch / "image")


def said(stage: Stage, *words: str) -> str:
    """Return what a command in a stage prints."""
    return subprocess.check_output(stage.command(*words), env=stage.environment, text=True)


def test_the_image_has_all_that_the_portal_needs(image: Stage) -> None:
    assert "No broken requirements found" in said(image, *PIP, "check")
    assert image.inside("build/static/staticfiles.json").exists()
    compiled = {file.parts[-3] for file in image.inside("locale").rglob("*.mo")}
    assert len(compiled) == len(settings.LANGUAGES) - 1
    assert not list(image.inside(".").glob("locale/**/*.po"))
    # Its user could not write what Python makes of a module.
    packages = [file.parent for file in image.inside(".").glob("*/__init__.py")]
    modules = [module for package in packages for module in package.rglob("*.py")]
    assert image.inside("portal/asgi.py") in modules
    assert [
        module
        for module in modules
        if not list(module.parent.glob(f"__pycache__/{module.stem}.cpython-*.pyc"))
    ] == []


def test_nothing_in_the_image_but_var_is_the_user_s_own(image: Stage) -> None:
    owned = said(image, "find", "/app", "/venv", "-user", "portal")
    assert owned.split() == ["/app/var"]
    writable = said(image, "find", "/app", "/venv", "-writable", "-not", "-type", "l")
    assert writable.split() == ["/app/var"]


def size(stage: Stage, path: str) -> int:
    """Return the megabytes that a path of a stage takes."""
    return int(said(stage, "du", "-s", "--apparent-size", "--block-size=1000000", path).split()[0])


def test_the_image_is_small(image: Stage) -> None:
    # docs/operations.md lists the parts.
    assert size(image, "/venv") <= LARGEST_VENV
    assert size(image, "/app") <= LARGEST_APP


def test_the_image_migrates_serves_is_healthy_and_ends(image: Stage) -> None:
    image.environment |= {
        "BIND": "127.0.0.1",
        "PORT": str(free_port()),
        "SECRET_KEY": "only for tests, and no secret at all",
        "ALLOWED_HOSTS": "portal.example",
        "RUCKUS_API_URL": "http://127.0.0.1:9",
    }
    words = [*image.last("ENTRYPOINT").words(), *image.last("CMD").words()]
    health = image.last("HEALTHCHECK")
    health.text = health.text.partition("CMD ")[2]
    check = image.command(*health.words())
    with subprocess.Popen(
        image.command(*words),
        env=image.environment,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        try:

            def healthy() -> bool:
                assert server.poll() is None, server.stderr and server.stderr.read()
                done = subprocess.run(
                    check, env=image.environment, capture_output=True, check=False
                )
                return done.returncode == 0

            wait_until(healthy)
            assert image.inside("var/portal.sqlite3").stat().st_size
            # What `docker stop` signals is the first process inside.
            [first] = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
            os.kill(int(first), signal.SIGTERM)
            assert server.wait(90) == 0
        finally:
            server.kill()


# That the stand-in for a builder sees what a builder would --------------------------------------


def test_a_run_line_that_fails_fails_the_build(scratch: Path) -> None:
    with pytest.raises(AssertionError, match="RUN mkdir there"):
        build("FROM python:3\nRUN mkdir there\nRUN mkdir there", ROOT, scratch / "fails")


def test_run_lines_see_the_stage_alone_as_the_user_and_where_it_says(
    scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OURS", "1")
    text = f"""
FROM python:3 AS build
ENV ONE=1
WORKDIR /app
COPY scripts/start.py scripts/healthy.py scripts/
COPY scripts all
RUN test -f scripts/start.py && test -f all/healthy.py && test "$PWD$ONE" = /app1 \\
    && test "$(id -u)" = 0 \\
    && touch 'a file'
RUN test ! -e {ROOT} && test -z "$OURS" && python -c 'import ensurepip'

FROM python:3
# A comment
RUN useradd --uid 10001 other
COPY --from=build /app /there
USER other
RUN test "$(id -u)" = 10001 && test -f '/there/a file' && test ! -e /app && test -z "$ONE" \\
    && ! touch /there/more 2>/dev/null
"""
    stage = build(text, ROOT, scratch / "small")
    assert not stage.inside("/there/more").exists()
    assert stage.inside("/there/a file").exists()


def test_an_instruction_that_is_not_known_here_fails(scratch: Path) -> None:
    with pytest.raises(AssertionError, match="ADD"):
        build("FROM python:3\nADD x /x", ROOT, scratch / "add")
