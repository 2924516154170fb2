"""Contact details: what is checked, what never blocks, and "saved" only when a read says so."""

import asyncio
import json

import pytest

from common.models import AwaitedWrite
from residents.forms import ContactForm
from ruckus.resident_types import Contact
from tests.residents.conftest import seeded

HOME = seeded("full branding")
ODD = seeded("markup and emoji and right-to-left text")
SAVE = "Save contact details"
SAVED = "Contact details saved."
SENT = "Contact details sent. It can take a minute until they show here."
RILEY = next(user for user in HOME.unit.users if user.name == "Riley Example")
PERSON = f"/people/{RILEY.id}/contact/"


def form(stored: Contact, **typed: str) -> ContactForm:
    """The form as it was sent with this typed into it, over what is stored."""
    shown = dict(ContactForm(stored=stored).shown())
    values = {name.removeprefix("shown_"): value for name, value in shown.items()}
    return ContactForm(shown | values | typed, stored=stored)


# The checks -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "stored",
    [
        Contact(),
        Contact("", "", ""),
        Contact("x" * 300, "no address", "ask at the door"),
        Contact("  Casey ", " casey@example ", " 12 "),
        Contact("<b>\u202e", "a@b@c", "+1 (202) 555-0138 ext. 7 and more than sixteen"),
        Contact("Only a name"),
        Contact("two\r\nlines", "a\nb@example.com", "12\n"),
        Contact("Bell", raw={"name": "Be\x07ll"}),
    ],
)
@pytest.mark.parametrize("touched", ["name", "email", "phone_number"])
def test_what_was_not_touched_is_kept_as_it_is_however_odd(stored: Contact, touched: str):
    new = {"name": "New Name", "email": "new@example.com", "phone_number": "+12025550199"}[touched]
    sent = form(stored, **{touched: new})
    assert sent.is_valid(), sent.errors
    saved = sent.contact()
    for name in ("name", "email", "phone_number"):
        assert getattr(saved, name) == (new if name == touched else getattr(stored, name))
    assert saved.raw == stored.raw


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("name", "", "Enter a name"),
        ("name", "x" * 256, "Name must be 255 characters or fewer"),
        ("email", "x" * 250 + "@b.example", "Email address must be 255 characters or fewer"),
        ("email", "nobody", "Enter an email address in the correct format"),
        ("email", "a b@example.com", "Enter an email address in the correct format"),
        ("phone_number", "12", "Enter a phone number with its country code"),
        ("phone_number", "call me", "Enter a phone number with its country code"),
        ("phone_number", "+1 202 555 0123 4567 89", "Enter a phone number with its country code"),
        ("phone_number", "9" * 400, "Enter a phone number with its country code"),
    ],
)
def test_what_was_touched_is_checked_in_the_words_of_the_label(field, typed, message):
    sent = form(Contact("Casey", "casey@example.com", "+12025550138"), **{field: typed})
    assert not sent.is_valid()
    assert list(sent.errors) == [field]
    assert sent.errors[field][0].startswith(message)


@pytest.mark.parametrize(
    ("typed", "region", "saved"),
    [
        ("(202) 555-0199", "US", "+12025550199"),
        ("+1 202 555 0199", "GB", "+12025550199"),
        ("020 7946 0018", "GB", "+442079460018"),
        ("+442079460018", "US", "+442079460018"),
        ("202-555-0199 ext. 12", "US", "+12025550199"),
    ],
)
def test_phone_numbers_are_saved_in_the_international_form(settings, typed, region, saved):
    settings.PHONE_REGION = region
    sent = form(Contact("Casey", None, None), phone_number=typed)
    assert sent.is_valid(), sent.errors
    assert sent.contact().phone_number == saved
    assert len(saved) <= 16


def test_email_and_phone_can_be_taken_away():
    sent = form(Contact("Casey", "casey@example.com", "+12025550138"), email="", phone_number="")
    assert sent.is_valid()
    assert sent.contact() == Contact("Casey", "", "")


