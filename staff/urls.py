"""Addresses of staff's pages. Ids in them are checked before any view runs; none holds an access code."""

from django.urls import URLPattern, path

import common.converters  # noqa: F401, it registers what addresses hold
from staff.views import door as at_the_door
from staff.views import pending

app_name = "staff"

PROPERTY = "p/<id:property_id>/"
HOME = f"{PROPERTY}homes/<id:unit_id>/"

door: list[URLPattern] = [
    path("sign-in/", at_the_door.sign_in, name="sign-in"),
    path("sign-in/code/", at_the_door.code, name="code"),
    path("sign-in/recovery/", at_the_door.recovery, name="recovery"),
    path("sign-out/", at_the_door.sign_out, name="sign-out"),
    path("password/", at_the_door.password, name="password"),
    path("me/", pending.pending, name="me"),
    path("people/", pending.pending, name="people"),
    path("audit/", pending.pending, name="audit"),
]
accounts: list[URLPattern] = [
    path("accounts/", pending.pending, name="accounts"),
]
homes: list[URLPattern] = [
    path("", pending.pending, name="home"),
    path("set-up/", pending.pending, name="set-up-all"),
    path(PROPERTY, pending.pending, name="homes"),
    path(f"{PROPERTY}set-up/", pending.pending, name="set-up"),
]
links: list[URLPattern] = [
    path(HOME, pending.pending, name="one-home"),
]
handover: list[URLPattern] = []

urlpatterns = door + accounts + homes + links + handover
