"""The homes of the benchmark. Each is a number, from which everything about it follows."""

import html
import json
import re
from typing import Any
from uuid import UUID

ANNOUNCEMENTS = (
    "The lifts are serviced on Tuesday from 9 to 11.\n\n"
    "Parcels: the room behind the desk is open until 21:00. Details at https://example.com/parcels\n"
    "Please keep bicycles out of the stairwells; the cellar has room for all of them."
)
HELP = (
    "The office is on the ground floor, open Monday to Friday from 9 to 17. "
    "Outside these hours call the number below, and say the number of your unit.\n"
    "New devices: join with your passphrase. Guests: use the guest network."
)


def property_id(number: int) -> str:
    return str(UUID(int=0xBE << 120 | number))


def host(number: int) -> str:
    """Return where a property answers that has a host of its own."""
    return f"property-{number}.example.org"


def properties_file(count: int) -> str:
    """Return a file of so many properties, each with its host, time zone and contact."""
    return "".join(
        f'["{property_id(number)}"]\nhosts = ["{host(number)}"]\ntime_zone = "America/Chicago"\n'
        f'contact = {{ name = "The office of {number}", phone = "+1 202 555 0123" }}\n\n'
        for number in range(count)
    )


def token(home: int) -> str:
    return f"bench-token-of-home-{home:08d}"


# A building of staff's. Its homes are those with the first numbers.
VENUE = f"{0xBE:02x}{10**6:030x}"


def access_code(home: int) -> str:
    return f"bench-access-code-of-home-{home:08d}"


def home_of(authorization: str) -> int:
    """Return the home that a token or an Authorization header is of."""
    return int(authorization[-8:])


def unit_id(home: int) -> str:
    return str(UUID(int=0xC0 << 120 | home))


def unit_number(home: int) -> str:
    return str(100_000 + home)


def user_id(home: int, which: int) -> str:
    return str(UUID(int=0xD0 << 120 | home << 4 | which))


def passphrase(home: int, which: int) -> str:
    return f"k{home:08d}&fern<{which}X7q"


def shows(page: bytes, home: int) -> bool:
    """Return whether this is the page of a home, in whatever language."""
    heading = re.search(rb"<h1>([^<]*)</h1>", page)
    numbers = re.findall(rb"\d+", heading[1]) if heading else []
    return (
        unit_number(home).encode() in numbers and html.escape(passphrase(home, 1)).encode() in page
    )


def contact(home: int) -> dict[str, str]:
    return {
        "contactName": f"Robin Sample {home:08d}",
        "email": f"robin.{home:08d}@example.com",
        "phoneNumber": f"+12025{home:08d}",
    }


def unit(home: int) -> bytes:
    return json.dumps(
        {
            "guid": unit_id(home),
            "unitGuid": unit_id(home),
            "number": unit_number(home),
            "description": f"Two rooms, entrance {home:08d}",
            "contact": contact(home),
            "status": "ENABLED",
            "secret": passphrase(home, 0),
            "guestSecret": passphrase(home, 1),
        }
    ).encode()


def managed_unit(home: int) -> dict[str, Any]:
    """Return a unit as the API for staff has it, its link included."""
    contact = {"name": f"Robin Sample {home:08d}", "email": f"robin.{home:08d}@example.com"}
    link = f"https://residents.example.com/?auth={access_code(home)}"
    return {
        "id": unit_id(home),
        "name": unit_number(home),
        "status": "ENABLED",
        "category": "UNIT",
        "resident": contact,
        "identityCount": 2,
        "_links": {"residentPortal": {"href": link}},
    }


def managed_units(page: int, size: int, of: int) -> bytes:
    """Return a page of units, counted from 0, of a building of so many."""
    homes = range(page * size, min((page + 1) * size, of))
    content = [managed_unit(home) for home in homes]
    last = homes.stop >= of
    return json.dumps(
        {"content": content, "number": page, "totalElements": of, "last": last}
    ).encode()


def user(home: int, which: int) -> dict[str, str]:
    kind = ("UNIT", "GUEST")[which]
    return {
        "userId": user_id(home, which),
        "userName": f"{kind} {home:08d}",
        "passphrase": passphrase(home, which),
        "status": "ACTIVE",
        "type": kind,
    }


def users(home: int) -> bytes:
    content = [user(home, which) for which in (0, 1)]
    page = {"content": content, "totalPages": 1, "totalElements": 2, "number": 0, "size": 100}
    return json.dumps({**page, "first": True, "last": True, "numberOfElements": 2}).encode()


def devices() -> bytes:
    contents = [
        {
            "guid": str(UUID(int=0xE0 << 120 | number)),
            "type": kind,
            "macAddress": f"02:00:5E:10:00:{number:02X}",
            "lastConnectedDate": f"2026-01-{number + 1:02d}T08:15:00Z",
            "authType": "DPSK",
        }
        for number, kind in enumerate(("Laptop", "Phone", "Television", "Phone", "Printer"))
    ]
    return json.dumps({"contents": contents}).encode()


PROPERTY = json.dumps(
    {
        "name": "Sample Court",
        "address": "1 Sample Street",
        "managementName": "Sample Court Management",
        "managementPhone": "+1 202 555 0123",
        "managementEmail": "office@example.com",
        "tenantPortalHelpText": HELP,
        "tenantPortalAnnouncements": ANNOUNCEMENTS,
        "allowSeparateGuestSecret": True,
        "sendEmail": False,
        "sendSms": False,
        "ssids": ["Sample Court"],
    }
).encode()

UI_CONFIGURATION = json.dumps(
    {
        "apiAllowed": True,
        "portalAllowed": False,
        "tenantSetDpsk": True,
        "tenantTitle": "Sample Court",
        "tenantSubtitle": "Wi-Fi for everybody who lives here",
        "announcements": ANNOUNCEMENTS,
        "helpText": HELP,
        "loginText": "Welcome",
        "mainColor": "#0f5499",
        "accentColor": "#f2a900",
        "separatorColor": "#cccccc",
        "textColor": "#222222",
        "logoFileName": "logo.png",
        "iconFileName": "icon.png",
    }
).encode()