# The page -------------------------------------------------------------------------------------


async def test_the_unit_s_contact_is_saved_and_read_back(resident, sandbox):
    browser = await resident()
    page = await browser.get("/contact/")
    sandbox.forget_calls()
    sent = await browser.submit(
        page, SAVE, name=" Casey New ", email="new@example.org", phone_number="202 555 0199"
    )
    assert sandbox.calls() == ["residentFetchUnit", "residentEditUnit", "residentFetchUnit"]
    home = await browser.follow(sent)
    assert SAVED in home.words
    stored = sandbox.state.units[HOME.unit_guid].contact
    assert (stored.name, stored.email, stored.phone) == (
        "Casey New",
        "new@example.org",
        "+12025550199",
    )
    # It is said once.
    assert SAVED not in (await browser.get("/")).words


async def test_an_edit_of_the_unit_changes_nothing_else(resident, sandbox):
    before = {user.id: user.passphrase for user in HOME.unit.users}
    browser = await resident()
    await browser.submit(await browser.get("/contact/"), SAVE, name="Casey New")
    unit = sandbox.state.units[HOME.unit_guid]
    assert {user.id: user.passphrase for user in unit.users} == before
    assert (unit.number, unit.description, unit.status) == (
        HOME.unit.number,
        HOME.unit.description,
        "ENABLED",
    )


async def test_a_linked_person_s_contact_is_saved_and_the_passphrase_stays(resident, sandbox):
    browser = await resident()
    page = await browser.get(PERSON)
    sandbox.forget_calls()
    sent = await browser.submit(page, SAVE, name="Riley New", phone_number="")
    assert sorted(sandbox.calls()[:2]) == ["getUnitUser", "residentFetchUnit"]
    assert sandbox.calls()[2:] == ["updateUnitUser", "getUnitUser"]
    # Nothing is awaited any more.
    assert not await AwaitedWrite.objects.aexists()
    home = await browser.follow(sent)
    assert SAVED in home.words
    stored = sandbox.user(HOME, "LINKED", "Riley New")
    assert (stored.email, stored.phone) == ("riley@example.com", "")
    assert stored.passphrase == RILEY.passphrase


async def test_only_linked_people_have_details_of_their_own(resident):
    browser = await resident()
    for user in HOME.unit.users:
        if user.type != "LINKED":
            assert (await browser.get(f"/people/{user.id}/contact/")).status == 404


async def test_odd_details_show_as_text_and_block_nothing(resident, sandbox):
    browser = await resident(ODD.shows)
    page = await browser.get("/contact/")
    assert page.root.one("input", name="name").attrs["value"] == "Max <b>Madeup</b> \u202eabc"
    assert (
        SAVED
        in (await browser.follow(await browser.submit(page, SAVE, email="max@example.org"))).words
    )
    assert sandbox.state.units[ODD.unit_guid].contact.phone == "(202) 555-0177"


async def test_what_is_wrong_is_told_on_top_and_at_the_field(resident, sandbox):
    browser = await resident()
    page = await browser.get("/contact/")
    sandbox.forget_calls()
    sent = await browser.submit(page, SAVE, name="", email="nobody", phone_number="12")
    assert sent.status == 422
    assert sent.title == "Error: Edit contact details"
    assert len(sent.errors) == 3
    for name, words in (("name", "Enter a name"), ("email", "Enter an email address")):
        field = sent.root.one("input", name=name)
        assert sent.root.one("a", href=f"#{field.attrs['id']}").words.startswith(words)
        assert field.attrs["aria-invalid"] == "true"
        described = field.attrs["aria-describedby"].split()
        [error] = [node for node in sent.root.all("p") if node.attrs.get("id") in described]
        assert words in error.words
    assert sent.root.one("input", name="phone_number").attrs["value"] == "12"
    assert sandbox.calls() == ["residentFetchUnit"]


