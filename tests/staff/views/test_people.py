"""People, for owners."""

import pytest
from django.contrib.auth.models import User

from staff.audit import What
from staff.door import people
from staff.models import AuditEntry, Job, Property, RuckusAccount
from tests.residents.browser import View
from tests.staff.conftest import PASSWORD, add_member

ERIK = "erik@example.com"


async def a_property(name: str = "Harbor Line") -> Property:
    account, _ = await RuckusAccount.objects.aget_or_create(
        name="RUCKUS", defaults={"region": "na", "tenant_id": "t", "encrypted": "e"}
    )
    bare = f"{name.encode().hex():0<32}"[:32]
    return await Property.objects.acreate(id=bare, account=account, venue_id=bare, name=name)


def names(view: View) -> list[str]:
    return [row.words for row in view.root.all("a", class_="row")]


async def test_everybody_is_listed(staff):
    browser = await staff()
    await add_member(ERIK, "manager", (await a_property(),))
    await people.add(None, "nina@example.com", "", "manager")
    await User.objects.acreate_user("nobody-of-staff")
    page = await browser.get("/staff/people/")
    assert len(names(page)) == 3
    rows = " / ".join(names(page))
    assert "EErik, erik@example.com · Manager of 1 property" in rows
    assert "nina@example.com, nina@example.com · Manager of 0 properties, Not set up" in rows
    assert "OOwner, owner@example.com · Owner" in rows


async def test_somebody_who_is_added_gets_a_link_once(staff):
    browser = await staff()
    page = await browser.get("/staff/people/")
    page = await browser.get(page.link("Add a person"))
    view = await browser.submit(
        page, "Add and make link", email="Nina@Example.com", name="Nina", role="manager"
    )
    assert (view.status, view.heading) == (200, "One-time link")
    link = view.root.one("code").words
    base, _, token = link.rstrip("/").rpartition("/")
    assert base.endswith("/staff/welcome")
    user = await people.invited(token)
    assert user is not None
    assert (user.username, user.first_name) == ("nina@example.com", "Nina")
    assert await user.groups.aget(name="manager")
    entry = await AuditEntry.objects.aget(what=What.PERSON_ADDED)
    assert (entry.who, entry.detail) == ("Owner", "nina@example.com, manager")
    page = await browser.get(view.link("Done"))
    assert "Not set up yet. Their link works until" in page.words
    assert token not in page.text


async def test_a_link_has_the_host_of_the_request_where_nothing_else_says_it(staff, settings):
    settings.PORTAL_URL = ""
    browser = await staff()
    page = await browser.get("/staff/people/add/")
    view = await browser.submit(page, "Add and make link", email=ERIK, name="Erik")
    assert view.root.one("code").words.startswith("http://testserver/staff/welcome/")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"email": ""}, "Enter an email address"),
        ({"email": "erik"}, "Enter an email address like name@example.com"),
        ({"email": f"{'e' * 150}@example.com"}, "Email address must be 150 characters or fewer"),
        ({"name": " "}, "Enter a name"),
        ({"name": "n" * 151}, "Name must be 150 characters or fewer"),
        ({"role": "king"}, "Choose a role"),
        ({"email": "owner@example.com"}, "Somebody with this email address is there already"),
    ],
)
async def test_what_is_wrong_is_said(staff, typed, said):
    browser = await staff()
    page = await browser.get("/staff/people/add/")
    view = await browser.submit(page, "Add and make link", **{"email": ERIK, "name": "E", **typed})
    assert view.status == 422
    assert said in view.errors
    assert await User.objects.acount() == 1


async def test_properties_are_given_and_taken_one_by_one(staff):
    browser = await staff()
    harbor, lake = await a_property("Harbor Line"), await a_property("Lake View")
    erik = await add_member(ERIK, "manager")
    page = await browser.get(f"/staff/people/{erik.pk}/")
    assert "None yet." in page.words
    page = await browser.follow(await browser.submit(page, "Give Lake View"))
    assert "Property given." in page.words
    assert [place async for place in erik.properties.all()] == [lake]
    page = await browser.follow(await browser.submit(page, "Give Harbor Line"))
    page = await browser.follow(await browser.submit(page, "Take away Lake View"))
    assert "Property taken away." in page.words
    assert [place async for place in erik.properties.all()] == [harbor]
    entries = AuditEntry.objects.order_by("pk").values_list("property_name", "detail")
    assert [entry async for entry in entries] == [
        ("Lake View", f"{ERIK}, property given"),
        ("Harbor Line", f"{ERIK}, property given"),
        ("Lake View", f"{ERIK}, property taken"),
    ]


async def test_what_is_not_there_can_be_neither_given_nor_shown(staff):
    browser = await staff()
    erik = await add_member(ERIK, "manager")
    page = await browser.get(f"/staff/people/{erik.pk}/")
    token = page.form("Sign out").one("input", name="csrfmiddlewaretoken").attrs["value"]
    data = {"csrfmiddlewaretoken": token}
    for path in (f"/staff/people/{erik.pk}/give/{'0' * 32}/", f"/staff/people/{erik.pk}/role/"):
        assert (await browser.send("POST", path, data)).status == 404
    for number in ("999", "9" * 30):
        assert (await browser.get(f"/staff/people/{number}/")).status == 404


