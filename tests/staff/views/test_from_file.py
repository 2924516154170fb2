"""Links from a file: any table of them, checked row by row, and gone with the page."""

import codecs
import re
from urllib.parse import quote, unquote, urlsplit

import pytest
from django.conf import settings as project
from django.core.files.uploadedfile import SimpleUploadedFile

from staff.links.from_file import UNIT_IDS, column, home_names, link_names
from staff.models import AuditEntry, Home
from tests.residents import html
from tests.staff.codes import read_all
from tests.staff.views.selecting import ask


def at(building) -> str:
    return f"/staff/p/{building.property.id}/from-file/"


async def upload(browser, building, content: str | bytes, **more):
    data = content.encode() if isinstance(content, str) else content
    page = await browser.get(at(building))
    form = html.values(page.form("Check the file"))
    file = SimpleUploadedFile("wing.csv", data, "text/csv")
    return await browser.send("POST", at(building), form | {"file": file} | more)


def numbers(building) -> list[str]:
    """The homes for which RUCKUS One gives no link."""
    return [unit.number for unit in building.units if unit.guid in building.without_link]


def row(building, number: str) -> str:
    code = building.unit(number).access_code
    return f"https://residents.example.com/?auth={quote(quote(code, safe=''), safe='')}"


@pytest.mark.parametrize(
    ("header", "delimiter", "encode"),
    [
        ("Home,Link", ",", lambda text: text.encode()),
        ("Unit number;Access code", ";", lambda text: codecs.BOM_UTF8 + text.encode()),
        ("unit id\tLINK", "\t", lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le")),
        ("Home\tLink", "\t", lambda text: text.encode("utf-16-le")),
        ("Home\tLink", "\t", lambda text: text.encode("utf-16-be")),
        ("Home|url", "|", lambda text: text.encode("cp1252")),
        ("Home:Link", ":", lambda text: b"sep=:\r\n" + text.encode()),
    ],
)
async def test_any_table_of_homes_and_links_is_read(staff, building, header, delimiter, encode):
    browser = await staff()
    some = numbers(building)[:3]
    names = [building.unit(n).guid if "id" in header else f"Unit {n}" for n in some]
    lines = [f'{name}{delimiter}"{row(building, n)}"' for name, n in zip(names, some, strict=True)]
    page = await upload(browser, building, encode("\r\n".join([header, *lines, "", ""])))
    assert page.status == 200, page.words
    assert "3 homes are ready" in page.words
    assert await AuditEntry.objects.filter(what="link pasted").acount() == 3
    codes = [building.unit(n).access_code for n in some]
    letters = await browser.press(page, "Print letters")
    assert [unquote(urlsplit(text).fragment) for text in read_all(letters.text)] == codes
    cards = await browser.press(page, "Print door cards")
    assert len(read_all(cards.text)) == 3
    shown = await browser.press(page, "Show links")
    assert [unquote(urlsplit(each.words).fragment) for each in shown.root.all("code")] == codes
    assert await AuditEntry.objects.filter(what="link shown").acount() == 3
    assert await Home.objects.filter(handed_out_how="shown").acount() == 3


@pytest.mark.parametrize("code", [code for code, _ in project.LANGUAGES])
async def test_the_columns_of_our_own_tables_are_known_in_every_language(staff, building, code):
    browser = await staff()
    selection = await ask(browser, building, "csv", "102", "103")
    form = selection.form("Download CSV")
    response = await browser.client.post(
        form.attrs["action"], html.values(form), headers={"Accept-Language": code}
    )
    table = b"".join([part async for part in response.streaming_content])
    assert ("Home" in table.decode().partition("\n")[0]) == (code == "en")
    # Whatever language the page is in where it comes back.
    page = await upload(browser, building, table)
    assert "2 homes are ready." in page.words, page.words


@pytest.mark.parametrize("code", [code for code, _ in project.LANGUAGES])
async def test_the_names_of_columns_that_the_page_tells_are_known(staff, building, code):
    browser = await staff()
    page = await browser.get(at(building), **{"Accept-Language": code})
    told = re.findall(r"[“„«「]\s*([^“”»」]+?)\s*[”“»」]", page.root.one("p", id="file-hint").words)
    homes, ids, links, codes = told
    assert column([homes], home_names()) == column([links], link_names()) == 0
    assert column([ids], UNIT_IDS) == column([codes], link_names()) == 0


async def test_every_problem_is_named_by_row_and_column(staff, building):
    browser = await staff()
    one, two, three, four = numbers(building)[:4]
    foreign = f"http://testserver:8000/p/{'0' * 32}/#abc"
    page = await upload(
        browser,
        building,
        "\n".join(
            [
                "Home,Link",
                f"{one},{row(building, one)}",
                f"{two},",
                f"{one},{row(building, three)}",
                "Klingon,x",
                f",{row(building, four)}",
                f"{three},{row(building, one)}",
                f"{four},{foreign}",
                "",
                "only one cell",
            ]
        ),
    )
    assert page.status == 422
    assert page.title.startswith("Error: Links from a file")
    assert "1 of 8 rows are ready." in page.words
    table = page.section("7 rows to fix").one("tbody")
    assert [[cell.words for cell in line.all("td")] for line in table.all("tr")] == [
        ["3", "Link", "Empty. Enter a link or an access code."],
        ["4", "Home", f"Unit {one} is also in row 2."],
        ["5", "Home", "“Klingon” isn’t a home here."],
        ["6", "Home", "Empty. Enter the home."],
        ["7", "Link", "The same link is in row 2."],
        ["8", "Link", "There’s no access code of this property in it."],
        ["10", "Home", "“only one cell” isn’t a home here."],
        ["10", "Link", "Empty. Enter a link or an access code."],
    ]
    assert not page.root.all("section", aria_labelledby="ready-title")
    left = await browser.press(page, "Leave out 7 rows")
    assert "1 home is ready." in left.words
    letter = await browser.press(left, "Print letters")
    assert len(read_all(letter.text)) == 1


async def test_a_home_is_found_by_its_id_before_its_name(staff, building):
    browser = await staff()
    one = numbers(building)[0]
    await Home.objects.filter(name="102").aupdate(name="103")
    page = await upload(
        browser,
        building,
        f"unit id,home,link\n{building.unit(one).guid},{one},{row(building, one)}\n"
        f"{'0' * 32},102,{row(building, '102')}\n,103,{row(building, '103')}\n",
    )
    words = page.section("2 rows to fix").words
    assert "No home here has this id." in words
    assert "Several homes have this name." in words


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"PK\x03\x04 a workbook", "This is a workbook."),
        (b"\xd0\xcf\x11\xe0 an old one", "This is a workbook."),
        (b"", "The first row must name the columns"),
        (b"a,b\n1,2\n", "The first row must name the columns"),
        (b"home\n1\n", "The first row must name the columns"),
        (b"link\n1\n", "The first row must name the columns"),
        (b"home,link\n" + b"1,2\n" * 5001, "This file has too many rows."),
        (b"\xff\xfe\x00", "We can’t read this file."),
        (b"home,link\n" + b"x" * 140_000, "The first row must name"),
    ],
)
async def test_what_is_no_table_of_links_is_refused(staff, building, content, says):
    browser = await staff()
    page = await upload(browser, building, content or b" ")
    assert page.status == 422
    assert any(says in error for error in page.errors), page.errors


