"""Static files, with each kind of answer that WhiteNoise's table is relied on for."""

import gzip
import json
import re
from pathlib import Path
from typing import Any

import brotli
import httpx
import pytest
from django.core.management import call_command
from django.test import override_settings

from portal.static import StaticFiles

MANIFEST = {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All static files as collectstatic leaves them."""
    folder = tmp_path_factory.mktemp("static")
    (folder.parent / "outside.txt").write_text("not for anybody")
    with override_settings(STATIC_ROOT=folder, STORAGES=MANIFEST):
        call_command("collectstatic", interactive=False, verbosity=0)
    return folder


@pytest.fixture(scope="module")
def hashed(root: Path) -> str:
    """The hashed address of the script."""
    names = json.loads((root / "staticfiles.json").read_text())["paths"]
    return f"/static/{names['portal.js']}"


@pytest.fixture
def ask(root: Path) -> Any:
    files = StaticFiles(root, "/static/")

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if not await files(scope, send):
            await send({"type": "http.response.start", "status": 404, "headers": []})
            await send({"type": "http.response.body", "body": b"left to Django"})

    async def ask(path: str, method: str = "GET", **headers: str) -> httpx.Response:
        transport = httpx.ASGITransport(application)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            request = client.build_request(method, path, headers={"Accept-Encoding": ""} | names)
            # The bytes on the wire, not what httpx would make of them.
            response = await client.send(request, stream=True)
            response._content = b"".join([chunk async for chunk in response.aiter_raw()])
            return response

    return ask


async def test_a_hashed_file_may_be_kept_for_ever(ask, hashed, root):
    assert re.fullmatch(r"/static/portal\.[0-9a-f]{12}\.js", hashed)
    answer = await ask(hashed)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "max-age=315360000, public, immutable"
    assert answer.headers["content-type"] == 'text/javascript; charset="utf-8"'
    assert answer.content == (root / "portal.js").read_bytes()


async def test_a_file_whose_name_can_change_its_content_is_not(ask):
    answer = await ask("/static/portal.js")
    assert answer.status_code == 200
    assert "immutable" not in answer.headers["cache-control"]


@pytest.mark.parametrize(
    ("accepted", "sent"), [("br, gzip", "br"), ("gzip", "gzip"), ("identity", None), ("", None)]
)
async def test_files_are_sent_as_small_as_the_browser_takes_them(ask, hashed, root, accepted, sent):
    answer = await ask(hashed, Accept_Encoding=accepted)
    assert answer.headers.get("content-encoding") == sent
    assert answer.headers["vary"] == "Accept-Encoding"
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[sent]
    assert unpack(answer.content) == (root / "portal.js").read_bytes()
    assert int(answer.headers["content-length"]) == len(answer.content)


async def test_headers_keep_a_file_what_it_is_and_on_this_site(ask, hashed):
    for path in (hashed, "/static/portal.css", "/static/icon.svg"):
        headers = (await ask(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "access-control-allow-origin" not in headers


async def test_a_file_that_the_browser_has_is_not_sent_again(ask, hashed):
    first = await ask(hashed)
    for name in ("etag", "last-modified"):
        header = {"etag": "If_None_Match", "last-modified": "If_Modified_Since"}[name]
        again = await ask(hashed, **{header: first.headers[name]})
        assert (again.status_code, again.content) == (304, b"")
    assert (await ask(hashed, If_None_Match='"another"')).status_code == 200


async def test_other_methods_are_refused_and_a_head_has_no_body(ask, hashed):
    assert (await ask(hashed, "POST")).status_code == 405
    assert (await ask(hashed, "DELETE")).status_code == 405
    head = await ask(hashed, "HEAD")
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) > 0


async def test_a_part_of_a_file_can_be_asked_for(ask, hashed, root):
    whole = (root / "portal.js").read_bytes()
    part = await ask(hashed, Range="bytes=10-19")
    assert (part.status_code, part.content) == (206, whole[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(whole)}"
    assert (await ask(hashed, Range=f"bytes={len(whole)}-")).status_code == 416
    assert (await ask(hashed, Range="nonsense")).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/static/",
        "/static/nothing.js",
        "/static/staticfiles.json",
        "/static/staticfiles.json.gz",
        "/static/../outside.txt",
        "/static/%2e%2e/outside.txt",
        "/static/..%2foutside.txt",
        "/static/.././../../../../etc/passwd",
        "/static//etc/passwd",
        "/static/portal.js/",
        "/static/portal.js%00",
        "/portal.js",
        "/outside.txt",
    ],
)
async def test_nothing_else_is_served(ask, path):
    answer = await ask(path)
    assert answer.status_code == 404
    assert answer.content == b"left to Django"


async def test_a_portal_without_collected_files_serves_none(tmp_path):
    files = StaticFiles(tmp_path / "nowhere", "/static/")
    assert await files({"path": "/static/portal.js", "headers": []}, None) is False


def test_the_files_that_pages_name_are_all_there(root):
    names = json.loads((root / "staticfiles.json").read_text())["paths"]
    templates = Path(__file__).resolve().parents[2] / "templates"
    named = {
        name
        for page in templates.rglob("*.html")
        for name in re.findall(r"{% static '([^']+)' %}", page.read_text())
    }
    assert {"portal.css", "portal.js", "django_htmx/htmx-2.min.js"} <= named
    assert named <= names.keys()