async def test_the_vendor_s_refusal_is_told_in_our_words(resident, sandbox):
    browser = await resident()
    page = await browser.get("/contact/")
    body = b'{"message":"Bad Request","validationErrors":["contactName must be a jargon"]}'
    sandbox.fault(operation="residentEditUnit", status=400, body=body)
    sent = await browser.submit(page, SAVE, name="Casey New")
    assert sent.status == 422
    assert sent.errors == ["These details weren’t accepted. Check them and try again."]
    assert "jargon" not in sent.text
    assert sent.root.one("input", name="name").attrs["value"] == "Casey New"


async def test_nobody_finds_fault_with_a_form_while_nobody_knows_what_is_stored(resident, sandbox):
    sandbox.state.units[HOME.unit_guid].contact.phone = "ask at the door"
    browser = await resident()
    page = await browser.get("/contact/")
    sandbox.fault(operation="residentFetchUnit", status=500)
    sent = await browser.submit(page, SAVE, name="Casey New")
    assert sent.status == 503
    assert sent.title == "Edit contact details"
    assert not sent.errors
    assert sent.root.one("input", name="phone_number").attrs["value"] == "ask at the door"
    sandbox.mended()
    assert (await browser.submit(sent, SAVE)).status == 302
    assert sandbox.state.units[HOME.unit_guid].contact.name == "Casey New"


@pytest.mark.parametrize("path", ["/contact/", PERSON])
async def test_an_edit_that_takes_effect_later_is_not_called_saved(resident, sandbox, path):
    browser = await resident()
    for switch in ("accepted", "late"):
        sandbox.state.switches.accepted_delay = 60.0
        setattr(sandbox.state.switches, switch, True)
        sent = await browser.submit(await browser.get(path), SAVE, name=f"New {switch}")
        home = await browser.follow(sent)
        assert SENT in home.words
        assert SAVED not in home.words
        setattr(sandbox.state.switches, switch, False)
        sandbox.state.settle(everything=True)


@pytest.mark.parametrize("path", ["/contact/", PERSON])
async def test_a_lost_answer_is_followed_by_the_truth(resident, sandbox, path):
    browser = await resident()
    write = "residentEditUnit" if path == "/contact/" else "updateUnitUser"
    page = await browser.get(path)
    sandbox.fault("reset_after", operation=write)
    home = await browser.follow(await browser.submit(page, SAVE, name="Casey New"))
    assert SAVED in home.words
    sandbox.mended()
    sandbox.fault("reset", operation=write)
    sent = await browser.submit(await browser.get(path), SAVE, name="Casey Newer")
    assert sent.status == 503
    assert (await AwaitedWrite.objects.acount()) == (path == PERSON)
    assert sent.root.one("input", name="name").attrs["value"] == "Casey Newer"
    assert sandbox.calls(write) == [write] * 2


async def test_when_it_cannot_be_read_back_nobody_says_saved(resident, sandbox):
    browser = await resident()
    for status in (500, 404, 401, 403):
        page = await browser.get("/contact/")
        sandbox.fault(operation="residentEditUnit", latency=0, kind="latency", count=1)
        # The first read is answered, the second is not.
        sandbox.fault(operation="residentFetchUnit", kind="latency", count=1)
        sandbox.fault(operation="residentFetchUnit", status=status, count=10)
        sent = await browser.submit(page, SAVE, name=f"Casey {status}")
        sandbox.mended()
        home = await browser.follow(sent)
        assert SENT in home.words, status
        assert SAVED not in home.words
        assert sandbox.state.units[HOME.unit_guid].contact.name == f"Casey {status}"


async def test_null_and_empty_are_the_same_when_read_back(resident, sandbox):
    browser = await resident()
    sandbox.state.units[HOME.unit_guid].contact.email = None
    page = await browser.get("/contact/")
    home = await browser.follow(await browser.submit(page, SAVE, name="Casey New"))
    assert SAVED in home.words


