"""Addresses of staff's pages. Ids in them are checked before any view runs; none holds an access code."""

from django.urls import URLPattern, path

import common.converters  # noqa: F401, it registers what addresses hold
from staff.views import accounts as accounts_views
from staff.views import homes as homes_views
from staff.views import pending, set_up

app_name = "staff"

PROPERTY = "p/<id:property_id>/"
HOME = f"{PROPERTY}homes/<id:unit_id>/"

door: list[URLPattern] = [
    path("sign-in/", pending.pending, name="sign-in"),
    path("sign-out/", pending.pending, name="sign-out"),
    path("me/", pending.pending, name="me"),
    path("people/", pending.pending, name="people"),
    path("audit/", pending.pending, name="audit"),
]
accounts: list[URLPattern] = [
    path("accounts/", accounts_views.accounts, name="accounts"),
    path("accounts/connect/", accounts_views.connect, name="connect"),
    path("accounts/<int:pk>/", accounts_views.account, name="account"),
    path("accounts/<int:pk>/token/", accounts_views.new_token, name="new-token"),
    path("accounts/<int:pk>/test/", accounts_views.test, name="test-account"),
    path("accounts/<int:pk>/properties/", accounts_views.properties, name="account-properties"),
    path("accounts/<int:pk>/disconnect/", accounts_views.disconnect, name="disconnect"),
]
homes: list[URLPattern] = [
    path("", homes_views.start, name="home"),
    path("set-up/", set_up.everything, name="set-up-all"),
    path(PROPERTY, homes_views.homes, name="homes"),
    path(f"{PROPERTY}residents/", homes_views.residents, name="residents"),
    path(f"{PROPERTY}read/", homes_views.read, name="read-homes"),
    path(f"{PROPERTY}check/", homes_views.check, name="check"),
    path(f"{PROPERTY}check/stop/", homes_views.stop, name="stop-check"),
    path(f"{PROPERTY}set-up/", set_up.property_set_up, name="set-up"),
]
links: list[URLPattern] = [
    path(HOME, pending.pending, name="one-home"),
    path(f"{PROPERTY}selection/", pending.pending, name="selection"),
]
handover: list[URLPattern] = []

urlpatterns = door + accounts + homes + links + handover
