"""Links by email: who gets one is shown and confirmed, then they go out one at a time.

Addresses are read when they are shown and again when they are used, and never stored: of what was
confirmed a keyed hash is kept, and where the address is another by then, nothing is sent.
"""

import asyncio
import re
import smtplib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext_noop

from common import keys
from common.property.ids import bare_id
from ruckus.errors import ApiError, NotFound, NotSignedIn
from staff import audit
from staff.accounts.api import management_api
from staff.audit import What
from staff.homes import jobs
from staff.homes.marks import mark_handed_out
from staff.links import messages
from staff.links.handing_out import EMAIL, write_down
from staff.links.messages import usable_address
from staff.links.reading import StaffLink, link_of
from staff.models import Home, Job, JobItem, Property

# Seconds from one email to the next.
PACE = 1.0
# After so many homes in a row that RUCKUS One doesn't tell of, it is down.
MOST_FAILURES = 5
# What may have gone out: of one that was under way when a worker ended nobody knows.
SENT = (JobItem.State.DONE, JobItem.State.UNDER_WAY)

# What came of an email, beside what a mail server says; translated where it is read.
GONE = gettext_noop("RUCKUS One doesn’t know the home any more")
NOT_READ = gettext_noop("RUCKUS One didn’t answer")
NO_LINK = gettext_noop("There’s no link")
OTHER_ADDRESS = gettext_noop("The address has changed")
NO_SERVER = gettext_noop("The mail server can’t be reached")
UNKNOWN = gettext_noop("The connection broke: it may have been sent")

# A test waits less.
sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(frozen=True)
class Recipient:
    """A home, and the address that RUCKUS One has for it now."""

    home: Home
    name: str = field(repr=False)
    address: str = field(repr=False)

    @property
    def mark(self) -> str:
        """Return the keyed hash by which the address is known again."""
        return mark_of(self.address)


def mark_of(address: str) -> str:
    """Return the keyed hash of an address."""
    return keys.digest("email", address)


@dataclass(frozen=True)
class Plan:
    """Who gets an email, who has no address, and who had one today."""

    to: list[Recipient]
    without: list[Home]
    today: list[Recipient]

    @property
    def mark(self) -> str:
        """Return a keyed hash of all that is to be confirmed."""
        said = [f"{each.home.pk} {each.address}" for each in self.to]
        return keys.digest("plan of emails", *said)


async def planned(property: Property, homes: Sequence[Home], *, again: bool) -> Plan:
    """Return who would get an email now; with `again` those as well who had one today. Raise ApiError."""
    await keys.ready()
    units = await management_api(property.account).fetch_units(property.venue_id)
    residents = {bare_id(unit.id): unit.resident for unit in units}
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    sent = JobItem.objects.filter(
        job__property=property, job__kind=Job.Kind.EMAIL, state__in=SENT, at__gte=midnight
    )
    had = {pair async for pair in sent.values_list("home_id", "address")}
    plan = Plan([], [], [])
    for home in homes:
        resident = residents.get(bare_id(home.unit_id))
        address = usable_address(resident.email) if resident else ""
        if resident is None or not address:
            plan.without.append(home)
            continue
        recipient = Recipient(home, resident.name or "", address)
        is_repeated = (home.pk, recipient.mark) in had and not again
        (plan.today if is_repeated else plan.to).append(recipient)
    return plan


async def start(by: User, plan: Plan, property: Property, language: str) -> bool:
    """Start to send what was confirmed. Return False where emails of the property still go out."""
    return await sync_to_async(write_job)(by, plan, property, language)


def write_job(by: User, plan: Plan, property: Property, language: str) -> bool:
    try:
        with transaction.atomic():
            job = Job.objects.create(
                property=property, kind=Job.Kind.EMAIL, by=by, language=language
            )
            JobItem.objects.bulk_create(
                JobItem(job=job, home=each.home, address=each.mark) for each in plan.to
            )
            jobs.run.enqueue(job.pk)
    except IntegrityError:
        # One job at a time: of two at once neither would know what the other one sends.
        return False
    return True


