"""The audit log: filtered, paged, downloaded, and of a manager's properties alone."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from common.models import Session
from staff import audit
from staff.audit import What
from staff.models import AuditEntry, Home, Property
from staff.views import audit as views
from tests.residents.browser import View
from tests.staff.views.test_people import a_property


def home_of(place: Property, number: int) -> Home:
    return Home(property=place, unit_id=f"unit-{number}", name=f"{number}", mark="", sort_key="")


async def fill() -> tuple[Property, Property]:
    """Two properties, in each of which something was done by somebody."""
    harbor, lake = await a_property("Harbor Line"), await a_property("Lake View")
    dana = await User.objects.acreate_user("dana@example.com", first_name="Dana")
    erik = await User.objects.acreate_user("erik@example.com", first_name="Erik")
    await audit.note(None, What.PERSON_ADDED, detail="dana@example.com, owner")
    await audit.note(dana, What.LINK_COPIED, property=harbor, home=home_of(harbor, 12))
    await audit.note(erik, What.LINK_TESTED, property=harbor, home=home_of(harbor, 112))
    await audit.note_all(erik, What.LETTER_PRINTED, lake, [home_of(lake, 7)], detail="English")
    return harbor, lake


def rows(view: View) -> list[str]:
    return [row.words for row in view.root.all("li", class_="row")]


def shown(view: View) -> list[str]:
    return [row.one("strong").words for row in view.root.all("li", class_="row")]


async def test_the_latest_comes_first(staff):
    browser = await staff()
    await fill()
    page = await browser.get("/staff/audit/")
    assert shown(page) == [
        "Letter printed: 7",
        "Link tested: 112",
        "Link copied: 12",
        "Person added",
    ]
    assert rows(page)[0].startswith("Letter printed: 7 Erik · Lake View · ")
    assert rows(page)[0].endswith("UTC English")
    assert rows(page)[-1].startswith("Person added At the server · ")


async def test_an_empty_log_says_so(staff):
    browser = await staff()
    assert "Nothing was done yet." in (await browser.get("/staff/audit/")).words


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("property={harbor}", ["Link tested: 112", "Link copied: 12"]),
        ("property={dashed}", ["Link tested: 112", "Link copied: 12"]),
        ("what=link+tested", ["Link tested: 112"]),
        ("home=12", ["Link copied: 12"]),
        ("home=unit-12", ["Link copied: 12"]),
        ("person=ERI", ["Letter printed: 7", "Link tested: 112"]),
        ("person=dana&home=12&property={harbor}&what=link+copied", ["Link copied: 12"]),
        ("person=nobody", []),
        ("since={today}&until={today}&home=7", ["Letter printed: 7"]),
        ("until={yesterday}", []),
        ("since={tomorrow}", []),
    ],
)
async def test_what_is_looked_for_is_found_on_the_page_and_in_the_file(staff, query, found):
    browser = await staff()
    harbor, _ = await fill()
    today = timezone.localdate()
    query = query.format(
        harbor=harbor.pk,
        dashed=f"{harbor.pk[:8]}-{harbor.pk[8:]}".upper(),
        today=today,
        yesterday=today - timedelta(days=1),
        tomorrow=today + timedelta(days=1),
    )
    page = await browser.get(f"/staff/audit/?{query}")
    assert shown(page) == found
    if not found:
        assert "Nothing like that was done." in page.words
        return
    file = await table(browser, page.link("Download CSV"))
    done = [f"{row[2]}: {row[4]}" for row in file[1:] if row[2] != "Audit log downloaded"]
    assert done == found


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("property=" + "0" * 32, "Choose one of your properties"),
        ("what=nothing", "Choose what was done"),
        ("since=yesterday", "Enter a date like 2026-03-31"),
    ],
)
async def test_what_can_not_be_looked_for_is_said(staff, query, said):
    browser = await staff()
    await fill()
    for path in ("/staff/audit/", "/staff/audit/csv/"):
        view = await browser.get(f"{path}?{query}")
        assert (view.status, view.errors, rows(view)) == (422, [said], [])
        assert "Change the filter to see entries." in view.words


async def test_a_manager_sees_what_was_done_in_their_properties(staff):
    harbor, lake = await fill()
    browser = await staff("manager", harbor)
    for path in ("/staff/audit/", f"/staff/audit/?property={harbor.pk}"):
        assert shown(await browser.get(path)) == ["Link tested: 112", "Link copied: 12"]
    assert len(await table(browser, "/staff/audit/csv/")) == 3
    for path in ("/staff/audit/", "/staff/audit/csv/"):
        view = await browser.get(f"{path}?property={lake.pk}")
        assert (view.status, view.errors) == (422, ["Choose one of your properties"])
        assert "Lake View" not in view.text


async def test_a_manager_without_properties_sees_nothing(staff):
    await fill()
    browser = await staff("manager")
    assert rows(await browser.get("/staff/audit/")) == []
    assert len(await table(browser, "/staff/audit/csv/")) == 1


async def test_fifty_are_on_a_page(staff):
    browser = await staff()
    for number in range(101):
        await audit.note(None, What.HOMES_READ, detail=f"{number}")
    page = await browser.get("/staff/audit/?what=homes+read")
    assert len(rows(page)) == 50
    page = await browser.get("/staff/audit/" + page.link("Older entries"))
    assert len(rows(page)) == 50
    page = await browser.get("/staff/audit/" + page.link("Older entries"))
    assert (len(rows(page)), "Older entries" in page.words) == (1, False)
    page = await browser.get("/staff/audit/" + page.link("Newer entries"))
    assert rows(page)[0].endswith(" 50")
    for odd in ("0", "-1", "x", "²", "9" * 20):
        assert rows(await browser.get(f"/staff/audit/?page={odd}"))[0].endswith(" 100")


async def table(browser, path: str) -> list[list[str]]:
    view = await browser.get(path, **{"Accept-Encoding": "gzip"})
    assert view.status == 200
    assert "Content-Encoding" not in view.headers
    assert view.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(view.content.decode("utf-8-sig"))))


async def test_the_file_has_all_and_that_is_noted(staff, monkeypatch):
    monkeypatch.setattr(views, "CHUNK", 2)
    browser = await staff()
    await fill()
    view = await browser.get("/staff/audit/csv/")
    day = timezone.localdate()
    name = f'attachment; filename="audit-log-{day}.csv"'
    assert view.headers["Content-Disposition"] == name
    assert view.content.startswith(b"\xef\xbb\xbfTime,Person,What,Property,Home,Details\r\n")
    file = await table(browser, "/staff/audit/csv/")
    # What is noted is in it: this download and the one before.
    assert [row[2] for row in file[1:]] == [
        "Audit log downloaded",
        "Audit log downloaded",
        "Letter printed",
        "Link tested",
        "Link copied",
        "Person added",
    ]
    moment = datetime.fromisoformat(file[1][0])
    assert abs(moment - datetime.now(UTC)) < timedelta(minutes=1)


async def test_no_cell_is_a_formula(staff):
    browser = await staff()
    place = await a_property("=HYPERLINK(1)")
    home = Home(property=place, unit_id="1", name="@SUM(1)", mark="", sort_key="")
    await audit.note(None, What.LINK_COPIED, property=place, home=home, detail="-1+1")
    (row,) = (await table(browser, f"/staff/audit/csv/?property={place.pk}&home=%40SUM(1)"))[1:]
    assert row[3:] == ["'=HYPERLINK(1)", "'@SUM(1)", "'-1+1"]


async def test_a_word_that_is_not_known_any_more_is_shown_as_it_is(staff):
    browser = await staff()
    await AuditEntry.objects.acreate(what="something else", who="Dana")
    assert shown(await browser.get("/staff/audit/")) == ["something else"]


def test_everything_that_can_be_done_has_an_icon():
    assert views.ICONS.keys() == set(What)


async def test_a_sign_in_sweeps_what_is_too_old(staff, settings):
    for days in (399, 401):
        entry = await AuditEntry.objects.acreate(what=What.SIGNED_IN, who=f"{days}")
        entry.at = timezone.now() - timedelta(days=days)
        await entry.asave()
    await staff()
    assert [entry.who async for entry in AuditEntry.objects.all()] == ["399"]
    assert await Session.objects.acount() == 1
