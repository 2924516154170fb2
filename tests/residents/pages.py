"""Every page for a resident, with what is needed to ask all of them the same questions."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.urls import reverse

from sandbox import seeds
from sandbox.seeds import Home


def user_of(home: Home, kind: str) -> seeds.User:
    return next(user for user in home.unit.users if user.type == kind.upper())


def person(home: Home) -> list[str]:
    return [user_of(home, "linked").id]


def identity(kind: str) -> Callable[[Home], list[str]]:
    return lambda home: [kind, user_of(home, kind).id]


def device(kind: str) -> Callable[[Home], list[str]]:
    def args(home: Home) -> list[str]:
        user = user_of(home, kind)
        known = user.devices[0]
        return [kind, user.id, known.guid if kind == "linked" else known.mac]

    return args


@dataclass(frozen=True)
class Page:
    """A page: the name of its URL, its heading, and the operation that it can't do without.

    With a form: the words on its button, what is typed into it, the operation that carries it out,
    and the one that is read first, which refuses everything that the operation itself would.
    """

    name: str
    heading: str
    needs: str | None
    args: Callable[[Home], list[str]] = lambda home: []
    button: str = ""
    typed: dict[str, str] = field(default_factory=dict)
    writes: str = ""
    reads: str = ""
    # The heading where nobody has a name or a passphrase.
    unnamed: str = ""

    def path(self, home: Home) -> str:
        return reverse(self.name, args=self.args(home))

    def __str__(self) -> str:
        return self.name


UNIT, USERS, USER = "residentFetchUnit", "queryUnitUsers", "getUnitUser"

OF_UNIT = "residentFetchUnitDevices", "residentRemoveDevice"
OF_PERSON = "getUnitUserDevices", "removeUnitUserDevice"

PAGES = [
    Page("home", "Unit 2338", UNIT),
    Page(
        "contact",
        "Edit contact details",
        UNIT,
        button="Save contact details",
        typed={"name": "Somebody Else", "email": "else@example.com", "phone_number": "2025550199"},
        writes="residentEditUnit",
        reads=UNIT,
    ),
    Page(
        "person",
        "Edit contact details",
        USER,
        person,
        button="Save contact details",
        typed={"name": "Somebody Else", "email": "else@example.com", "phone_number": "2025550199"},
        writes="updateUnitUser",
        reads=USER,
    ),
    *(
        page
        for kind, title, unnamed, reads, devices, removal in (
            ("unit", "Wi-Fi passphrase", "", USERS, *OF_UNIT),
            ("guest", "Wi-Fi passphrase", "", USERS, *OF_UNIT),
            ("linked", "Riley Example", "Household member", USER, *OF_PERSON),
        )
        for page in (
            Page("wifi", title, USER, identity(kind), unnamed=unnamed),
            Page("qr", "Join Larkspur Home", reads, identity(kind), unnamed="QR code"),
            Page("letters", "Large letters", USER, identity(kind)),
            Page("connect", "Connect a device", USER, identity(kind)),
            Page("cards", "Share or print", USER, identity(kind)),
            Page("checklist", "Reconnect your devices", USER, identity(kind)),
            Page(
                "devices",
                "Devices" + (f": {title}" if unnamed else ""),
                devices,
                identity(kind),
                unnamed="Devices" + (f": {unnamed}" if unnamed else ""),
            ),
            Page(
                "reset",
                "Reset the passphrase?",
                USER,
                identity(kind),
                button="Reset passphrase",
                writes="updateUnitUser",
                reads=USER,
            ),
            Page(
                "choose",
                "Choose a passphrase",
                USER,
                identity(kind),
                button="Save passphrase",
                typed={"passphrase": 'a new one; "quoted" & <kept>'},
                writes="updateUnitUser",
                reads=USER,
            ),
            Page(
                "name",
                "Rename this device",
                devices,
                device(kind),
                button="Save name",
                typed={"name": "Kitchen <speaker>"},
                reads=devices,
            ),
            Page(
                "remove",
                "Remove this device?",
                devices,
                device(kind),
                button="Remove device",
                writes=removal,
                reads=devices,
            ),
        )
    ),
    Page("diary", "Diary", None),
    Page("delete", "Delete names and diary?", None, button="Delete names and diary"),
    Page("help", "Help", None),
    Page("other-link", "Someone else has our link?", None),
    Page("replace-link", "Replace our link?", UNIT, button="Yes, replace our link"),
    Page("all-devices", "Devices", USERS),
    Page("privacy", "Privacy", None),
    Page("accessibility", "Accessibility", None),
    Page(
        "sign-out-everywhere",
        "Sign out everywhere?",
        None,
        button="Sign out everywhere",
    ),
]
