"""How to connect each kind of device: a few short steps with the network's real name in them."""

from dataclasses import dataclass, replace

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Guide:
    """The steps for one kind of device.

    `tool` is what helps with it: "profile", "qr", "letters", "copy", or "" for nothing.
    """

    name: str
    icon: str
    title: str
    steps: tuple[SafeString | str, ...]
    tool: str = ""
    fine: str = ""
    note: str = ""


def choose(network: str) -> SafeString:
    name = format_html('<bdi translate="no">{}</bdi>', network)
    return format_html(_("Choose {network}."), network=name)


def type_it() -> str:
    return _("Type the passphrase from large letters. Capitals count.")


def iphone(network: str) -> Guide:
    steps = (
        _("Download the profile. Tap “Allow”."),
        _("Open Settings, then tap “Profile Downloaded”."),
        _("Tap “Install”. You’re connected whenever you’re home."),
    )
    return Guide(
        "iphone", "smartphone", _("iPhone or iPad"), steps, "profile", _("Nothing to type")
    )


def mac(network: str) -> Guide:
    steps = (
        _("Download the profile and open it."),
        _("Open System Settings and search for “Profiles”."),
        _("Double-click the profile, then choose “Install”."),
    )
    return Guide("mac", "laptop", _("Mac"), steps, "profile", _("Nothing to type"))


def android(network: str) -> Guide:
    steps = (
        _("Open the QR code on another phone or computer."),
        _("On the new phone, open Settings, then Wi‑Fi, and tap the scan icon."),
        _("Point it at the code."),
    )
    return Guide("android", "smartphone", _("Android phone or tablet"), steps, "qr")


def this_android(network: str) -> Guide:
    steps = (
        _("Copy the passphrase."),
        _("Open Settings, then Wi‑Fi."),
        format_html(
            "{} {}",
            choose(network),
            _("Paste the passphrase. You’re connected whenever you’re home."),
        ),
    )
    return Guide("android", "smartphone", _("Android phone or tablet"), steps, "copy")


def this_windows(network: str) -> Guide:
    return replace(windows(network), tool="copy")


def windows(network: str) -> Guide:
    steps = (
        _("Click the Wi‑Fi icon near the clock."),
        choose(network),
        _("Choose “Connect” and type or paste the passphrase."),
    )
    return Guide("windows", "monitor", _("Windows computer"), steps, "letters")


def television(network: str) -> Guide:
    steps = (
        _("On the remote, open Settings, then Network or Wi‑Fi."),
        choose(network),
        type_it(),
    )
    return Guide("tv", "tv", _("Television or streaming stick"), steps, "letters")


def console(network: str) -> Guide:
    steps = (_("Open Settings, then Network."), choose(network), type_it())
    return Guide("console", "gamepad-2", _("Game console"), steps, "letters")


def printer(network: str) -> Guide:
    steps = (_("On the printer’s screen, open Wi‑Fi setup."), choose(network), type_it())
    note = _("No screen? Use the maker’s app on a phone that’s on this network.")
    return Guide("printer", "printer", _("Printer"), steps, "letters", note=note)


def smart(network: str) -> Guide:
    steps = (
        format_html(
            _("Put your phone on {network} first."),
            network=format_html('<bdi translate="no">{}</bdi>', network),
        ),
        _("Follow the maker’s app."),
        _("If the app asks, choose 2.4 GHz."),
    )
    note = _("There’s no sign-in page on this network, so these devices just connect.")
    return Guide("smart", "plug", _("Smart plug, light or speaker"), steps, note=note)


KINDS = (iphone, android, windows, mac, television, console, printer, smart)
# Where a browser says so; an iPad says that it is a Mac.
AGENTS = (
    ("iPhone", iphone),
    ("iPad", iphone),
    ("Android", this_android),
    ("Windows", this_windows),
    ("Macintosh", mac),
)


def guides_for(agent: str, network: str) -> tuple[Guide | None, list[Guide]]:
    """Return the guide for the device that asks, if it can be told, and those for all others."""
    kind = next((kind for word, kind in AGENTS if word in agent), None)
    this = kind(network) if kind else None
    guides = [guide(network) for guide in KINDS]
    return this, [guide for guide in guides if this is None or guide.name != this.name]
