"""The made-up properties and homes that a fresh sandbox holds.

Ids, access codes and passphrases are the same in each run, so that a demo link can be kept.
Nobody in here exists: mail goes to example.com and example.org, telephone numbers come from
the ranges that are kept free for fiction.
"""

import base64
import hashlib
import string
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from typing import Literal

UserType = Literal["UNIT", "GUEST", "LINKED"]
UserStatus = Literal["ACTIVE", "BLOCKED"]
UnitStatus = Literal["ENABLED", "DISABLED"]
AuthType = Literal["DPSK", "MACREG"]

PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))
# Letters and digits that are told apart at a glance and typed without a second keyboard layer.
KEYBOARD = "".join(c for c in string.ascii_lowercase + string.digits if c not in "il1o0")

_NAMESPACE = uuid.UUID("6f1f4b53-4f6e-5c1d-9c39-5a0d1b7d0001")


# The sandbox of each test has the same seeds.
@lru_cache(10_000, typed=True)
def guid(*names: object) -> str:
    """Return the id that belongs to these names, the same in each run."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(map(str, names))))


@lru_cache(10_000, typed=True)
def passphrase(*names: object, alphabet: str = PRINTABLE, length: int = 18) -> str:
    """Return a passphrase that looks random and is the same in each run."""
    digest = hashlib.shake_256("/".join(map(str, names)).encode()).digest(length * 2)
    pairs = zip(digest[::2], digest[1::2], strict=True)
    return "".join(alphabet[(high << 8 | low) % len(alphabet)] for high, low in pairs)


def access_code(*names: object) -> str:
    """Return an access code (the vendor's hashedSecret) that is the same in each run."""
    digest = hashlib.sha256(("code/" + "/".join(map(str, names))).encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


@dataclass
class Pool:
    """How passphrases are made for a property, and the shortest that may be chosen."""

    format: Literal["printable", "keyboard", "digits"] = "printable"
    length: int = 18
    minimum: int = 8

    @property
    def alphabet(self) -> str:
        """Return the characters that a generated passphrase is made of."""
        return {"printable": PRINTABLE, "keyboard": KEYBOARD, "digits": string.digits}[self.format]


@dataclass
class Profile:
    """A portal profile: the branding and the switches that residents see. Any of it may be unset."""

    title: str | None = None
    subtitle: str | None = None
    announcements: str | None = None
    help_text: str | None = None
    login_text: str | None = None
    main_color: str | None = None
    accent_color: str | None = None
    separator_color: str | None = None
    text_color: str | None = None
    logo_file_name: str | None = None
    icon_file_name: str | None = None
    api_allowed: bool | None = None
    portal_allowed: bool | None = None
    tenant_set_dpsk: bool | None = None


@dataclass
class Property:
    """A property as RUCKUS One would know it; without a profile, all that comes from one is 404."""

    id: str
    name: str | None
    address: str | None = None
    description: str | None = None
    management_name: str | None = None
    management_phone: str | None = None
    management_email: str | None = None
    help_text: str | None = None
    announcements: str | None = None
    allow_separate_guest_secret: bool | None = True
    enforce_max_units: bool | None = False
    max_units: int | None = None
    send_email: bool | None = False
    send_sms: bool | None = False
    ssids: list[str] = field(default_factory=list)
    pool: Pool = field(default_factory=Pool)
    profile: Profile | None = None


@dataclass
class Device:
    """A device that uses a passphrase; `seen` is how long ago it last connected, None if never."""

    guid: str
    mac: str
    type: str | None = None
    seen: timedelta | None = None
    auth_type: AuthType | None = "DPSK"
    last_connected: str | None = None


@dataclass
class User:
    """A unit user (an identity): one passphrase and the devices that use it."""

    id: str
    type: UserType
    name: str | None
    passphrase: str | None
    email: str | None = None
    phone: str | None = None
    status: UserStatus = "ACTIVE"
    devices: list[Device] = field(default_factory=list)


@dataclass
class Contact:
    """Whom the unit belongs to."""

    name: str
    email: str | None = None
    phone: str | None = None


@dataclass
class Unit:
    """A home. `hidden` names the system identities that its user query leaves out."""

    guid: str
    property_id: str
    number: str
    access_code: str
    contact: Contact | None
    description: str | None = None
    status: UnitStatus = "ENABLED"
    hidden: frozenset[UserType] = frozenset()
    users: list[User] = field(default_factory=list)


@dataclass
class Home:
    """A demo resident: who it is, what the home is there to show, and the home itself."""

    name: str
    shows: str
    unit: Unit

    @property
    def property_id(self) -> str:
        """Return the id of the property that the home belongs to."""
        return self.unit.property_id

    @property
    def unit_guid(self) -> str:
        """Return the id of the unit."""
        return self.unit.guid

    @property
    def secret(self) -> str:
        """Return the access code that opens the home."""
        return self.unit.access_code


BRANDED = Property(
    id=guid("property", "larkspur"),
    name="Larkspur House",
    address="200 Sample Street, Exampleton",
    description="96 made-up flats around a courtyard",
    management_name="Larkspur House Office",
    management_phone="+12025550100",
    management_email="office@larkspur.example.com",
    help_text="The office is open from 9 to 5 on weekdays.",
    announcements="Bins are collected on Tuesdays.",
    max_units=96,
    enforce_max_units=True,
    send_email=True,
    ssids=["Larkspur Home", "Larkspur Guest"],
    profile=Profile(
        title="Larkspur House Wi-Fi",
        subtitle="Your home network, your way",
        announcements=(
            "The Wi-Fi in the courtyard is being renewed on Thursday between 10:00 and 12:00.\n\n"
            "Film night is on Friday in the common room. More at https://larkspur.example.com/news"
        ),
        help_text=(
            "No connection? Turn the Wi-Fi of your device off and on first.\n"
            "The office helps with everything else: office@larkspur.example.com"
        ),
        login_text="Welcome home. Your Wi-Fi is one tap away.",
        main_color="#234f68",
        accent_color="#c8553d",
        separator_color="#d8dee3",
        text_color="#1d2a33",
        logo_file_name="larkspur-logo.png",
        icon_file_name="larkspur-icon.png",
        api_allowed=True,
        portal_allowed=False,
        tenant_set_dpsk=True,
    ),
)

PLAIN = Property(
    id=guid("property", "quince"),
    name="Quince Court",
    address="14 Placeholder Road, Sampleford",
    management_name="Quince Court Lettings",
    management_phone="+12025550114",
    management_email="help@quince.example.org",
    ssids=["Quince Court"],
)

CLOSED = Property(
    id=guid("property", "sorrel"),
    name="Sorrel Yard",
    address="3 Nowhere Lane, Exampleton",
    management_name="Sorrel Yard Desk",
    management_phone="+12025550121",
    management_email="desk@sorrel.example.com",
    ssids=["Sorrel Yard"],
    profile=Profile(
        title="Sorrel Yard",
        subtitle="Residents",
        login_text="Sorrel Yard residents",
        main_color="#4b5d16",
        api_allowed=False,
        portal_allowed=True,
        tenant_set_dpsk=False,
    ),
)

# Everything here is allowed by the API and awkward for a page: markup, emoji, right-to-left
# text, colours without contrast and in odd spellings, an SSID full of QR special characters.
UNUSUAL = Property(
    id=guid("property", "odd"),
    name="O'Nowhere & Sons <Lofts> 🏡",
    address="1 \u05e8\u05d7\u05d5\u05d1 \u05dc\u05d3\u05d5\u05d2\u05de\u05d4, Exampleton",
    management_name="\u0645\u0643\u062a\u0628 \u0627\u0644\u0625\u062f\u0627\u0631\u0629",
    management_phone="+12025550133",
    management_email="office@odd.example.org",
    allow_separate_guest_secret=False,
    send_sms=True,
    ssids=['Lofts; "5G", a\\b: <fast> 🚀', "Lofts (slow)"],
    pool=Pool(format="keyboard", length=16, minimum=12),
    profile=Profile(
        title="<b>Lofts</b> & friends 🏡",
        subtitle="\u0645\u0631\u062d\u0628\u0627 \u0628\u0643 {{ resident }}",
        announcements=(
            "<script>alert('no')</script>\n"
            "5 < 6 && \"quotes\" 'too' 🎉\n"
            "\u0627\u0644\u0634\u0628\u0643\u0629 \u062c\u062f\u064a\u062f\u0629 (2026) \u2014 mixed with English\n"
            "javascript:alert(1) and https://odd.example.org/?a=1&b=<2>"
        ),
        help_text='Call <a href="tel:+12025550133">us</a>; {% now "Y" %} is only text.',
        login_text="</title><h1>Hello</h1> \u05e9\u05dc\u05d5\u05dd",
        main_color="fe0",
        accent_color="#FFFFE0",
        separator_color="",
        text_color="red;} body{display:none",
        logo_file_name="../logo <1>.png",
        icon_file_name="icon.png",
        api_allowed=True,
        portal_allowed=False,
        tenant_set_dpsk=True,
    ),
)

# A property with a profile in which nothing was ever filled in.
HOLLOW = Property(
    id=guid("property", "hollow"),
    name=None,
    allow_separate_guest_secret=None,
    enforce_max_units=None,
    send_email=None,
    send_sms=None,
    profile=Profile(),
)

PROPERTIES = (BRANDED, PLAIN, CLOSED, UNUSUAL, HOLLOW)

# The first passphrases of the first home: 18 printable characters, between them all those that
# QR payloads, HTML, JSON and shells treat specially.
SPECIAL = {
    "UNIT": "a\\b;c,d\"e:f<g&h'i>",
    "GUEST": "%7;Q\"k\\,z:'<&+=/?#",
    "LINKED 1": "\\\\;;,,\"\"::<<&&''$`",
    "LINKED 2": "T9{x}~[y]^|(z)*_@!",
}


def _ago(days: float = 0, hours: float = 0, minutes: float = 0) -> timedelta:
    return timedelta(days=days, hours=hours, minutes=minutes)


def _device(
    owner: str, mac: str, kind: str | None, seen: timedelta | None, auth: AuthType | None = "DPSK"
) -> Device:
    return Device(guid("device", owner, mac), mac, kind, seen, auth)


def _devices(owner: str, count: int) -> list[Device]:
    """Some devices, seen last a quarter of an hour to many days ago, with a random-looking MAC."""
    kinds = ("Smartphone", "Laptop", "Tablet", "Smart TV", "Game console")
    found = []
    for n in range(count):
        raw = hashlib.sha256(f"{owner}/{n}".encode()).digest()[:6]
        # A phone's private address: locally administered, unicast.
        octets = bytes([raw[0] & 0xFC | 0x02]) + raw[1:]
        seen = _ago(minutes=15 * (n + 1) ** 4)
        found.append(_device(owner, octets.hex(":").upper(), kinds[n % len(kinds)], seen))
    return found


def _user(home: str, kind: UserType, name: str | None, index: int = 0, **more: object) -> User:
    label = f"{kind} {index}" if index else kind
    values: dict[str, object] = {
        "id": guid("user", home, label),
        "type": kind,
        "name": name,
        "passphrase": passphrase(home, label),
        "devices": [],
    } | more
    return User(**values)  # type: ignore[arg-type]


def _home(
    name: str,
    shows: str,
    property_: Property,
    number: str,
    users: Iterable[User],
    *,
    code: str | None = None,
    contact: Contact | None = None,
    description: str | None = None,
    status: UnitStatus = "ENABLED",
    hidden: Iterable[UserType] = (),
) -> Home:
    key = f"{property_.name}/{number}"
    unit = Unit(
        guid=guid("unit", key),
        property_id=property_.id,
        number=number,
        access_code=code or access_code(key),
        contact=contact,
        description=description,
        status=status,
        hidden=frozenset(hidden),
        users=list(users),
    )
    return Home(name, shows, unit)


def _full() -> Home:
    unit = _user(
        "full",
        "UNIT",
        "Unit 2338",
        passphrase=SPECIAL["UNIT"],
        devices=[
            _device("full", "F0:18:98:3A:5C:01", "Smartphone", _ago(minutes=2)),
            _device("full", "A4:83:E7:11:22:33", "Laptop", _ago(minutes=41)),
            _device("full", "5C:AA:FD:0B:1C:2D", "Speaker", _ago(hours=3), "MACREG"),
            _device("full", "FC:65:DE:40:50:60", "Voice assistant", _ago(hours=9), "MACREG"),
            _device("full", "98:B6:E9:77:88:99", "Game console", _ago(days=1)),
            _device("full", "B8:3E:59:0A:0B:0C", "Smart TV", _ago(days=2, hours=5), "MACREG"),
            _device("full", "3C:52:82:12:34:56", "Printer", _ago(days=6), "MACREG"),
            _device("full", "DC:A6:32:AB:CD:EF", None, _ago(days=13)),
            _device("full", "24:6F:28:00:11:22", "Smart plug", _ago(days=34), "MACREG"),
            _device("full", "3A:5D:7E:90:AB:12", "Smartphone", _ago(days=75)),
            _device("full", "8C:79:F5:31:41:59", "Tablet", _ago(days=190)),
            _device("full", "A8:23:FE:27:18:28", "Smart TV", None),
        ],
    )
    guest = _user(
        "full",
        "GUEST",
        "Unit 2338 guest",
        passphrase=SPECIAL["GUEST"],
        devices=_devices("guest", 3),
    )
    linked = [
        _user(
            "full",
            "LINKED",
            "Riley Example",
            1,
            email="riley@example.com",
            phone="+12025550142",
            passphrase=SPECIAL["LINKED 1"],
            devices=_devices("riley", 4),
        ),
        _user(
            "full",
            "LINKED",
            "Devon Example",
            2,
            email="devon@example.org",
            passphrase=SPECIAL["LINKED 2"],
            devices=_devices("devon", 2),
        ),
    ]
    return _home(
        "Casey Example",
        "full branding",
        BRANDED,
        "2338",
        [unit, guest, *linked],
        contact=Contact("Casey Example", "casey@example.com", "+12025550138"),
        description="Two bedrooms, third floor",
    )


def _without_profile() -> Home:
    users = [
        _user("plain", "UNIT", "12B", devices=_devices("plain unit", 4)),
        _user("plain", "GUEST", "12B guest", devices=_devices("plain guest", 1)),
        _user("plain", "LINKED", "Jamie Sample", 1, email="jamie@example.org"),
    ]
    contact = Contact("Robin Sample", "robin@example.org", "+12025550112")
    return _home("Robin Sample", "no portal profile", PLAIN, "12B", users, contact=contact)


def _crowd() -> Home:
    users = [
        _user("crowd", "UNIT", "Unit 4500", devices=_devices("crowd unit", 9)),
        _user("crowd", "GUEST", "Unit 4500 guest", devices=_devices("crowd guest", 2)),
    ]
    users += [
        _user(
            "crowd",
            "LINKED",
            f"Tenant {n:02} Placeholder",
            n,
            email=f"tenant{n}@example.com",
            devices=_devices(f"crowd {n}", n % 4),
        )
        for n in range(1, 44)
    ]
    contact = Contact("Jordan Placeholder", "jordan@example.com", "+12025550145")
    return _home("Jordan Placeholder", "45 users", BRANDED, "4500", users, contact=contact)


def _hidden() -> Home:
    users = [
        _user("hidden", "UNIT", "Unit 2339", devices=_devices("hidden unit", 2)),
        _user("hidden", "GUEST", "Unit 2339 guest"),
        _user("hidden", "LINKED", "Morgan Specimen", 1, devices=_devices("hidden 1", 3)),
        _user("hidden", "LINKED", "Lee Specimen", 2, phone="+12025550151"),
    ]
    contact = Contact("Morgan Specimen", "morgan@example.com", None)
    return _home(
        "Morgan Specimen",
        "system identities hidden",
        BRANDED,
        "2339",
        users,
        contact=contact,
        hidden=("UNIT", "GUEST"),
    )


def _empty() -> Home:
    contact = Contact("Avery Template", "avery@example.org", "+12025550162")
    # Parts of the access code look percent-encoded, once and twice, and are not.
    code = "k3/Vd+8wQ%252Fz1+Rt/9hB%41=="
    return _home("Avery Template", "no users at all", PLAIN, "7A", [], code=code, contact=contact)


def _suspended() -> Home:
    users = [
        _user("suspended", "UNIT", "Unit 3101", devices=_devices("suspended", 3)),
        _user("suspended", "GUEST", "Unit 3101 guest"),
    ]
    contact = Contact("Drew Fictional", "drew@example.com", "+12025550170")
    return _home(
        "Drew Fictional",
        "a suspended unit",
        BRANDED,
        "3101",
        users,
        contact=contact,
        status="DISABLED",
    )


def _blocked() -> Home:
    users = [
        _user("blocked", "UNIT", "Unit 3102", devices=_devices("blocked", 2)),
        _user("blocked", "GUEST", "Unit 3102 guest", status="BLOCKED"),
        _user("blocked", "LINKED", "Sam Mockup", 1, status="BLOCKED", email="sam@example.com"),
    ]
    contact = Contact("Quinn Mockup", "quinn@example.com", "+12025550171")
    return _home("Quinn Mockup", "a blocked user", BRANDED, "3102", users, contact=contact)


def _odd() -> Home:
    users = [
        _user("odd", "UNIT", "<i>Loft</i> 1", devices=_devices("odd", 2)),
        _user("odd", "GUEST", "\u05d0\u05d5\u05e8\u05d7"),
        _user(
            "odd",
            "LINKED",
            "<script>alert(1)</script>",
            1,
            devices=[
                _device("odd", "02-ab-cd-ef-00-01", "<img src=x onerror=alert(1)>", _ago(days=3)),
                _device("odd", "0200.5e00.5301", "\u0647\u0627\u062a\u0641", None, None),
            ],
        ),
        _user("odd", "LINKED", "\u0644\u064a\u0644\u0649 \u0645\u062b\u0627\u0644 🎈", 2),
        _user("odd", "LINKED", 'Zo\u00eb "Zee" O\'Sample & Co; DROP, TABLE', 3),
        _user("odd", "LINKED", None, 4),
    ]
    for user in users:
        user.passphrase = passphrase("odd", user.id, alphabet=KEYBOARD, length=16)
    return _home(
        "Max Madeup",
        "markup and emoji and right-to-left text",
        UNUSUAL,
        "Loft <1> & ½ 🚪",
        users,
        contact=Contact("Max <b>Madeup</b> \u202eabc", "max+test@example.org", "(202) 555-0177"),
        description="Line one\nline <two>",
    )


def _odd_code() -> Home:
    users = [_user("code", "UNIT", "9C"), _user("code", "GUEST", "9C guest")]
    contact = Contact("Alex Invented", "alex@example.org", None)
    return _home(
        "Alex Invented",
        "an access code with / + = %",
        PLAIN,
        "9C",
        users,
        code="q/7+R=9%2Fd//x%+=/zA",
        contact=contact,
    )


def _closed() -> Home:
    users = [_user("closed", "UNIT", "Unit 5"), _user("closed", "GUEST", "Unit 5 guest")]
    contact = Contact("Taylor Pretend", "taylor@example.com", "+12025550181")
    return _home("Taylor Pretend", "portal API not allowed", CLOSED, "5", users, contact=contact)


def _hollow() -> Home:
    users = [
        _user("hollow", "UNIT", None, devices=_devices("hollow", 1)),
        _user("hollow", "LINKED", None, 1, passphrase=None),
    ]
    return _home("Kim Imaginary", "a profile without content", HOLLOW, "0", users)


def homes() -> list[Home]:
    """Return all demo homes, freshly made: full branding, no profile and 45 users come first."""
    return [
        _full(),
        _without_profile(),
        _crowd(),
        _hidden(),
        _empty(),
        _suspended(),
        _blocked(),
        _odd(),
        _odd_code(),
        _closed(),
        _hollow(),
    ]
