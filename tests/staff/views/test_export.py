"""The CSV for a mail merge."""

import csv
import io
from urllib.parse import unquote, urlsplit

from staff.models import AuditEntry, Home
from tests.residents import html
from tests.staff.views.selecting import ask


async def download(browser, page) -> list[list[str]]:
    form = page.form("Download CSV")
    # A browser that takes compressed answers gets this one as it is: it comes bit by bit.
    zipped = {"Accept-Encoding": "gzip"}
    response = await browser.client.post(form.attrs["action"], html.values(form), headers=zipped)
    assert "Content-Encoding" not in response.headers
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "no-store" in response.headers["Cache-Control"]
    assert "attachment" in response.headers["Content-Disposition"]
    body = b"".join([part async for part in response.streaming_content])
    assert body.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))


async def test_an_owner_gets_a_row_a_home(staff, building):
    browser = await staff()
    building.unit("103").contact.name = '=HYPERLINK("https://evil.example")'
    page = await ask(browser, building, "csv", "101", "102", "103")
    assert page.heading == "Download links"
    assert "The file opens 3 homes" in page.words
    rows = await download(browser, page)
    assert rows[0] == ["Home", "Name", "Email address", "Phone number", "Link", "State"]
    assert [row[0] for row in rows[1:]] == ["101", "102", "103"]
    assert rows[1][4:] == ["", "No link"]
    assert rows[2][1:4] == ["Resident 102 Sample", "home102@example.com", "'+12025550156"]
    assert unquote(urlsplit(rows[2][4]).fragment) == building.unit("102").access_code
    assert rows[3][1] == '\'=HYPERLINK("https://evil.example")'
    assert await AuditEntry.objects.filter(what="link exported").acount() == 2
    assert await Home.objects.filter(handed_out_how="csv").acount() == 2


async def test_what_can_not_be_read_any_more_is_named(staff, building):
    browser = await staff()
    page = await ask(browser, building, "csv", "102", "103", "104")
    del building.sandbox.state.units[building.unit("102").guid]
    building.sandbox.fault(operation="residentLogin", status=503)
    rows = await download(browser, page)
    assert [row[5] for row in rows[1:]] == [
        "No link",
        "Not read: RUCKUS One didn’t answer",
        "Not read: RUCKUS One didn’t answer",
    ]


async def test_managers_get_no_file(staff, building):
    browser = await staff("manager", building.property)
    assert (await ask(browser, building, "csv", "102")).status == 404
    page = await ask(browser, building, "letters", "102")
    data = html.values(page.form("Make 1 letter"))
    answer = await browser.send("POST", f"/staff/p/{building.property.id}/links.csv", data)
    assert answer.status == 404


async def test_the_password_is_asked_for_again(staff, building):
    browser = await staff(typed=False)
    page = await ask(browser, building, "csv", "102")
    asked = await browser.press(page, "Download CSV")
    assert asked.root.one("input", name="password_again")
    assert building.unit("102").access_code not in unquote(asked.text)
    assert not await AuditEntry.objects.filter(what="link exported").aexists()
