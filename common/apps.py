"""The app that holds what all others stand on."""

from django.apps import AppConfig

from common import private_files


class CommonConfig(AppConfig):
    name = "common"

    def ready(self) -> None:
        private_files.watch()