@dataclass(frozen=True)
class Sending:
    """The latest emails of a property, and how far they are."""

    job: Job
    items: list[JobItem]

    @property
    def at_work(self) -> bool:
        """Return whether some are still to go out."""
        return self.job.state in jobs.AT_WORK

    @property
    def sent(self) -> int:
        """Return how many the mail server has taken."""
        return sum(item.state == JobItem.State.DONE for item in self.items)

    @property
    def done(self) -> int:
        """Return how many need no further doing."""
        return sum(item.state != JobItem.State.WAITING for item in self.items)


async def latest(property: Property) -> Sending | None:
    """Return the latest emails of a property, or None where there were none."""
    job = await jobs.latest(property, jobs.Kind.EMAIL)
    if job is None:
        return None
    items = job.items.select_related("home").order_by("pk")
    return Sending(job, [item async for item in items])


async def outcome(property: Property) -> dict[str, int]:
    """Return how many of the latest emails were sent and how many failed; nothing where there were none."""
    job = await jobs.latest(property, jobs.Kind.EMAIL)
    if job is None:
        return {}
    counts = job.items.values_list("state").annotate(Count("pk"))
    found = {state: count async for state, count in counts}
    return {
        "sent": found.get(JobItem.State.DONE, 0),
        "failed": found.get(JobItem.State.FAILED, 0),
    }


@jobs.work(jobs.Kind.EMAIL)
async def send_some(run: jobs.Run) -> None:
    """Send the next emails of a job, one at a time. Raise ApiError if RUCKUS One can't be read."""
    await keys.ready()
    failures = 0
    async for item in run.items():
        try:
            await send(run, item)
            failures = 0
        except NotSignedIn:
            raise
        except ApiError:
            failures += 1
            if failures >= MOST_FAILURES:
                # The rest of them waits: nothing has gone out.
                raise
            await failed(run, item, NOT_READ)
        await sleep(PACE)


async def send(run: jobs.Run, item: JobItem) -> None:
    """Send one email, unless there is a reason not to. Raise ApiError.

    None is sent twice, whatever ends the worker: it is under way before the mail server hears of it.
    """
    job = run.job
    try:
        link = await link_of(job.property, item.home, bulk=True)
    except NotFound:
        await failed(run, item, GONE)
        return
    address = usable_address(link.resident.email) if link.resident else ""
    if not link.url:
        await failed(run, item, NO_LINK)
    elif mark_of(address) != item.address:
        await failed(run, item, OTHER_ADDRESS)
    elif await claimed(item):
        await write_down(job.by, job.property, EMAIL, [link], is_handed_out=False)
        result = await asyncio.to_thread(deliver, job, link, address)
        if result in ("", UNKNOWN):
            await mark_handed_out([item.home], EMAIL.way, job.by)
        if result:
            await failed(run, item, result)
        else:
            await run.done(item, "")


async def claimed(item: JobItem) -> bool:
    """Return whether it is this worker that sends it."""
    mine = JobItem.objects.filter(pk=item.pk, state=JobItem.State.WAITING)
    return bool(await mine.aupdate(state=JobItem.State.UNDER_WAY, at=timezone.now()))


async def failed(run: jobs.Run, item: JobItem, result: str) -> None:
    """Write down why an email was not delivered."""
    await audit.note(
        run.job.by, What.EMAIL_FAILED, property=run.job.property, home=item.home, detail=result
    )
    await run.done(item, result, failed=True)


def deliver(job: Job, link: StaffLink, address: str) -> str:
    """Hand the email to the mail server. Return "" once it has taken it, else why it has not."""
    message = messages.email(job.property, link, job.language)
    connection = get_connection()
    try:
        connection.open()
    except smtplib.SMTPResponseException as error:
        return refusal(error.smtp_code, error.smtp_error)
    except (OSError, smtplib.SMTPException):
        return NO_SERVER
    mail = EmailMultiAlternatives(
        message.subject, message.text, to=[address], connection=connection
    )
    mail.attach_alternative(message.html, "text/html")
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        return refusal(*next(iter(error.recipients.values())))
    except smtplib.SMTPResponseException as error:
        return refusal(error.smtp_code, error.smtp_error)
    except (OSError, smtplib.SMTPException):
        return UNKNOWN
    finally:
        connection.close()
    return ""


def refusal(code: int, said: bytes | str) -> str:
    """Return what the mail server said, without the address or link that it may repeat."""
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    words = ("…" if re.search("[@:/#]", word) else word for word in text.split())
    return f"{code} {' '.join(words)}"[:200]
