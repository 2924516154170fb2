"""Links by email, over a real mail server."""

import asyncio
import email
import email.policy
import re
import smtplib
import socket
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

import pytest
from aiosmtpd.controller import Controller
from django.utils import timezone

from staff.homes import jobs
from staff.links import email as emails
from staff.models import AuditEntry, Home, Job, JobItem
from tests.staff.views.selecting import ask


class Post:
    """What a mail server does with what it is sent."""

    def __init__(self) -> None:
        self.taken: list[email.message.EmailMessage] = []
        self.refused: dict[str, str] = {}
        self.answer = "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:  # noqa: N802
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802
        if self.answer.startswith("250"):
            self.taken.append(
                email.message_from_bytes(envelope.content, policy=email.policy.default)
            )
        return self.answer

    @property
    def addresses(self) -> list[str]:
        return [message["To"] for message in self.taken]


@pytest.fixture
def post(settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    """A real mail server on this machine, which the portal sends through."""
    taken = Post()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(taken, hostname="127.0.0.1", port=port)
    server.start()
    settings.EMAIL_URL = f"smtp://127.0.0.1:{port}"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.DEFAULT_FROM_EMAIL = "office@thistle.example.com"

    async def at_once(seconds: float) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr(emails, "sleep", at_once)
    yield taken
    server.stop()


async def work_off(place) -> Job:
    """The job, done as the worker does it, slice by slice."""
    job = await jobs.latest(place, Job.Kind.EMAIL)
    for _slice in range(5):
        await jobs.go_on(job.pk)
    await job.arefresh_from_db()
    return job


async def items(job: Job) -> dict[str, tuple[str, str]]:
    found = job.items.select_related("home").order_by("pk")
    return {item.home.name: (item.state, item.result) async for item in found}


async def test_each_confirmed_home_gets_its_own_link(staff, building, post):
    browser = await staff()
    page = await ask(browser, building, "email", "102", "103")
    assert page.heading == "Send links by email"
    assert "home102@example.com" in page.words
    sent = await browser.press(page, "Send 2 emails")
    assert sent.location == f"/staff/p/{building.property.id}/email/"
    going = await browser.follow(sent)
    assert "Sending emails: 0 of 2" in going.words
    job = await work_off(building.property)
    assert (job.state, await items(job)) == (
        "done",
        {"102": ("done", ""), "103": ("done", "")},
    )
    assert post.addresses == ["home102@example.com", "home103@example.com"]
    for message, number in zip(post.taken, ("102", "103"), strict=True):
        assert message["From"] == "office@thistle.example.com"
        assert message["Subject"] == "Your Wi-Fi at Thistle Gardens"
        plain = message.get_body(["plain"]).get_content()
        rich = message.get_body(["html"]).get_content()
        code = building.unit(number).access_code
        assert f"Unit {number}, Thistle Gardens" in plain
        for text in (plain, rich):
            [link] = set(re.findall(r'http://[^\s"<]+', text))
            assert unquote(urlsplit(link).fragment) == code
    assert await AuditEntry.objects.filter(what="link emailed").acount() == 2
    assert await Home.objects.filter(handed_out_how="email").acount() == 2


async def test_sending_is_followed_and_can_be_stopped(staff, building, post):
    browser = await staff()
    at = f"/staff/p/{building.property.id}/email/"
    assert "No emails have been sent yet" in (await browser.get(at)).words
    post.refused["home102@example.com"] = "550 no such user"
    page = await ask(browser, building, "email", "102", "103")
    page = await browser.follow(await browser.press(page, "Send 2 emails"))
    job = await Job.objects.select_related("property__account", "by").aget()
    first = await job.items.select_related("home").afirst()
    await emails.send(jobs.Run(job, timezone.now()), first)
    stopped = await browser.follow(await browser.press(page, "Stop sending"))
    assert "Stopped: 1 of 2 emails were tried" in stopped.words
    assert "102Failed550 no such user" in stopped.words
    assert "103Waiting" in stopped.words
    job = await work_off(building.property)
    assert (job.state, post.taken) == ("stopped", [])
    homes = await browser.get(f"/staff/p/{building.property.id}/")
    assert "Emails0 sent, 1 failed" in homes.words


async def test_nobody_is_written_to_twice_a_day_by_accident(staff, building, post):
    browser = await staff()
    await browser.press(await ask(browser, building, "email", "102"), "Send 1 email")
    await work_off(building.property)
    page = await ask(browser, building, "email", "102", "103")
    assert "1 home is left out: 102" in page.section("Got one today").words
    again = await browser.press(page, "Write to them again, too")
    await browser.press(again, "Send 2 emails")
    await work_off(building.property)
    assert post.addresses == ["home102@example.com", "home102@example.com", "home103@example.com"]


async def test_a_mail_servers_refusal_is_seen_without_the_address(staff, building, post):
    browser = await staff()
    post.refused["home102@example.com"] = "550 5.1.1 <home102@example.com>: no such user"
    await browser.press(await ask(browser, building, "email", "102", "103"), "Send 2 emails")
    job = await work_off(building.property)
    assert await items(job) == {
        "102": ("failed", "550 5.1.1 … no such user"),
        "103": ("done", ""),
    }
    marked = [home.name async for home in Home.objects.filter(handed_out_how="email")]
    assert marked == ["103"]
    home = await browser.get(f"/staff/p/{building.property.id}/homes/{building.units[1].guid}/")
    history = home.section("History").words
    assert "Email not delivered 550 5.1.1 … no such user · Owner" in history
    # Who was refused may be written to at once.
    page = await ask(browser, building, "email", "102")
    assert page.form("Send 1 email")


async def test_what_the_server_says_of_the_whole_email_counts(staff, building, post):
    browser = await staff()
    post.answer = "552 5.2.2 over quota, see https://example.com/help"
    await browser.press(await ask(browser, building, "email", "102"), "Send 1 email")
    job = await work_off(building.property)
    assert await items(job) == {"102": ("failed", "552 5.2.2 over quota, see …")}


async def test_an_address_that_changed_since_gets_nothing(staff, building, post):
    browser = await staff()
    await browser.press(await ask(browser, building, "email", "102"), "Send 1 email")
    building.unit("102").contact.email = "somebody@else.example"
    job = await work_off(building.property)
    assert await items(job) == {"102": ("failed", "The address has changed")}
    assert post.taken == []


async def test_a_list_that_changed_is_confirmed_again(staff, building, post):
    browser = await staff()
    page = await ask(browser, building, "email", "102")
    building.unit("102").contact.email = "somebody@else.example"
    again = await browser.press(page, "Send 1 email")
    assert again.status == 409
    assert "this list has changed" in again.words
    assert "somebody@else.example" in again.words
    assert not await Job.objects.aexists()


async def test_homes_without_address_or_link_get_none(staff, building, post):
    browser = await staff()
    building.unit("103").contact.email = "not an address"
    page = await ask(browser, building, "email", "101", "102", "103")
    assert "RUCKUS One has none for 1 home: 103" in page.section("No email address").words
    await browser.press(page, "Send 2 emails")
    del building.sandbox.state.units[building.unit("102").guid]
    job = await work_off(building.property)
    assert await items(job) == {
        "101": ("failed", "There’s no link"),
        "102": ("failed", "RUCKUS One doesn’t know the home any more"),
    }


async def test_nobody_to_write_to_is_said(staff, building, post):
    browser = await staff()
    building.unit("103").contact.email = None
    page = await ask(browser, building, "email", "103")
    assert "Nobody is left to write to" in page.words


async def test_one_job_of_a_property_at_a_time(staff, building, post):
    browser = await staff()
    first, second = [await ask(browser, building, "email", each) for each in ("102", "103")]
    await browser.press(first, "Send 1 email")
    page = await browser.press(second, "Send 1 email")
    assert page.status == 409
    assert "Emails are still going out" in page.words
    assert await JobItem.objects.acount() == 1


async def test_what_was_under_way_when_the_worker_ended_is_not_sent_again(staff, building, post):
    browser = await staff()
    await browser.press(await ask(browser, building, "email", "102", "103"), "Send 2 emails")
    item = await JobItem.objects.select_related("home").afirst()
    assert await emails.claimed(item)
    assert not await emails.claimed(item)
    job = await work_off(building.property)
    assert post.addresses == ["home103@example.com"]
    assert await items(job) == {"102": ("under way", ""), "103": ("done", "")}
    # It may have gone out: so it counts as sent today.
    page = await ask(browser, building, "email", "102")
    assert "1 home is left out: 102" in page.words


async def test_without_a_mail_server_the_email_fails(staff, building, post, settings):
    browser = await staff()
    await browser.press(await ask(browser, building, "email", "102"), "Send 1 email")
    settings.EMAIL_PORT = 9
    job = await work_off(building.property)
    assert await items(job) == {"102": ("failed", "The mail server can’t be reached")}


async def test_an_outage_ends_the_job_and_the_rest_waits(staff, building, post, monkeypatch):
    browser = await staff()
    numbers = [str(number) for number in range(102, 112)]
    await browser.press(await ask(browser, building, "email", *numbers), "Send 10 emails")
    building.sandbox.fault(operation="fetchUnit", status=500)
    job = await work_off(building.property)
    assert (job.state, job.reason) == ("failed", "outage")
    states = [state for state, _ in (await items(job)).values()]
    assert states == ["failed"] * 4 + ["waiting"] * 6


async def test_an_account_that_is_refused_ends_the_job(staff, building, post):
    browser = await staff()
    await browser.press(await ask(browser, building, "email", "102"), "Send 1 email")
    building.sandbox.fault(operation="fetchUnit", status=401)
    job = await work_off(building.property)
    assert (job.state, job.reason) == ("failed", "account")


async def test_without_a_mail_server_the_page_says_so(staff, building):
    browser = await staff()
    page = await ask(browser, building, "email", "102")
    assert "This portal has no mail server" in page.words
    page = await ask(browser, building, "letters", "102")
    token = page.root.all("input", name="csrfmiddlewaretoken")[0].attrs["value"]
    answer = await browser.send(
        "POST", f"/staff/p/{building.property.id}/email/", {"csrfmiddlewaretoken": token}
    )
    assert answer.status == 404


@pytest.mark.parametrize("broken", ["hello", "data"])
async def test_a_server_that_hangs_up_is_named(staff, building, post, monkeypatch, broken):
    browser = await staff()
    await browser.press(await ask(browser, building, "email", "102"), "Send 1 email")
    if broken == "hello":
        error = smtplib.SMTPConnectError(421, b"4.7.0 try later")
        monkeypatch.setattr(smtplib.SMTP, "connect", lambda *args: (_ for _ in ()).throw(error))
        expected = "421 4.7.0 try later"
    else:
        error = smtplib.SMTPServerDisconnected("gone")
        monkeypatch.setattr(
            smtplib.SMTP, "sendmail", lambda *args, **k: (_ for _ in ()).throw(error)
        )
        expected = "The connection broke: it may have been sent"
    job = await work_off(building.property)
    assert await items(job) == {"102": ("failed", expected)}


async def test_a_job_that_has_ended_shows_what_came_of_it(staff, building, post):
    browser = await staff()
    at = f"/staff/p/{building.property.id}/email/"
    await browser.press(await ask(browser, building, "email", "102", "103"), "Send 2 emails")
    await emails.claimed(await JobItem.objects.afirst())
    await work_off(building.property)
    page = await browser.get(at)
    assert "1 of 2 emails were sent" in page.words
    assert "102It may have been sent" in page.words
    # One that another worker has taken meanwhile is not sent by this one.
    job = await Job.objects.select_related("property__account", "by").aget()
    await emails.send(
        jobs.Run(job, timezone.now()), await job.items.select_related("home").afirst()
    )
    assert post.addresses == ["home103@example.com"]


async def test_a_whole_building_is_one_page(staff, building, post):
    browser = await staff()
    page = await ask(browser, building, "email")
    assert len(page.root.all("tbody")[0].all("tr")) == 300


async def test_nothing_is_stopped_where_nothing_goes_on(staff, building):
    browser = await staff()
    page = await ask(browser, building, "letters", "102")
    token = page.root.all("input", name="csrfmiddlewaretoken")[0].attrs["value"]
    at = f"/staff/p/{building.property.id}/email/"
    stopped = await browser.send("POST", f"{at}stop/", {"csrfmiddlewaretoken": token})
    assert stopped.location == at
    assert "Emails" in (await browser.get(f"/staff/p/{building.property.id}/")).words
