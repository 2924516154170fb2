"""The staff's app: a building's links, and the people who hand them out."""

from datetime import timedelta

from django.apps import AppConfig, apps
from django.conf import settings

from common import encrypted, ended, keys


class StaffConfig(AppConfig):
    name = "staff"
    verbose_name = "Staff"
    # What came of a task in the background is kept for whoever looks for a fault.
    tasks_kept = timedelta(days=14)

    def ready(self) -> None:
        # What is done in the background is registered, for a worker reads no addresses.
        import staff.homes.check  # noqa: PLC0415
        import staff.links.email  # noqa: F401, PLC0415

        encrypted.register(
            apps.get_model("common", "Session"), "session_data", keys.STAFF_SESSIONS, "sessions"
        )
        encrypted.register(
            self.get_model("Person"),
            "encrypted_key",
            keys.STAFF,
            "authenticators of staff",
            keeps_row=True,
        )
        encrypted.register(
            self.get_model("RuckusAccount"),
            "encrypted",
            keys.STAFF,
            "secrets of RUCKUS One accounts",
            keeps_row=True,
        )
        encrypted.register_hashed(self.get_model("RecoveryCode"))
        encrypted.register_hashed(self.get_model("Invitation"))
        ended.register("invitations of staff", self.get_model("Invitation"), "ends")
        # What staff did is kept as long as the log of it.
        logged = timedelta(days=settings.AUDIT_DAYS)
        ended.register("entries of staff's log", self.get_model("AuditEntry"), "at", logged)
        ended.register("jobs of staff", self.get_model("Job"), "ended", logged)
        ended.register("replaced links", self.get_model("LinkReplacement"), "ended", logged)
        ended.register("move-outs", self.get_model("MoveOut"), "ended", logged)
        ended.register(
            "results of tasks",
            apps.get_model("django_tasks_database", "DBTaskResult"),
            "finished_at",
            self.tasks_kept,
        )
