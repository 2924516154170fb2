"""The app that holds what all others stand on."""

from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "common"
