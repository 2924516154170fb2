"""A building of as many homes as a test wants, made when it is asked for."""

from sandbox.seeds import Contact, Profile, Property, Unit, User, access_code, guid, passphrase

FLATS_PER_FLOOR = 12

BUILDING = Property(
    id=guid("property", "thistle"),
    name="Thistle Gardens",
    address="1 Sample Square, Exampleton",
    description="A made-up building of many homes",
    management_name="Thistle Gardens Office",
    management_phone="+12025550155",
    management_email="office@thistle.example.com",
    ssids=["Thistle Home"],
    profile=Profile(title="Thistle Gardens Wi-Fi", api_allowed=True, portal_allowed=False),
)


def units(count: int, suspended: int) -> list[Unit]:
    """So many homes, the last ones of them suspended: 12 a floor, numbered 101 and up."""
    return [_unit(n, is_suspended=n >= count - suspended) for n in range(count)]


def _unit(n: int, *, is_suspended: bool) -> Unit:
    floor, flat = divmod(n, FLATS_PER_FLOOR)
    number = f"{floor + 1}{flat + 1:02}"
    key = f"thistle/{number}"
    users = [
        User(guid("user", key, kind), kind, f"Unit {number}", passphrase(key, kind))
        for kind in ("UNIT", "GUEST")
    ]
    return Unit(
        guid=guid("unit", key),
        property_id=BUILDING.id,
        number=number,
        # Every other one would suffer if a plus, a slash or a per cent sign went wrong.
        access_code=access_code(key) + ("" if n % 2 else "+/%41="),
        contact=Contact(f"Resident {number} Sample", f"home{number}@example.com", "+12025550156"),
        status="DISABLED" if is_suspended else "ENABLED",
        users=users,
    )
