"""No sentence of staff's pages, letters and messages is in English in every language.

Every page is opened in the pseudo-language, and every form of it is sent: as it stands, and with
what can't be right in each field. The page that answers is read as well, and its forms are sent too.
"""

import re
from collections.abc import Iterator
from urllib.parse import unquote

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from staff.links import messages
from staff.links.reading import StaffLink
from staff.models import Home
from tests import pseudo
from tests.residents import html
from tests.residents.browser import View
from tests.staff.browser import StaffBrowser
from tests.staff.conftest import PASSWORD
from tests.staff.test_every_page import ALL, PROPERTY, UNIT
from tests.staff.views.selecting import ask

ATTRIBUTES = {"alt", "title", "aria-label", "placeholder"}
# Names, and what Django says of dates in the language whose catalog is made up.
SAME = [
    "letter",
    "https",
    "http",
    "wifi",
    "wi",
    "fi",
    "csv",
    "ruckus",
    "one",
    "mac",
    "utf",
    "api",
    "url",
    "qr",
    "ssid",
    "utc",
    "pdf",
    "europe",
    "america",
    "new",
    "york",
    "nun",
    "de",
    "je",
    "la",
    "horo",
    "horoj",
    "sekundo",
    "sekundoj",
    "minuto",
    "minutoj",
    "tago",
    "tagoj",
    "semajno",
    "monato",
    "jaro",
    "atm",
    "ptm",
    "januaro",
    "februaro",
    "marto",
    "aprilo",
    "majo",
    "junio",
    "julio",
    "septembro",
    "oktobro",
    "novembro",
    "decembro",
    "jan",
    "feb",
    "mar",
    "apr",
    "maj",
    "jun",
    "jul",
    "sep",
    "okt",
    "nov",
    "dec",
]
ADDRESS = re.compile(r"https?://\S+")
# What Django says of passwords; its own catalog for that language is not whole.
DJANGOS = re.compile("Tiu pasvorto|This password")


def words_of(root: html.Node) -> Iterator[str]:
    """What can be read on a page, but for what is marked as no sentence of ours."""
    ahead = [root]
    while ahead:
        node = ahead.pop()
        theirs = node.tag in ("script", "style", "code", "bdi") or "translate" in node.attrs
        if theirs or node.attrs.get("lang", pseudo.CODE) != pseudo.CODE:
            continue
        yield from (child for child in node.children if isinstance(child, str))
        yield from (
            value
            for name, value in node.attrs.items()
            if name in ATTRIBUTES or re.match(r"data-(?!hx|language|place|text)", name)
        )
        ahead += [child for child in node.children if isinstance(child, html.Node)]


def english(texts: Iterator[str], theirs: str) -> set[str]:
    """Words with letters that the pseudo-language has not, if they are nobody's own."""
    return {
        f"{word} (in {text.strip()[:60]!r})"
        for text in texts
        if not DJANGOS.match(text.strip())
        for word in re.findall(r"(?<![\w@./])[A-Za-z’]{2,}(?![\w@/])", ADDRESS.sub("", text))
        if re.search("[aceinosuyz]", word)
        and word.lower() not in SAME
        and word.lower() not in theirs
    }


class Reader:
    """Somebody who opens pages, sends all their forms, and reads what answers."""

    def __init__(self, browser: StaffBrowser, theirs: str) -> None:
        self.browser = browser
        browser.client.cookies[settings.LANGUAGE_COOKIE_NAME] = pseudo.CODE
        self.theirs = theirs
        self.left: dict[str, set[str]] = {}
        self.read_pages = 0

    def note(self, view: View) -> None:
        """Remember what of a page is English."""
        if not view.root.children:
            return
        self.read_pages += 1
        for page in view.root.all("html"):
            assert page.attrs["lang"] == pseudo.CODE, view.path
        if found := english(words_of(view.root), self.theirs):
            self.left.setdefault(view.path, set()).update(found)

    async def open(self, path: str) -> View:
        view = await self.browser.get(path)
        self.note(view)
        return view

    async def send(
        self, form: html.Node, at: str, button: html.Node, typed: dict[str, str]
    ) -> View:
        data = html.values(form) | typed
        if name := button.attrs.get("name"):
            data[name] = button.attrs.get("value", "")
        address = button.attrs.get("formaction") or form.attrs.get("action") or at
        view = await self.browser.send("POST", address, data)
        self.note(view)
        if view.status == 302:
            view = await self.open(view.location)
        return view

    async def forms(self, view: View, depth: int) -> None:
        """Send each form of a page, by each of its buttons, as it stands and with nonsense."""
        for form in view.root.all("form"):
            # Who signs out sees no more pages, and a choice of language sends nothing.
            if form.attrs.get("method") != "post" or "sign-out" in form.attrs.get("action", ""):
                continue
            names = [
                field.attrs["name"]
                for field in form.all("input", "textarea", name=True)
                if field.attrs.get("type", "text") not in ("hidden", "radio", "checkbox", "file")
            ]
            right = {"password": PASSWORD} if "password" in names else {}
            for typed in ({}, dict.fromkeys(names, "x"), right):
                for button in form.all("button"):
                    answer = await self.send(form, view.path, button, typed)
                    if depth and typed is right and answer.status != 302:
                        await self.forms(answer, depth - 1)


