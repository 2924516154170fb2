"""Addresses of staff's pages. Ids in them are checked before any view runs; none holds an access code."""

from django.urls import URLPattern, path

import common.converters  # noqa: F401, it registers what addresses hold
from staff.views import accounts as accounts_views
from staff.views import (
    audit,
    email,
    export,
    from_file,
    home,
    letters,
    me,
    move_out,
    people,
    replace,
    ruckus_message,
    selection,
    set_up,
    welcome,
)
from staff.views import door as at_the_door
from staff.views import homes as homes_views

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
    path(HOME, home.one_home, name="one-home"),
    path(f"{HOME}link/", home.link, name="link"),
    path(f"{PROPERTY}selection/", selection.selected, name="selection"),
    path(f"{PROPERTY}letters/", letters.letters, name="letters"),
    path(f"{PROPERTY}cards/", letters.cards, name="cards"),
    path(f"{PROPERTY}logo/<id:name>/", letters.logo, name="logo"),
    path(f"{PROPERTY}links.csv", export.download, name="export"),
    path(f"{PROPERTY}email/", email.emails, name="email"),
    path(f"{PROPERTY}email/stop/", email.stop, name="stop-email"),
    path(f"{PROPERTY}ruckus-message/", ruckus_message.send, name="ruckus-message"),
    path(f"{PROPERTY}from-file/", from_file.upload, name="from-file"),
]
handover: list[URLPattern] = [
    path(f"{HOME}replace/", replace.replace, name="replace"),
    path(f"{HOME}replace/<int:number>/", replace.replaced, name="replaced"),
    path(f"{HOME}move-out/", move_out.move_out, name="move-out"),
    path(f"{HOME}move-out/<int:pk>/", move_out.moving_out, name="moving-out"),
    path(f"{HOME}move-out/<int:pk>/step/", move_out.step, name="move-out-step"),
    path(f"{HOME}move-out/<int:pk>/close/", move_out.close, name="close-move-out"),
]

urlpatterns = door + accounts + homes + links + handover