@pytest.mark.parametrize("path", ["/contact/", PERSON])
async def test_a_vendor_that_leaves_out_what_it_may_is_still_told_the_edit(resident, sandbox, path):
    browser = await resident()
    sandbox.state.switches.nulls = True
    page = await browser.get(path)
    assert page.root.one("input", name="name").attrs.get("value", "") in ("", "Casey Example")
    sent = await browser.submit(page, SAVE, name="Casey New")
    assert sent.status == 302
    sandbox.state.switches.nulls = False
    assert "Casey New" in (await browser.get("/")).words


# Two who edit at once ---------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/contact/", PERSON])
async def test_an_edit_does_not_undo_what_somebody_else_has_saved_meanwhile(
    resident, sandbox, path
):
    first, second = await resident(), await resident()
    one, two = await first.get(path), await second.get(path)
    await first.submit(one, SAVE, name="Casey New")
    home = await second.follow(await second.submit(two, SAVE, email="new@example.org"))
    assert SAVED in home.words
    if path == PERSON:
        stored = sandbox.user(HOME, "LINKED", "Casey New")
    else:
        stored = sandbox.state.units[HOME.unit_guid].contact
    assert (stored.name, stored.email) == ("Casey New", "new@example.org")


@pytest.mark.parametrize("path", ["/contact/", PERSON])
async def test_a_field_that_both_have_changed_is_asked_about(resident, sandbox, path):
    first, second = await resident(), await resident()
    one, two = await first.get(path), await second.get(path)
    await first.submit(one, SAVE, name="Casey <First>", phone_number="202 555 0199")
    sandbox.forget_calls()
    sent = await second.submit(two, SAVE, name="Casey Second", email="new@example.org")
    assert sent.status == 422
    [error] = sent.errors
    assert "Somebody changed this to “Casey <First>” meanwhile." in error
    fields = {name: sent.root.one("input", name=name).attrs["value"] for name in ContactForm.NAMES}
    # Both values are there, what only one has typed is kept, and what only the other has shows.
    assert fields == {
        "name": "Casey Second",
        "email": "new@example.org",
        "phone_number": "+12025550199",
    }
    assert not {"residentEditUnit", "updateUnitUser"} & set(sandbox.calls())
    # Sent once more, it is saved.
    assert SAVED in (await second.follow(await second.submit(sent, SAVE))).words
    stored = (
        sandbox.user(HOME, "LINKED", "Casey Second")
        if path == PERSON
        else sandbox.state.units[HOME.unit_guid].contact
    )
    assert (stored.name, stored.email, stored.phone) == (
        "Casey Second",
        "new@example.org",
        "+12025550199",
    )


async def test_what_somebody_else_took_away_is_asked_about_too(resident, sandbox):
    browser = await resident()
    page = await browser.get("/contact/")
    sandbox.state.units[HOME.unit_guid].contact.email = ""
    sent = await browser.submit(page, SAVE, email="new@example.org")
    [error] = sent.errors
    assert error.startswith("Somebody removed this meanwhile.")
    # Who agrees with the other leaves it at that.
    assert SAVED in (await browser.follow(await browser.submit(sent, SAVE, email=""))).words


async def test_two_who_typed_the_same_are_not_asked(resident, sandbox):
    browser = await resident()
    page = await browser.get("/contact/")
    sandbox.state.units[HOME.unit_guid].contact.name = "Casey New"
    sent = await browser.submit(page, SAVE, name="Casey New")
    assert SAVED in (await browser.follow(sent)).words


async def test_a_form_that_failed_still_knows_what_it_showed(resident, sandbox):
    browser = await resident()
    page = await browser.get("/contact/")
    sandbox.fault(operation="residentFetchUnit", status=500)
    sent = await browser.submit(page, SAVE, name="Casey New")
    assert sent.status == 503
    sandbox.mended()
    sandbox.state.units[HOME.unit_guid].contact.email = "other@example.org"
    assert (await browser.submit(sent, SAVE)).status == 302
    stored = sandbox.state.units[HOME.unit_guid].contact
    assert (stored.name, stored.email) == ("Casey New", "other@example.org")


