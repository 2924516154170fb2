"""Every page and state by the Nu HTML checker: as it was sent, and as the script has left it."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from django.template.loader import render_to_string
from django.test import RequestFactory
from playwright.sync_api import Response

from tests.browser.modes import on_a_phone
from tests.browser.portal import ROOT, PortalProcess
from tests.browser.resident import Resident
from tests.browser.walks import WALKS
from tests.servers import SandboxProcess

CHECKER = ROOT / "build" / "tools" / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
NOTICES = ROOT / "templates" / "components" / "notice.html"


def sent(traffic: list[Response]) -> Iterator[str]:
    """Yield what was sent for the document that the browser shows, the latest first."""
    for answer in reversed(traffic):
        kind = answer.request.resource_type
        # A redirection has no body, and a browser forgets those of the documents before.
        if answer.headers.get("content-type", "").startswith("text/html") and (
            answer.status // 100 != 3
        ):
            yield answer.text() if kind == "document" else as_page(answer.text())
        if kind == "document":
            return


def as_page(fragment: str) -> str:
    """Return a fragment as it would stand in a page."""
    title = "" if "<title>" in fragment else "<title>Part of a page</title>"
    heading = "" if "<h1" in fragment else "<h1>Part of a page</h1>"
    return f'<!doctype html>\n<html lang="en"><meta charset="utf-8">{title}{heading}{fragment}'


def other_pages() -> Iterator[tuple[str, str]]:
    """Yield the pages for what no walk can bring about, under their names."""
    yield "500", render_to_string("500.html")
    notices = re.findall(r'if notice == "([\w-]+)"', NOTICES.read_text())
    assert len(notices) > 10
    for notice in [*notices, "bad-request"]:
        for request in (RequestFactory().get("/"), RequestFactory().post("/")):
            context = {"notice": notice, "minutes": 3, "request": request, "home": object()}
            yield notice, render_to_string("error.html", context)


def problems(pages: list[tuple[str, str]], folder: Path) -> list[str]:
    """Return all that the checker says of the pages, in one run: Java takes its time to start."""
    for number, (name, page) in enumerate(pages):
        (folder / f"{number:03} {re.sub('[^ a-z0-9]', '', name)}.html").write_text(page)
    done = subprocess.run(
        ["java", "-Xss4m", "-jar", CHECKER, "--stdout", "--format", "json", folder],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr
    return [
        f"{unquote(Path(found['url']).name)}, line {found.get('lastLine')}: {found['message']}"
        for found in json.loads(done.stdout)["messages"]
    ]


@on_a_phone
def test_the_nu_checker_finds_nothing_on_any_page(
    resident: Resident, sandbox: SandboxProcess, portal: PortalProcess, tmp_path: Path
) -> None:
    pages = list(other_pages())
    met = 0
    for walk in WALKS:
        sandbox.reset()
        portal.forget()
        resident.context.clear_cookies()
        for place in walk(resident, sandbox):
            resident.page.wait_for_load_state("load")
            pages += [(place, page) for page in sent(resident.traffic[met:])]
            if resident.script:
                pages.append((f"{place} at work", resident.page.content()))
            met = len(resident.traffic)
    assert problems(pages, tmp_path) == []


def test_the_nu_checker_is_heard(tmp_path: Path) -> None:
    pages = [("bad", as_page('<p id="a">One<p id="a">Two')), ("good", as_page("<p>Yes</p>"))]
    found = problems(pages, tmp_path)
    assert {line.partition(":")[0] for line in found} == {"000 bad.html, line 2"}
    assert any("Duplicate ID" in line for line in found)
