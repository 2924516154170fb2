"""`manage.py purge` deletes what has ended of each kind, and nothing else, and prints counts alone."""

from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import models
from django.utils import timezone

from common import ended
from common.models import (
    AwaitedWrite,
    Checklist,
    DeviceName,
    DiaryEntry,
    KnownProperty,
    LinkHold,
    OpenedHome,
    Session,
)
from staff.models import (
    AuditEntry,
    Home,
    Invitation,
    Job,
    JobItem,
    MoveOut,
    Property,
    RuckusAccount,
)

pytestmark = pytest.mark.django_db

Task: type[models.Model] = apps.get_model("django_tasks_database", "DBTaskResult")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
YEAR = timedelta(days=365)
LOGGED = timedelta(days=settings.AUDIT_DAYS)


def purged() -> str:
    out = StringIO()
    call_command("purge", stdout=out)
    return out.getvalue()


@pytest.fixture
def place() -> Property:
    account = RuckusAccount.objects.create(name="A", region="eu", tenant_id="t", encrypted="x")
    return Property.objects.create(id="a" * 32, account=account, venue_id="v", name="P")


def row(kind: str, at: datetime | None, number: int, place: Property) -> models.Model:
    """A row of a kind whose end is at this moment."""
    name = f"{kind} {number}"
    if kind == "session":
        return Session.objects.create(session_key=name, session_data="x", expire_date=at)
    if kind == "awaited":
        return AwaitedWrite.objects.create(home=name, user="u", ends=at)
    if kind == "hold":
        return LinkHold.objects.create(home=name, reason="contact", ends=at)
    if kind == "invitation":
        user = User.objects.create(username=name)
        return Invitation.objects.create(user=user, digest=name, ends=at)
    if kind == "task":
        return Task._default_manager.create(
            args_kwargs={}, task_path="a.b", run_after=timezone.now(), finished_at=at
        )
    if kind == "job":
        state = "done" if at else "waiting"
        return Job.objects.create(property=place, kind="check", state=state, ended=at)
    home = Home.objects.create(property=place, unit_id=name, mark=name, sort_key=name)
    return MoveOut.objects.create(home=home, ended=at)


@pytest.mark.parametrize(
    ("kind", "what", "kept"),
    [
        ("session", "sessions", timedelta()),
        ("awaited", "awaited changes", timedelta()),
        ("hold", "holds of links", timedelta()),
        ("invitation", "invitations of staff", timedelta()),
        ("task", "results of tasks", timedelta(days=14)),
        ("job", "jobs of staff", LOGGED),
        ("move-out", "move-outs", LOGGED),
    ],
)
def test_what_has_ended_goes_and_what_has_not_stays(
    place: Property, kind: str, what: str, kept: timedelta
) -> None:
    now = timezone.now()
    over = [row(kind, now - kept - HOUR, number, place) for number in range(2)]
    stays = [row(kind, now - kept + HOUR, 3, place)]
    if kind in ("task", "job", "move-out"):
        # It has not ended at all.
        stays.append(row(kind, None, 4, place))
    assert f"2 {what}" in purged()
    manager = type(stays[0])._default_manager
    assert set(manager.all()) == set(stays)
    assert over
    assert f"0 {what}" in purged()


def test_days_count_for_what_belongs_to_a_link_that_nobody_uses() -> None:
    today = timezone.now().date()
    for number, seen in enumerate([today - YEAR - DAY, today - YEAR, today]):
        DeviceName.objects.create(link="l", device=f"d{number}", encrypted="x", seen=seen)
        OpenedHome.objects.create(home=f"h{number}", link="l")
        OpenedHome.objects.filter(home=f"h{number}").update(seen=seen)
    said = purged()
    assert "1 names of devices" in said
    assert "1 opened homes" in said
    assert {name.device for name in DeviceName.objects.all()} == {"d1", "d2"}
    assert {home.home for home in OpenedHome.objects.all()} == {"h1", "h2"}


def test_diaries_checklists_and_the_log_go_when_they_are_kept_no_longer() -> None:
    now = timezone.now()
    for end in (now - HOUR, now + HOUR):
        DiaryEntry.objects.create(link="l", weight=1, at=now, ends=end, encrypted="x")
        mark = f"m{end.timestamp()}"
        Checklist.objects.create(link=mark, user="u", encrypted="x", ends=end)
    for age in (LOGGED + HOUR, LOGGED - HOUR):
        entry = AuditEntry.objects.create(who="Sam", what="signed in")
        AuditEntry.objects.filter(pk=entry.pk).update(at=now - age)
    said = purged()
    for what in ("1 diary entries", "1 checklists", "1 entries of staff's log"):
        assert what in said
    for model in (DiaryEntry, Checklist, AuditEntry):
        assert model._default_manager.count() == 1


def test_a_job_takes_its_homes_along(place: Property) -> None:
    job = row("job", timezone.now() - LOGGED - HOUR, 0, place)
    home = Home.objects.create(property=place, unit_id="u", mark="m", sort_key="u")
    JobItem.objects.create(job=job, home=home)
    assert "1 jobs of staff" in purged()
    assert not JobItem.objects.exists()
    assert Home.objects.exists()


def test_more_than_go_at_a_time_go_all(monkeypatch: pytest.MonkeyPatch, place: Property) -> None:
    monkeypatch.setattr(ended, "AT_ONCE", 2)
    for number in range(5):
        row("session", timezone.now() - HOUR, number, place)
    assert "5 sessions" in purged()
    assert not Session.objects.exists()


def test_only_counts_are_printed(place: Property) -> None:
    row("session", timezone.now() - HOUR, 0, place)
    KnownProperty.objects.create(id="b" * 32)
    said = purged()
    assert said.startswith("Deleted: 1 sessions, 0 awaited changes, ")
    for secret in ("session 0", "a" * 32, "b" * 32, "Sam"):
        assert secret not in said
    assert KnownProperty.objects.exists()


def test_each_table_with_an_end_is_purged() -> None:
    of_ours = [
        *apps.get_app_config("common").get_models(),
        *apps.get_app_config("staff").get_models(),
    ]
    ends = {"ends", "ended", "expire_date", "seen"}
    purgeable = {ended_rows(timezone.now()).model for ended_rows in ended.kinds.values()}
    for model in of_ours:
        if ends & {field.name for field in model._meta.get_fields()}:
            assert model in purgeable, model
