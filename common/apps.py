"""The app that holds what all others stand on."""

from django.apps import AppConfig

from common import encrypted, ended, keys, metrics, private_files


class CommonConfig(AppConfig):
    name = "common"

    def ready(self) -> None:
        # Registers its checks. Not above: they need the settings.
        from common.doctor import checks  # noqa: F401, PLC0415

        private_files.watch()
        metrics.watch()
        encrypted.register(
            self.get_model("Session"), "session_data", keys.SESSIONS, what="sessions"
        )
        encrypted.register(
            self.get_model("DeviceName"), "encrypted", keys.NAMES, what="names of devices"
        )
        encrypted.register(
            self.get_model("DiaryEntry"), "encrypted", keys.DIARY, what="diary entries"
        )
        encrypted.register(
            self.get_model("Checklist"), "encrypted", keys.CHECKLISTS, what="checklists"
        )
        encrypted.register_hashed(self.get_model("OpenedHome"))
        ended.register("sessions", self.get_model("Session"), "expire_date")
        ended.register("awaited changes", self.get_model("AwaitedWrite"), "ends")
        ended.register("holds of links", self.get_model("LinkHold"), "ends")
        ended.register("checklists", self.get_model("Checklist"), "ends")
        ended.register("diary entries", self.get_model("DiaryEntry"), "ends")
        for what, model in (("names of devices", "DeviceName"), ("opened homes", "OpenedHome")):
            ended.register(what, self.get_model(model), "seen", ended.LINK_UNUSED)
