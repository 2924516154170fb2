"""What kind of thing a device is: an icon for whatever word the Wi-Fi system has for it."""

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


def icon_of(kind: str | None) -> str:
    """Return the icon for what the Wi-Fi system calls a device."""
    words = (kind or "").casefold()
    return next((icon for icon, known in KINDS if any(word in words for word in known)), UNKNOWN)


def is_private(mac: str | None) -> bool:
    """Return whether a device made up its address, so that it doesn't say who made the device."""
    digits = "".join(c for c in (mac or "") if c not in ":-.")
    try:
        return bool(int(digits[:2], 16) & 0x02)
    except ValueError:
        return False
