"""The staff's app: a building's links, and the people who hand them out."""

from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "staff"
    verbose_name = "Staff"