def own_words(building) -> str:
    """All that the vendor, the property and staff have named."""
    homes = [unit.number for unit in building.units]
    place, account = building.property, building.account
    people = "dana owner manager example com pseudo settings resident sample"
    return " ".join([place.name, account.name, people, *homes]).lower()


async def reader_of(staff, building) -> Reader:
    """An owner, in a property whose residents get everything in the pseudo-language."""
    building.property.language = pseudo.CODE
    await building.property.asave()
    return Reader(await staff(), own_words(building))


@pytest.mark.parametrize("name", ALL)
async def test_no_page_of_staff_has_english_in_it(
    staff,
    building,
    pseudo_language: str,
    name: str,
):
    reader = await reader_of(staff, building)
    path = ALL[name].replace(PROPERTY, building.property.id)
    path = path.replace(UNIT, building.unit("102").guid).replace("/7/", "/1/")
    view = await reader.open(path)
    while view.status == 302:
        view = await reader.open(view.location)
    await reader.forms(view, 0)
    # Some addresses are of forms alone, or of a file.
    assert reader.read_pages or view.status == 405 or name == "audit-csv"
    assert reader.left == {}


@pytest.mark.parametrize("do", ["letters", "cards", "csv", "email", "ruckus", "check", "show"])
async def test_nothing_that_is_done_with_homes_has_english_in_it(
    staff,
    building,
    pseudo_language: str,
    do: str,
):
    reader = await reader_of(staff, building)
    page = await ask(reader.browser, building, do, "101", "102", language=pseudo_language)
    reader.note(page)
    await reader.forms(page, 1)
    assert reader.read_pages
    assert reader.left == {}


async def test_what_is_wrong_with_a_file_is_said_without_english(
    staff,
    building,
    pseudo_language: str,
):
    reader = await reader_of(staff, building)
    path = f"/staff/p/{building.property.id}/from-file/"
    form = html.values((await reader.open(path)).root.one("form", enctype="multipart/form-data"))
    for content in (
        b"",
        b"PK\x03\x04",
        b"a,b",
        b"home,link\n" + b"1,2\n" * 5001,
        b"home,unit id,link\n102,,x\n102,,x\n,0,\n,,http://testserver/p/1/#abc\n999,,x\n",
    ):
        file = SimpleUploadedFile("file.csv", content, "text/csv")
        view = await reader.browser.send("POST", path, form | {"file": file})
        assert view.status == 422
        reader.note(view)
        await reader.forms(view, 1)
    assert reader.read_pages
    assert reader.left == {}


async def test_messages_are_without_english(
    building,
    pseudo_language: str,
):
    home = await building.home("102")
    link = StaffLink(home, Home.Link.READY, url="https://wifi.example.com/p/1/#2")
    message = messages.email(building.property, link, pseudo_language)
    page = html.parse(message.html)
    assert page.one("html").attrs["lang"] == pseudo_language
    sms = unquote(
        messages.sms(building.property, link, pseudo_language, "+1 202").partition("=")[2]
    )
    mail = unquote(messages.mailto(building.property, link, pseudo_language, "a@example.com"))
    written = iter((message.subject, message.text, *words_of(page), sms, mail.partition("?")[2]))
    theirs = own_words(building) + " subject body"
    assert english(written, theirs) == set()