# What is not known, or cannot be sent -----------------------------------------------------------


async def test_a_home_without_a_name_is_asked_for_one_in_place(resident, sandbox):
    browser = await resident()
    sandbox.state.units[HOME.unit_guid].contact.name = ""
    page = await browser.get("/contact/")
    sandbox.forget_calls()
    sent = await browser.submit(page, SAVE, email="new@example.org")
    assert sent.status == 422
    assert sent.errors == ["Enter a name"]
    assert sent.root.one("input", name="name").attrs["aria-invalid"] == "true"
    assert sent.root.one("input", name="email").attrs["value"] == "new@example.org"
    assert "residentEditUnit" not in sandbox.calls()
    home = await browser.follow(await browser.submit(sent, SAVE, name="Casey New"))
    assert SAVED in home.words


async def test_a_linked_person_needs_no_name(resident, sandbox):
    browser = await resident()
    sandbox.user(HOME, "LINKED", "Riley Example").name = None
    sent = await browser.submit(await browser.get(PERSON), SAVE, email="new@example.org")
    assert SAVED in (await browser.follow(sent)).words


@pytest.mark.parametrize("number", [None, 2338, ""])
async def test_a_number_that_was_not_read_is_not_sent(resident, sandbox, number):
    browser = await resident()
    page = await browser.get("/contact/")
    body = json.dumps({"number": number, "contact": {"contactName": "Casey Example"}}).encode()
    sandbox.fault(operation="residentFetchUnit", status=200, body=body)
    for view in (
        await browser.submit(page, SAVE, name="Casey New"),
        await browser.get("/contact/"),
    ):
        assert view.status == 403
        assert "Contact details can’t be saved here" in view.words
    assert "residentEditUnit" not in sandbox.calls()


@pytest.mark.parametrize("path", ["/contact/", PERSON])
async def test_odd_characters_go_back_as_they_came(resident, sandbox, path):
    browser = await resident()
    odd = " Ca\x07sey\n\u2028Example "
    person = sandbox.user(HOME, "LINKED", "Riley Example")
    unit = sandbox.state.units[HOME.unit_guid]
    person.name = unit.contact.name = odd
    unit.number = "23\x0738"
    sent = await browser.submit(await browser.get(path), SAVE, email="new@example.org")
    assert SAVED in (await browser.follow(sent)).words
    stored = person if path == PERSON else unit.contact
    assert (stored.name, stored.email) == (odd, "new@example.org")
    assert unit.number == "23\x0738"


# Writes that come late, and refusals --------------------------------------------------------------


async def test_an_edit_does_not_undo_a_reset_that_is_under_way(resident, sandbox):
    browser = await resident()
    person = sandbox.user(HOME, "LINKED", "Riley Example")
    before = person.passphrase
    sandbox.state.switches.in_order = True
    sandbox.state.switches.accepted_delay = 3600.0
    page = await browser.get(PERSON)
    reset = await browser.get(f"/wifi/linked/{person.id}/reset/")
    await browser.submit(reset, "Reset passphrase")
    sent = await browser.submit(page, SAVE, name="Riley New")
    assert sent.status == 409
    assert "A passphrase change is under way" in sent.words
    assert "Wait 10 minutes at most" in sent.words
    assert sent.root.one("input", name="name").attrs["value"] == "Riley New"
    # A form that is opened now says so, too, before anything is typed.
    asked = await browser.get(PERSON)
    assert "A passphrase change is under way" in asked.words
    assert "Nothing was changed" not in asked.words
    sandbox.state.settle(everything=True)
    fresh = person.passphrase
    assert fresh != before
    sandbox.state.switches.in_order = False
    assert SAVED in (await browser.follow(await browser.submit(sent, SAVE))).words
    assert (person.name, person.passphrase) == ("Riley New", fresh)


