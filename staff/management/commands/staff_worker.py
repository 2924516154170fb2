"""Do what goes on in the background for staff: checks of links, readings of homes, emails."""

import logging
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, close_old_connections
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from staff.homes import jobs

log = logging.getLogger("staff")

LOOK_SECONDS = 5.0
"""How often is looked for what was abandoned."""

PAUSE_SECONDS = 5.0
"""How long a database is left alone that does not answer."""


class StaffWorker(Worker):
    """Does one task at a time, and has a slice end early where the process is to end."""

    def __init__(self) -> None:
        super().__init__(
            queue_names=["default"],
            interval=0.0,
            batch=True,
            backend_name="default",
            startup_delay=False,
            max_tasks=1,
            worker_id=get_random_string(32),
            excluded_queue_names=[],
        )
        self.look_at = 0.0

    def shutdown(self, signum: int, frame: Any) -> None:
        """End after the home that is being worked on, at once where there is none."""
        jobs.Ending.asked = True
        super().shutdown(signum, frame)

    def step(self) -> bool:
        """Do a task, and return whether there was one. Raise DatabaseError."""
        close_old_connections()
        if time.monotonic() >= self.look_at:
            jobs.look_after()
            self.look_at = time.monotonic() + LOOK_SECONDS
        # Fetching a task keeps all others from writing to SQLite.
        if not DBTaskResult.objects.ready().exists():
            return False
        self.run()
        return True


class Command(BaseCommand):
    help = "Do what goes on in the background for staff, until it is told to end."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--interval", type=float, default=1.0, help="seconds between two looks at the queue"
        )
        parser.add_argument(
            "--until-idle", action="store_true", help="end as soon as nothing waits any more"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.STAFF:
            raise CommandError("Set STAFF=on: without it there is nothing to do.")
        # A line for each look at the queue would be one a second.
        for name in ("django_tasks", "django_tasks_db"):
            logging.getLogger(name).setLevel(logging.WARNING)
        worker = StaffWorker()
        worker.configure_signals()
        log.info("The worker has started")
        while worker.running:
            try:
                busy = worker.step()
            except DatabaseError as error:
                log.warning("The database does not answer: %s", error)
                time.sleep(PAUSE_SECONDS)
                continue
            if not busy and options["until_idle"]:
                return
            if not busy:
                time.sleep(options["interval"])
