"""Addresses of staff's pages. Ids in them are checked before any view runs; none holds an access code."""

from django.urls import URLPattern, path

import common.converters  # noqa: F401, it registers what addresses hold
from staff.views import audit, me, pending, people, welcome
from staff.views import door as at_the_door

app_name = "staff"

PROPERTY = "p/<id:property_id>/"
HOME = f"{PROPERTY}homes/<id:unit_id>/"
PERSON = "people/<int:user_id>/"

door: list[URLPattern] = [
    path("sign-in/", at_the_door.sign_in, name="sign-in"),
    path("sign-in/code/", at_the_door.code, name="code"),
    path("sign-in/recovery/", at_the_door.recovery, name="recovery"),
    path("sign-out/", at_the_door.sign_out, name="sign-out"),
    path("password/", at_the_door.password, name="password"),
    path("welcome/<str:token>/", welcome.welcome, name="welcome"),
    path("me/", me.me, name="me"),
    path("me/password/", me.new_password, name="new-password"),
    path("me/authenticator/", me.new_authenticator, name="authenticator"),
    path("me/recovery-codes/", me.new_recovery_codes, name="recovery-codes"),
    path("people/", people.people, name="people"),
    path("people/add/", people.add, name="add-person"),
    path(PERSON, people.person, name="person"),
    path(f"{PERSON}role/", people.role, name="role"),
    path(f"{PERSON}give/<id:property_id>/", people.give, name="give-property"),
    path(f"{PERSON}take/<id:property_id>/", people.take, name="take-property"),
    path(f"{PERSON}link/", people.new_link, name="new-link"),
    path(f"{PERSON}remove/", people.remove, name="remove-person"),
    path("audit/", audit.audit, name="audit"),
    path("audit/csv/", audit.as_csv, name="audit-csv"),
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
