"""The staff's app: a building's links, and the people who hand them out."""

from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "staff"
    verbose_name = "Staff"

    def ready(self) -> None:
        # What is done in the background is registered, for a worker reads no addresses.
        import staff.homes.check  # noqa: F401, PLC0415