async def test_a_reset_waits_for_an_edit_that_is_not_read_back(resident, sandbox):
    browser = await resident()
    person = sandbox.user(HOME, "LINKED", "Riley Example")
    sandbox.state.switches.in_order = True
    sandbox.state.switches.accepted_delay = 3600.0
    reset = await browser.get(f"/wifi/linked/{person.id}/reset/")
    home = await browser.follow(
        await browser.submit(await browser.get(PERSON), SAVE, name="Riley New")
    )
    assert SENT in home.words
    section = home.section("Riley Example")
    # The passphrase is what it was, and is shown as ever.
    assert "not confirmed" not in section.words
    assert "for 2 minutes at most, nothing else can be changed." in section.words
    for words in ("Reset passphrase", "Edit contact details"):
        assert words not in section.words
    sent = await browser.submit(reset, "Reset passphrase")
    assert sent.status == 409
    assert "An earlier change is still being saved" in sent.words
    sandbox.state.settle(everything=True)
    page = await browser.get(f"/wifi/linked/{person.id}/")
    assert "Reset passphrase" in page.section("Riley New").words
    sandbox.state.switches.in_order = False
    assert (await browser.submit(reset, "Reset passphrase")).status == 302


async def test_a_passphrase_that_changed_with_an_edit_is_told(resident, sandbox):
    browser = await resident()
    person = sandbox.user(HOME, "LINKED", "Riley Example")
    page = await browser.get(PERSON)
    gate = sandbox.wire.hold_back(f"/users/{person.id}", "PUT")
    sent = asyncio.ensure_future(browser.submit(page, SAVE, name="Riley New"))
    async with asyncio.timeout(10):
        await gate.reached.wait()
    body = {"userId": person.id, "userName": "Riley New", "type": "LINKED", "passphrase": "another"}
    body |= {"email": person.email, "phoneNumber": person.phone}
    sandbox.fault(operation="getUnitUser", status=200, body=json.dumps(body).encode(), count=1)
    gate.open.set()
    home = await browser.follow(await sent)
    assert SAVED in home.words
    assert "The passphrase has changed, too." in home.words


@pytest.mark.parametrize("path", ["/contact/", PERSON])
@pytest.mark.parametrize("status", [400, 401, 403, 404, 409])
async def test_a_refusal_is_believed_only_when_it_was_looked_at(resident, sandbox, path, status):
    write = "residentEditUnit" if path == "/contact/" else "updateUnitUser"
    browser = await resident()
    page = await browser.get(path)
    sandbox.fault(operation=write, status=status, apply=True, count=1)
    home = await browser.follow(await browser.submit(page, SAVE, name="Casey New"))
    assert SAVED in home.words
    page = await browser.get(path)
    sandbox.fault(operation=write, status=status, count=1)
    sent = await browser.submit(page, SAVE, name="Casey Newer")
    assert sent.status == (status if status in (401, 403, 404) else 422)
    assert not await AwaitedWrite.objects.aexists()


@pytest.mark.parametrize("path", ["/contact/", PERSON])
async def test_a_refusal_that_cannot_be_looked_at_is_not_believed(resident, sandbox, path):
    unit = path == "/contact/"
    browser = await resident()
    page = await browser.get(path)
    read = "residentFetchUnit" if unit else "getUnitUser"
    sandbox.fault(operation="residentEditUnit" if unit else "updateUnitUser", status=409, count=1)
    sandbox.fault("latency", operation=read, count=1)
    sandbox.fault(operation=read, status=500)
    sent = await browser.submit(page, SAVE, name="Casey New")
    assert sent.status == 503
    assert "We don’t know if this was saved." in sent.words
    assert "Nothing was" not in sent.words
    assert sent.root.one("input", name="name").attrs["value"] == "Casey New"
