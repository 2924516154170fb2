"""What a device is: its kind, from whatever word the Wi-Fi system has for it, and who made it."""

import re

import aiooui
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

# The first that has one of these words wins; a "smart TV" is no smartphone, a "game tablet" a tablet.
KINDS = (
    ("watch", ("watch", "wearable", "band")),
    ("tv", ("tv", "television", "stream", "roku", "chromecast", "set-top")),
    ("gamepad-2", ("console", "playstation", "xbox", "nintendo")),
    ("speaker", ("speaker", "assistant", "audio", "sound", "echo")),
    ("printer", ("print", "scanner")),
    ("tablet", ("tablet", "ipad")),
    ("smartphone", ("phone", "mobile", "android")),
    ("monitor", ("desktop", "workstation")),
    ("laptop", ("laptop", "notebook", "computer", "mac", "windows", "chromebook", "pc")),
    ("plug", ("plug", "light", "lamp", "bulb", "thermostat", "switch", "smart home", "iot")),
)
UNKNOWN = "cpu"
# What the Wi-Fi system says of most devices; other words are shown as they come.
NAMES = {
    "smartphone": noop("Smartphone"),
    "tablet": noop("Tablet"),
    "laptop": noop("Laptop"),
    "desktop": noop("Desktop computer"),
    "smart tv": noop("Smart TV"),
    "game console": noop("Game console"),
    "printer": noop("Printer"),
    "speaker": noop("Speaker"),
    "voice assistant": noop("Voice assistant"),
    "smart plug": noop("Smart plug"),
    "watch": noop("Watch"),
    "camera": noop("Camera"),
}


def name_of_kind(kind: str) -> str:
    """Return what the Wi-Fi system calls a device, in the reader's language where we know the word."""
    word = NAMES.get(kind.casefold())
    return _(word) if word else kind


def icon_of(kind: str | None) -> str:
    """Return the icon for what the Wi-Fi system calls a device."""
    words = (kind or "").casefold()
    return next((icon for icon, known in KINDS if any(word in words for word in known)), UNKNOWN)


# What follows a maker's name in the register of addresses: "Apple, Inc.", "Samsung Electronics Co.,Ltd".
LEGAL_FORM = re.compile(
    r"[,.]?\s*\b(inc|incorporated|co|company|corp|corporation|ltd|limited|llc|gmbh|ag|ab|bv|b\.v|sa|"
    r"s\.a|plc|pte|pty|technologies|technology|electronics|industries|international|trading)\b.*$",
    re.IGNORECASE,
)


# Reads the register once, which maker_of needs.
load_makers = aiooui.async_load


def maker_of(mac: str | None) -> str:
    """Return who made a device, or "" where its address doesn't say."""
    if is_private(mac):
        return ""
    digits = re.sub("[^0-9a-fA-F]", "", mac or "")
    name = aiooui.get_vendor(digits) or ""
    return LEGAL_FORM.sub("", name).strip() or name


def is_private(mac: str | None) -> bool:
    """Return whether a device made up its address, so that it doesn't say who made the device."""
    digits = "".join(c for c in (mac or "") if c not in ":-.")
    try:
        return bool(int(digits[:2], 16) & 0x02)
    except ValueError:
        return False