async def test_a_new_role_ends_their_sessions(staff):
    browser = await staff()
    theirs = await staff("manager", email=ERIK)
    erik = await User.objects.aget(username=ERIK)
    page = await browser.get(f"/staff/people/{erik.pk}/")
    page = await browser.follow(await browser.submit(page, "Make an owner"))
    assert "Role changed. They need to sign in again." in page.words
    assert (await theirs.get("/staff/me/")).status == 302
    assert "Owners work with all properties." in page.words
    page = await browser.follow(await browser.submit(page, "Make a manager"))
    assert [group.name async for group in erik.groups.all()] == ["manager"]


async def test_a_new_link_ends_what_they_had(staff):
    browser = await staff()
    theirs = await staff("manager", email=ERIK)
    erik = await User.objects.aget(username=ERIK)
    page = await browser.get(f"/staff/people/{erik.pk}/link/")
    assert "Their password, authenticator and recovery codes stop working now" in page.words
    view = await browser.submit(page, "Make a new link")
    assert view.heading == "One-time link"
    assert (await theirs.get("/staff/me/")).status == 302
    page = await browser.get(f"/staff/people/{erik.pk}/link/")
    assert "The link they have stops working." in page.words


async def test_somebody_whose_link_is_used_up_and_whose_key_is_lost_needs_another(staff):
    browser = await staff()
    erik = await add_member(ERIK, "manager")
    erik.person.encrypted_key = ""
    await erik.person.asave()
    assert "Not set up. Send a new link." in (await browser.get(f"/staff/people/{erik.pk}/")).words


async def test_who_is_removed_is_out_and_what_they_did_stays(staff):
    browser = await staff()
    theirs = await staff("manager", email=ERIK)
    erik = await User.objects.aget(username=ERIK)
    await people.change_password(erik, PASSWORD)
    page = await browser.get(f"/staff/people/{erik.pk}/remove/")
    page = await browser.follow(await browser.submit(page, "Remove"))
    assert "They’re removed and signed out." in page.words
    assert (await theirs.get("/staff/me/")).status == 302
    assert not await User.objects.filter(username=ERIK).aexists()
    assert await AuditEntry.objects.filter(who="Erik", user=None).aexists()
    assert await AuditEntry.objects.filter(what=What.PERSON_REMOVED, detail=ERIK).aexists()


async def email_job(by: User, place: Property) -> Job:
    return await Job.objects.acreate(
        property=place, kind=Job.Kind.EMAIL, state=Job.State.RUNNING, by=by
    )


@pytest.mark.parametrize("change", ["property", "role", "person"])
async def test_emails_of_who_may_send_no_more_are_stopped(staff, change):
    browser = await staff()
    harbor, lake = await a_property("Harbor Line"), await a_property("Lake View")
    erik = await add_member(ERIK, "owner" if change == "role" else "manager", (harbor, lake))
    theirs = [await email_job(erik, harbor), await email_job(erik, lake)]
    check = await Job.objects.acreate(
        property=harbor, kind=Job.Kind.CHECK_LINKS, state=Job.State.RUNNING, by=erik
    )
    going_on = [check]
    path = f"/staff/people/{erik.pk}/"
    if change == "person":
        await browser.submit(await browser.get(f"{path}remove/"), "Remove")
    else:
        button = "Make a manager" if change == "role" else "Take away Harbor Line"
        await browser.submit(await browser.get(path), button)
    if change == "property":
        going_on.append(theirs.pop())
    for job in [*theirs, *going_on]:
        await job.arefresh_from_db()
    assert {job.state for job in theirs} == {Job.State.STOPPED}
    assert {job.state for job in going_on} == {Job.State.RUNNING}


async def test_nobody_changes_or_removes_themselves(staff):
    browser = await staff()
    me = await User.objects.aget()
    page = await browser.get(f"/staff/people/{me.pk}/")
    assert "This is you. Another owner can change your role or remove you." in page.words
    token = page.form("Sign out").one("input", name="csrfmiddlewaretoken").attrs["value"]
    data = {"csrfmiddlewaretoken": token, "sure": "yes", "role": "manager"}
    for what in ("role", "link", "remove"):
        assert (await browser.send("POST", f"/staff/people/{me.pk}/{what}/", data)).status == 404
    assert await me.groups.aget(name="owner")


@pytest.mark.parametrize(("path", "button"), [("", "Make a manager"), ("remove/", "Remove")])
async def test_one_owner_stays(staff, path, button, monkeypatch):
    """Two may be about to remove each other: what the second one asks is refused."""
    browser = await staff()
    erik = await add_member(ERIK, "owner")

    def refuse(user):
        raise people.LastOwner

    monkeypatch.setattr(people, "keep_an_owner", refuse)
    page = await browser.get(f"/staff/people/{erik.pk}/{path}")
    page = await browser.follow(await browser.submit(page, button))
    assert "Nobody else could look after people: one owner must stay." in page.words
    assert await erik.groups.aget(name="owner")


@pytest.mark.parametrize("path", ["", "add/", "1/", "1/link/", "1/remove/"])
async def test_managers_need_not_know_what_is_there(staff, path):
    browser = await staff("manager")
    assert (await browser.get(f"/staff/people/{path}")).status == 404


@pytest.mark.parametrize("what", ["add/", "{}/link/", "{}/remove/"])
async def test_the_password_is_asked_again(staff, what):
    browser = await staff(typed=False)
    erik = await add_member(ERIK, "manager")
    view = await browser.get("/staff/people/" + what.format(erik.pk))
    assert view.location.startswith("/staff/password/?next=")