async def test_no_file_and_no_rows_are_said(staff, building):
    browser = await staff()
    page = await browser.press(await browser.get(at(building)), "Check the file")
    assert page.errors == ["Choose a file."]
    empty = await upload(browser, building, "home,link\n")
    assert (empty.status, "0 of 0 rows are ready." in empty.words) == (422, True)


async def test_a_link_that_is_refused_is_not_shown(staff, building):
    browser = await staff()
    one, two, three = numbers(building)[:3]
    page = await upload(
        browser, building, f"home,link\n{one},wrong\n{two},{row(building, three)}\n"
    )
    shown = await browser.press(page, "Show links")
    words = shown.section("Ready 2").words
    assert words.count("The Wi-Fi system refuses this link.") == 2
    letters = await browser.press(page, "Print letters")
    assert "There’s no link for 2 homes" in letters.words


@pytest.mark.parametrize("given", ["", "x", "[1]", "[[1, 2]]", '{"a": 1}', '[[1, [""]]]', "3"])
async def test_what_the_page_has_not_written_is_refused(staff, building, given):
    browser = await staff()
    form = html.values((await browser.get(at(building))).form("Check the file"))
    assert (await browser.send("POST", at(building), form | {"given": given})).status == 400


async def test_homes_of_another_property_are_none_here(staff, building):
    browser = await staff()
    form = html.values((await browser.get(at(building))).form("Check the file"))
    page = await browser.send("POST", at(building), form | {"given": '[[999999, ["abc"]]]'})
    assert not page.root.all("section", aria_labelledby="ready-title")
