"""Who belongs to staff, and the commands that add the first one."""

import io
import re
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone

from common.models import Session
from staff.audit import What
from staff.door import people
from staff.models import AuditEntry, Invitation, Person, RecoveryCode
from tests.staff.conftest import add_member

EMAIL = "dana@example.com"
LINK = re.compile(r"https?://\S+/staff/welcome/([\w-]{43})/$")


def run(command: str, *arguments: str) -> str:
    out = io.StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue()


@sync_to_async
def ask(command: str, *arguments: str) -> str:
    return run(command, *arguments)


def token_in(printed: str) -> str:
    found = LINK.search(printed.strip())
    assert found, printed
    return found[1]


@pytest.mark.django_db
def test_the_first_one_is_an_owner_and_others_are_not(settings):
    settings.PORTAL_URL = "https://wifi.example.org"
    printed = run("add_staff", " Dana@Example.com ", "--name", "Dana Park")
    assert "dana@example.com is an owner." in printed
    assert "https://wifi.example.org/staff/welcome/" in printed
    user = User.objects.get()
    assert (user.username, user.email, user.get_full_name()) == (EMAIL, EMAIL, "Dana Park")
    assert not user.has_usable_password()
    assert "is a manager." in run("add_staff", "erik@example.com")
    assert "is an owner." in run("add_staff", "olga@example.com", "--owner")
    entries = AuditEntry.objects.filter(what=What.PERSON_ADDED).values_list("who", "detail")
    assert set(entries) == {
        ("", "dana@example.com, owner"),
        ("", "erik@example.com, manager"),
        ("", "olga@example.com, owner"),
    }
    # Of the token a keyed hash is stored.
    assert token_in(printed) not in str(list(Invitation.objects.values()))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("command", "arguments", "said"),
    [
        ("add_staff", ["dana@example.com", "--manager"], "There is no owner yet"),
        ("add_staff", ["dana"], "dana is no email address."),
        ("add_staff", [f"{'d' * 60}@{'example.' * 12}com"], "150 characters or fewer"),
        ("reset_staff", ["nobody@example.com"], "Nobody of staff has the email address"),
    ],
)
def test_what_is_wrong_is_said(command, arguments, said):
    with pytest.raises(CommandError, match=said):
        run(command, *arguments)
    assert not User.objects.exists()


@pytest.mark.django_db
def test_nobody_is_added_twice():
    run("add_staff", EMAIL)
    with pytest.raises(CommandError, match="belongs to staff already"):
        run("add_staff", EMAIL)


@pytest.mark.django_db
@pytest.mark.parametrize("command", ["add_staff", "reset_staff"])
def test_a_portal_without_pages_of_staff_says_so(command, settings):
    settings.STAFF = False
    with pytest.raises(CommandError, match="Set STAFF=on"):
        run(command, EMAIL)


@pytest.mark.django_db
def test_a_link_needs_the_address_of_the_portal(settings):
    settings.PORTAL_URL = ""
    with pytest.raises(CommandError, match="Set PORTAL_URL, or STAFF_HOST"):
        run("add_staff", EMAIL)
    settings.STAFF_HOST, settings.HTTPS = "staff.example.org", True
    assert "https://staff.example.org/staff/welcome/" in run("add_staff", EMAIL)


@pytest.mark.django_db
def test_the_host_of_staff_has_the_port_of_the_portal(settings):
    settings.PORTAL_URL, settings.STAFF_HOST = "http://127.0.0.1:8000", "localhost"
    assert "http://localhost:8000/staff/welcome/" in run("add_staff", EMAIL)


async def test_a_reset_ends_all_that_somebody_had(staff, sandbox):
    browser = await staff(email=EMAIL)
    user = await User.objects.aget()
    await people.change_recovery_codes(user)
    token = token_in(await ask("reset_staff", EMAIL))
    assert (await browser.get("/staff/me/")).status == 302
    user = await User.objects.aget()
    assert not user.has_usable_password()
    for model in (Person, RecoveryCode, Session):
        assert not await model.objects.aexists()
    assert await people.invited(token) == user
    # A second one takes the place of the first.
    again = token_in(await ask("reset_staff", EMAIL))
    assert await people.invited(token) is None
    assert await people.invited(again) == user


async def test_a_link_works_for_a_day(sandbox):
    user, token = await people.add(None, EMAIL, "Dana", "owner")
    assert await people.invited(token) == user
    await Invitation.objects.aupdate(ends=timezone.now() - timedelta(seconds=1))
    assert await people.invited(token) is None


async def test_of_two_that_use_one_link_at_once_one_is_set_up(sandbox):
    _, token = await people.add(None, EMAIL, "Dana", "owner")
    first = await people.set_up(token, "four plain words together", "A" * 32, 1)
    assert first is not None
    assert len(first[1]) == 8
    assert await people.set_up(token, "another one of these", "B" * 32, 1) is None


async def test_two_owners_who_remove_each_other_leave_one(staff, sandbox):
    from staff.request import Member

    one = await add_member("one@example.com", "owner")
    two = await add_member("two@example.com", "owner")
    await people.remove(Member(one, True), two)
    with pytest.raises(people.LastOwner):
        await people.remove(Member(two, True), one)
    with pytest.raises(people.LastOwner):
        await people.change_role(Member(two, True), one, "manager")
    # Who has not set up anything yet can't look after anything either.
    await people.add(None, "three@example.com", "Three", "owner")
    with pytest.raises(people.LastOwner):
        await people.remove(Member(two, True), one)
