"""Work on many homes in the background."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.db import DatabaseError, IntegrityError
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from common.models import DiaryEntry
from sandbox.management import wire
from staff.homes import check, jobs
from staff.models import AuditEntry, Home, Job, JobItem


async def work_off(building):
    """Does all tasks that wait, as a worker would, without its waits."""
    while True:
        ready = [each async for each in DBTaskResult.objects.ready()]
        if not ready:
            return
        await DBTaskResult.objects.filter(pk=ready[0].pk).aupdate(
            status=TaskResultStatus.SUCCESSFUL
        )
        await jobs.go_on(*ready[0].args_kwargs["args"])


async def checking(building):
    homes = [home async for home in building.property.homes.all()]
    return await jobs.start(building.property, Job.Kind.CHECK_LINKS, None, homes)


async def test_each_home_is_told_how_its_link_is(building):
    await checking(building)
    await work_off(building)
    homes = building.property.homes
    assert await homes.filter(link=Home.Link.READY).acount() == 288
    missing = {home.unit_id async for home in homes.filter(link=Home.Link.MISSING)}
    assert missing == set(building.without_link)
    job = await Job.objects.aget()
    assert (job.state, job.reason) == ("done", "")
    assert job.ended
    calls = building.sandbox.calls()
    assert calls.count("fetchUnit") == 300
    # One in fifty, and one to find out what links look like.
    assert 4 <= calls.count("residentLogin") <= 7
    assert await homes.filter(link_proved=True).acount() == calls.count("residentLogin")
    tested = AuditEntry.objects.filter(what="link tested")
    assert await tested.acount() == calls.count("residentLogin")
    assert await DiaryEntry.objects.acount() == calls.count("residentLogin")
    await building.account.arefresh_from_db()
    assert building.account.shape["parameter"] == "auth"


async def test_a_task_names_its_job_and_nothing_else(building):
    job = await checking(building)
    task = await DBTaskResult.objects.aget()
    assert task.args_kwargs == {"args": [job.pk], "kwargs": {}}


async def test_a_job_goes_on_slice_by_slice(building, monkeypatch):
    monkeypatch.setattr(jobs, "SLICE_HOMES", 7)
    job = await checking(building)
    await jobs.go_on(job.pk)
    assert await job.items.filter(state=JobItem.State.DONE).acount() == 7
    await job.arefresh_from_db()
    assert (job.state, job.seen) == ("running", None)
    assert await DBTaskResult.objects.acount() == 2


async def test_a_slice_ends_when_its_time_is_over_or_the_process_is_to_end(building, monkeypatch):
    monkeypatch.setattr(jobs, "SLICE_SECONDS", -1.0)
    job = await checking(building)
    await jobs.go_on(job.pk)
    monkeypatch.setattr(jobs, "SLICE_SECONDS", 100.0)
    monkeypatch.setattr(jobs.Ending, "asked", True)
    await jobs.go_on(job.pk)
    assert not await job.items.exclude(state=JobItem.State.WAITING).aexists()
    assert await DBTaskResult.objects.acount() == 3


async def test_there_is_one_job_of_a_kind_at_a_time(building):
    first = await checking(building)
    assert (await checking(building)).pk == first.pk
    await jobs.stop(first)
    second = await checking(building)
    assert second.pk != first.pk
    assert await Job.objects.aget() == second, "what it tells is told of the homes"


async def test_a_job_that_ended_in_between_is_no_hindrance(building, monkeypatch):
    real, refused = Job.objects.create, []

    def create(**values):
        if not refused:
            refused.append(values)
            raise IntegrityError
        return real(**values)

    monkeypatch.setattr(Job.objects, "create", create)
    assert (await checking(building)).pk
    assert refused


async def test_a_home_that_goes_meanwhile_takes_its_item_along(building, monkeypatch):
    job = await checking(building)
    real = check.check_one

    async def going(run, item, *args, **kwargs):
        if item.home.name == "103":
            await Home.objects.filter(pk=item.home.pk).adelete()
        await real(run, item, *args, **kwargs)

    monkeypatch.setattr(check, "check_one", going)
    await work_off(building)
    await job.arefresh_from_db()
    assert (job.state, await job.items.acount()) == ("done", 299)


async def test_emails_are_remembered(building):
    first = await jobs.start(building.property, Job.Kind.EMAIL, None)
    await jobs.stop(first)
    await jobs.start(building.property, Job.Kind.EMAIL, None, language="es")
    assert await Job.objects.acount() == 2


async def test_no_two_workers_have_a_job(building):
    job = await checking(building)
    mine = await jobs.claim(job.pk)
    assert mine is not None
    assert await jobs.claim(job.pk) is None
    await jobs.go_on(job.pk)
    assert building.sandbox.calls() == []


async def test_a_job_that_stands_still_is_taken_over_and_lost_to_the_first(building):
    job = await checking(building)
    first = await jobs.claim(job.pk)
    await first.beat()
    long_ago = timezone.now() - timedelta(seconds=61)
    await Job.objects.filter(pk=job.pk).aupdate(seen=long_ago)
    second = await jobs.claim(job.pk)
    assert second is not None
    with pytest.raises(jobs.Lost):
        await first.beat()
    await second.beat()


async def test_a_job_that_was_stopped_ends_at_the_next_home(building, monkeypatch):
    job = await checking(building)
    real = check.check_one

    async def stopping(*args, **kwargs):
        await real(*args, **kwargs)
        await jobs.stop(job)

    monkeypatch.setattr(check, "check_one", stopping)
    await work_off(building)
    await job.arefresh_from_db()
    assert job.state == "stopped"
    assert await job.items.filter(state=JobItem.State.DONE).acount() == 1


async def test_a_worker_that_is_alive_says_so_meanwhile(building, monkeypatch):
    monkeypatch.setattr(jobs, "BEAT_SECONDS", 0.0)
    job = await checking(building)
    mine = await jobs.claim(job.pk)
    beat, beats = mine.beat, []

    async def counted():
        beats.append(1)
        if len(beats) == 1:
            raise DatabaseError
        if len(beats) == 3:
            await jobs.stop(job)
        await beat()

    monkeypatch.setattr(mine, "beat", counted)
    await mine.keep_beating()
    assert len(beats) == 3


async def test_what_was_abandoned_is_taken_up_again(building):
    job = await checking(building)
    task = await DBTaskResult.objects.aget()
    await sync_to_async(task.claim)("a worker that is killed")
    await jobs.claim(job.pk)
    await sync_to_async(jobs.look_after)()
    assert await DBTaskResult.objects.acount() == 1, "its worker may be alive"

    long_ago = timezone.now() - timedelta(seconds=61)
    await Job.objects.filter(pk=job.pk).aupdate(seen=long_ago)
    await sync_to_async(jobs.look_after)()
    await sync_to_async(jobs.look_after)()
    assert await DBTaskResult.objects.ready().acount() == 1, "it waits for a worker already"
    await work_off(building)
    await job.arefresh_from_db()
    assert job.state == "done"
    assert building.sandbox.calls("fetchUnit") == ["fetchUnit"] * 300


async def test_results_of_tasks_are_kept_for_a_day(building):
    await checking(building)
    task = await DBTaskResult.objects.aget()
    for status in (TaskResultStatus.SUCCESSFUL, TaskResultStatus.RUNNING):
        for hours in (25, 23):
            when = timezone.now() - timedelta(hours=hours)
            finished = when if status == TaskResultStatus.SUCCESSFUL else None
            await DBTaskResult.objects.acreate(
                args_kwargs=task.args_kwargs,
                task_path=task.task_path,
                backend_name=task.backend_name,
                run_after=task.run_after,
                status=status,
                started_at=when,
                finished_at=finished,
            )
    await sync_to_async(jobs.look_after)()
    assert await DBTaskResult.objects.exclude(pk=task.pk).acount() == 2


async def test_a_home_that_is_gone_or_not_told_is_no_end_of_the_check(building):
    gone = building.units[4]
    del building.sandbox.state.units[gone.guid]
    building.sandbox.fault("status", operation="fetchUnit", status=403, count=2)
    job = await checking(building)
    await work_off(building)
    await job.arefresh_from_db()
    failed = job.items.filter(state=JobItem.State.FAILED)
    results = sorted([item.result async for item in failed])
    assert results == ["gone", "status 403", "status 403"]
    assert job.state == "done"


async def test_a_vendor_without_an_answer_ends_the_check(building):
    building.sandbox.fault("reset", operation="fetchUnit")
    job = await checking(building)
    await work_off(building)
    await job.arefresh_from_db()
    assert (job.state, job.reason) == ("failed", "outage")
    failed = job.items.filter(state=JobItem.State.FAILED)
    assert [item.result async for item in failed] == ["no answer"] * 4
    assert await jobs.claim(job.pk) is None


async def test_an_account_that_is_refused_ends_the_check(building):
    building.sandbox.fault("status", operation="createToken", status=401)
    job = await checking(building)
    await work_off(building)
    await job.arefresh_from_db()
    assert (job.state, job.reason) == ("failed", "account")


async def test_a_mistake_of_ours_ends_the_job_and_is_logged(building, monkeypatch, caplog):
    async def mistake(run):
        raise ValueError("of ours")

    monkeypatch.setitem(jobs._works, Job.Kind.CHECK_LINKS, mistake)
    job = await checking(building)
    await jobs.go_on(job.pk)
    await job.arefresh_from_db()
    assert (job.state, job.reason) == ("failed", "mistake")
    assert "A job failed" in caplog.text


async def test_a_database_that_is_down_leaves_the_job_to_be_taken_up_again(building, monkeypatch):
    async def down(run):
        raise DatabaseError

    monkeypatch.setitem(jobs._works, Job.Kind.CHECK_LINKS, down)
    job = await checking(building)
    with pytest.raises(DatabaseError):
        await jobs.go_on(job.pk)
    await job.arefresh_from_db()
    assert job.state == "running"


async def test_links_that_open_nothing_or_another_home_are_refused(building, monkeypatch):
    numbers = ("102", "103")
    real = wire.link
    wrong = {building.unit("102").guid: "no code of any", building.unit("103").guid: "104"}

    def link(unit, shape):
        other = wrong.get(unit.guid)
        if other == "104":
            return real(building.unit("104"), shape)
        return real(replace(unit, access_code=other) if other else unit, shape)

    monkeypatch.setattr(wire, "link", link)
    homes = [await building.home(number) for number in numbers]
    await jobs.start(building.property, Job.Kind.CHECK_LINKS, None, homes)
    await work_off(building)
    found = [(each.link, each.link_proved) async for each in building.property.homes.all()[1:3]]
    assert found == [("refused", False), ("refused", True)]


async def test_a_link_without_a_code_is_unreadable(building, monkeypatch):
    monkeypatch.setattr("sandbox.management.wire.link", lambda *_: "https://homes.example.com/")
    job = await checking(building)
    await work_off(building)
    unreadable = building.property.homes.filter(link=Home.Link.UNREADABLE)
    assert await unreadable.acount() == 288
    # After three homes it is left at that; no sign-in was made without a code.
    assert building.sandbox.calls("residentLogin") == []
    assert await job.items.filter(result="unreadable").acount() == 288


async def test_the_task_closes_what_belongs_to_its_loop(building):
    job = await checking(building)
    await jobs.run.func(job.pk)
    from common import upstream

    assert asyncio.get_running_loop() not in upstream._upstreams
