"""Addresses. Ids in them are checked before any view runs; no address made here holds a secret."""

from django.urls import path, re_path, register_converter

import common.converters  # noqa: F401, it registers what addresses hold
from residents import converters
from residents.views import (
    branding,
    checklist,
    connect,
    contact,
    device_names,
    devices,
    diary,
    help,  # noqa: A004
    home,
    link,
    sign_in,
    wifi,
)

register_converter(converters.Kind, "kind")
register_converter(converters.PropertyHere, "property_here")

WIFI = "wifi/<kind:kind>/<id:user_id>/"

urlpatterns = [
    path("", home.home, name="home"),
    path("p/", sign_in.start, name="start"),
    path("p/<property_here:property_id>/", sign_in.welcome, name="welcome"),
    path("p/<property_here:property_id>/icon.png", branding.icon, name="icon"),
    # The secret may hold anything, and a mail program may have eaten the last slash.
    re_path(
        r"^p/(?P<property_id>[A-Za-z0-9-]{1,64})/(?P<secret>.{1,2000}?)/?$",
        sign_in.welcome,
        name="link",
    ),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("sign-out-everywhere/", sign_in.sign_out_everywhere, name="sign-out-everywhere"),
    path("contact/", contact.unit, name="contact"),
    path("people/<id:user_id>/contact/", contact.person, name="person"),
    path(WIFI, wifi.section, name="wifi"),
    path(f"{WIFI}qr/", connect.qr, name="qr"),
    path(f"{WIFI}letters/", connect.letters, name="letters"),
    path(f"{WIFI}connect/", connect.connect, name="connect"),
    path(f"{WIFI}connect/wifi.mobileconfig", connect.apple_profile, name="profile"),
    path(f"{WIFI}cards/", connect.cards, name="cards"),
    path(f"{WIFI}reset/", wifi.reset, name="reset"),
    path(f"{WIFI}choose/", wifi.choose, name="choose"),
    path(f"{WIFI}back/", checklist.checklist, name="checklist"),
    path(f"{WIFI}back/tick/", checklist.tick, name="tick"),
    path(f"{WIFI}back/done/", checklist.done, name="done"),
    path(f"{WIFI}devices/", devices.device_list, name="devices"),
    path(f"{WIFI}devices/<id:device_id>/remove/", devices.remove, name="remove"),
    path(f"{WIFI}devices/<id:device_id>/name/", device_names.name, name="name"),
    path("devices/", devices.all_devices, name="all-devices"),
    path("help/", help.help_page, name="help"),
    path("help/link/", link.other_link, name="other-link"),
    path("help/link/replace/", link.replace, name="replace-link"),
    path("privacy/", help.privacy, name="privacy"),
    path("privacy/delete/", diary.delete, name="delete"),
    path("diary/", diary.diary_page, name="diary"),
    path("accessibility/", help.accessibility, name="accessibility"),
    path("logo/<slug:name>.png", branding.logo, name="logo"),
]
