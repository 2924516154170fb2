"""The staff's app: a building's links, and the people who hand them out."""

from django.apps import AppConfig, apps

from common import encrypted, keys


class StaffConfig(AppConfig):
    name = "staff"
    verbose_name = "Staff"

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
