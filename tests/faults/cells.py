"""The matrix: each operation that a page uses, each fault, and the page that a resident gets."""

import dataclasses
import itertools
import math
import re
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import httpx
from django.conf import settings

from common.property import brand, known, public_brand
from common.property.ids import bare_id
from common.sessions import SessionStore
from residents.door import session
from ruckus.authorization import TokenStyle
from ruckus.resident_types import Login, Property, UiConfiguration
from ruckus.wire import Upstream
from sandbox import seeds
from sandbox.state import Bucket, Grant
from tests.faults.catalogue import DEADLINE, FAULTS, Fault
from tests.faults.vendor import VENDOR_WORDS, Order, Vendor, operation_of

# What can come of a request, with the letter that the table has for it.
FULL = "F"  # the page as it should be
PART = "P"  # the page, with words in place of what is missing
DONE = "D"  # a write, confirmed by reading again
SENT = "U"  # a write that is under way as far as can be told
REMAINS = "K"  # a write that did not happen, which the page says
OUTAGE = "O"
BUSY = "B"
SIGNED_OUT = "S"
NOT_ALLOWED = "A"
NOT_FOUND = "N"
REFUSED = "R"  # a form with what is wrong with it
CLOSED = "C"  # nothing can be changed, with the reason
NO_IMAGE = "I"

LEGEND = {
    FULL: "full page",
    PART: "page that says what is missing",
    DONE: "written and read back",
    SENT: "sent, not confirmed yet",
    REMAINS: "not done, and said so",
    OUTAGE: "outage notice",
    BUSY: "busy notice",
    SIGNED_OUT: "signed out",
    NOT_ALLOWED: "not allowed",
    NOT_FOUND: "not found",
    REFUSED: "form refused",
    CLOSED: "not to be changed here",
    NO_IMAGE: "no image",
}
# In these a form is there again, as it was typed.
KEPT = {OUTAGE, BUSY, SIGNED_OUT, NOT_ALLOWED, NOT_FOUND, REFUSED, CLOSED}

# Status and words of each, in the order in which they are looked for.
NOTICES = [
    (OUTAGE, 503, "We can’t reach the Wi-Fi system"),
    (BUSY, 503, "We’re busy "),
    (SIGNED_OUT, 401, "You’re signed out"),
    (NOT_ALLOWED, 403, "These pages aren’t open to your home"),
    (CLOSED, 403, "Contact details can’t be saved here"),
    (NOT_FOUND, 404, "There’s nothing here"),
    (NOT_FOUND, 404, "We can’t find your home"),
    (REFUSED, 401, "didn’t work"),
    (REFUSED, 422, "These details weren’t accepted"),
    (REFUSED, 422, "That passphrase wasn’t accepted"),
    (REFUSED, 422, "That wasn’t accepted"),
    (DONE, 200, "Contact details saved."),
    (DONE, 200, "Your passphrase is changed"),
    (DONE, 200, "Device removed."),
    (SENT, 200, "It can take a minute until they show"),
    (SENT, 200, "Setting your new passphrase"),
    (SENT, 200, "The device is being removed"),
    (SENT, 200, "We don’t know yet if the device was removed"),
    (REMAINS, 200, "The device is still there"),
    (REMAINS, 200, "We couldn’t remove the device"),
]
MISSING = [
    "We can’t read your passphrases right now",
    'class="ssid">Ask the building’s office',
    "We can’t show a passphrase for your home",
    "We can’t show it here",
    "It has characters we can’t show",
    "There’s no code to show",
]
TRACES = ("Traceback", "site-packages", "Exception", ".py&quot;", VENDOR_WORDS)

numbers = itertools.count(1)


@dataclass
class Resident:
    """A property and a home of its own, and a browser for it."""

    vendor: Vendor
    http: httpx.AsyncClient
    number: int = field(default_factory=lambda: next(numbers))

    def __post_init__(self) -> None:
        n = self.number
        self.property = dataclasses.replace(seeds.BRANDED, id=str(uuid.uuid4()))

        def user(kind: seeds.UserType, name: str, mac: str) -> seeds.User:
            device = seeds.Device(str(uuid.uuid4()), mac, "Laptop")
            return seeds.User(
                str(uuid.uuid4()), kind, name, f"hush-{kind}-{n}", f"hush{n}@example.com",
                devices=[device],
            )  # fmt: skip

        self.user = user("UNIT", f"Hush Unit {n}", "F0:18:98:3A:5C:01")
        self.linked = user("LINKED", f"Hush Friend {n}", "F0:18:98:3A:5C:02")
        self.unit = seeds.Unit(
            guid=str(uuid.uuid4()),
            property_id=self.property.id,
            number=f"No {n}",
            access_code=f"hush-code-{n}",
            contact=seeds.Contact(f"Hush Resident {n}", f"hush{n}@example.com", "+12025550138"),
            users=[self.user, self.linked],
        )
        self.old = self.user.passphrase
        self.typed: dict[str, str] = {}
        self.redirected = False
        state, place = self.vendor.state, self.property.id
        state.properties[place], state.buckets[place] = self.property, Bucket()
        # Somebody has signed in there before: newcomers share a few calls.
        known.regions[bare_id(place)] = ""
        state.units[self.unit.guid] = self.unit

    def forget(self) -> None:
        """Takes the home out of the world again."""
        state, place = self.vendor.state, self.property.id
        del state.properties[place], state.buckets[place], state.units[self.unit.guid]
        state.tokens = {t: g for t, g in state.tokens.items() if g.property_id != place}
        self.vendor.orders.pop(place, None)
        self.vendor.calls.pop(place, None)
        self.vendor.queued.pop(place, None)
        brand.brands.values.pop(place, None)
        known.regions.pop(bare_id(place), None)
        for table in (public_brand.public_brands, public_brand.newcomers):
            table.values.pop(place, None)

    @property
    def token(self) -> str:
        """The unit token, once signed in."""
        tokens = self.vendor.state.tokens.items()
        return next((token for token, grant in tokens if grant.unit_guid == self.unit.guid), "")

    async def is_signed_in(self) -> None:
        """Has signed in a while ago: that way in has flows of its own."""
        token, place = f"hush-token-{self.number}", self.property.id
        self.vendor.state.tokens[token] = Grant(place, self.unit.guid, math.inf)
        request: Any = SimpleNamespace(session=SessionStore())
        home = await session.sign_in(request, place, Login(self.unit.guid, token), "a code")
        # The token has been taken before, and in which style is known.
        home.token.style = TokenStyle.BEARER
        await session.remember_token_style(request, home)
        await request.session.asave()
        cookie = request.session.cookie_value
        self.http.cookies.set(settings.SESSION_COOKIE_NAME, cookie, domain="testserver.local")

    def is_known(self) -> None:
        """Lets the portal know the property, as it does but for the first request after a start."""
        details = Property(name=self.property.name, ssids=tuple(self.property.ssids))
        known = brand.brand_from(details, UiConfiguration(tenant_set_dpsk=True), self.property.id)
        brand.brands.values[self.property.id] = known, time.monotonic()

    def is_dressed(self) -> None:
        """Has looked at the welcome page before."""
        for table in (public_brand.public_brands, public_brand.newcomers):
            table.values[self.property.id] = public_brand.NO_PUBLIC_BRAND, time.monotonic()

    async def get(self, path: str) -> httpx.Response:
        return await self.http.get(path)

    async def post(self, path: str, **typed: str) -> httpx.Response:
        """Sends a form with what was typed, and follows a redirect."""
        token = "t" * 32
        self.http.cookies.set(settings.CSRF_COOKIE_NAME, token, domain="testserver.local")
        self.typed = typed
        hidden = {
            "csrfmiddlewaretoken": token,
            "home": session.home_mark(self.property.id, self.unit.guid),
        }
        answer = await self.http.post(path, data=hidden | typed)
        self.redirected = answer.status_code == 302
        if self.redirected:
            answer = await self.get(answer.headers["location"])
        return answer

    async def sign_in(self) -> httpx.Response:
        return await self.post(f"/p/{self.property.id}/", secret=self.unit.access_code)

    @property
    def signed_in(self) -> bool:
        return settings.SESSION_COOKIE_NAME in self.http.cookies

    def wifi(self, page: str = "", linked: bool = False) -> str:
        user, kind = (self.linked, "linked") if linked else (self.user, "unit")
        return f"/wifi/{kind}/{user.id}/{page}"

    def removal(self, linked: bool = False) -> str:
        device = (self.linked if linked else self.user).devices[0]
        return self.wifi(f"devices/{device.guid if linked else device.mac}/remove/", linked)


Run = Callable[[Resident], Awaitable[httpx.Response]]
STATUSES = ("401", "403", "404", "429", "refused")


@dataclass(frozen=True)
class Flow:
    """What a resident does, the operation that fails meanwhile, and what is to come of it."""

    page: str
    operation: str
    run: Run
    # From what may be concluded of the fault (see catalogue) to what the resident gets; with two
    # letters it is one or the other.
    comes_to: dict[str, str]
    # What is on the page when all is well.
    words: str = ""
    stranger: bool = False
    cold: bool = False
    after: str = ""
    # Whether what was asked for is stored.
    stored: Callable[[Resident], bool] | None = None
    # What is on the page as long as nobody knows whether it is.
    says: str = ""
    # Another write of the same user, which has to wait for this one.
    then: Run | None = None

    def __str__(self) -> str:
        return f"{self.page}: {self.operation}{' after' if self.after else ''}"

    @property
    def writes(self) -> bool:
        """Whether it is the write itself that fails."""
        return self.stored is not None and not self.after and "ok" in self.comes_to

    @property
    def faults(self) -> list[Fault]:
        return [fault for fault in FAULTS if self.writes or not fault.only_writes]

    def expected(self, fault: Fault) -> str:
        if not self.writes:
            return self.comes_to[fault.read]
        if fault.write in ("ok", "lost"):
            return self.comes_to[f"{fault.write}, applied" if fault.applied else fault.write]
        return self.comes_to[fault.write]


def needed(**more: str) -> dict[str, str]:
    """What comes of a page's own read."""
    return {
        "fine": FULL,
        "sparse": FULL,
        "odd": OUTAGE,
        "bad": OUTAGE,
        "refused": OUTAGE,
        "401": SIGNED_OUT,
        "403": NOT_ALLOWED,
        "404": NOT_FOUND,
        "429": BUSY,
    } | {name.strip("_"): value for name, value in more.items()}


def optional(without: str = FULL, **more: str) -> dict[str, str]:
    """What comes of a read that the page can do without; it never ends a session."""
    whole = dict.fromkeys(("fine", "sparse", "odd", "bad", *STATUSES), without) | {"fine": FULL}
    return whole | {name.strip("_"): value for name, value in more.items()}


def written(**more: str) -> dict[str, str]:
    """What comes of a write."""
    return {
        "ok": SENT,
        "ok, applied": DONE,
        "lost": OUTAGE,
        "lost, applied": DONE,
        "unsent": OUTAGE,
        "refused": REFUSED,
        "401": SIGNED_OUT,
        "403": NOT_ALLOWED,
        "404": NOT_FOUND,
        "429": BUSY,
    } | {name.strip("_"): value for name, value in more.items()}


NEW = {"name": "Hush Newname", "email": "hush.new@example.com", "phone_number": "+12025550199"}
CHOSEN = "hush chosen passphrase"


def contact_is_new(c: Resident) -> bool:
    assert c.unit.contact
    return c.unit.contact.name == NEW["name"]


def welcome(c: Resident) -> Awaitable[httpx.Response]:
    return c.get(f"/p/{c.property.id}/{c.unit.access_code}/")


ACCESS, STYLES, FAVICON = "getTenantPortalAccess", "getPropertyStyles", "downloadFavicons"
PROPERTY, UI, LOGO = (
    "residentFetchProperty",
    "residentFetchUiConfiguration",
    "residentDownloadPortalFile",
)
UNIT, USERS, USER = "residentFetchUnit", "queryUnitUsers", "getUnitUser"
PUT_UNIT, PUT_USER = "residentEditUnit", "updateUnitUser"
DEVICES, USER_DEVICES = "residentFetchUnitDevices", "getUnitUserDevices"
DELETE, DELETE_USERS = "residentRemoveDevice", "removeUnitUserDevice"

WELCOME = "Open my Wi-Fi"
IMAGE = optional(NO_IMAGE)


async def logo(c: Resident) -> httpx.Response:
    return await c.get("/logo/any.png")


async def icon(c: Resident) -> httpx.Response:
    return await c.get(f"/p/{c.property.id}/icon.png")


def page(path: str) -> Run:
    return lambda c: c.get(path)


def wifi(name: str = "", linked: bool = False) -> Run:
    return lambda c: c.get(c.wifi(name, linked))


def reset(c: Resident) -> Awaitable[httpx.Response]:
    return c.post(c.wifi("reset/"))


def choose(c: Resident) -> Awaitable[httpx.Response]:
    return c.post(c.wifi("choose/"), passphrase=CHOSEN)


def edit_contact(c: Resident) -> Awaitable[httpx.Response]:
    return c.post("/contact/", **NEW)


def edit_person(c: Resident) -> Awaitable[httpx.Response]:
    return c.post(f"/people/{c.linked.id}/contact/", **NEW)


def reset_person(c: Resident) -> Awaitable[httpx.Response]:
    return c.post(c.wifi("reset/", linked=True))


def is_reset(c: Resident) -> bool:
    return c.user.passphrase != c.old


def person_is_reset(c: Resident) -> bool:
    return not str(c.linked.passphrase).startswith("hush-")


def is_chosen(c: Resident) -> bool:
    return c.user.passphrase == CHOSEN


def person_is_new(c: Resident) -> bool:
    return c.linked.name == NEW["name"]


def remove(linked: bool = False) -> Run:
    return lambda c: c.post(c.removal(linked))


def removed(linked: bool = False) -> Callable[[Resident], bool]:
    return lambda c: not (c.linked if linked else c.user).devices


HOME = "Home Wi-Fi"
FORM = "Save contact details"

FLOWS = [
    # The welcome page is there whatever happens.
    Flow("welcome", ACCESS, welcome, optional(), WELCOME, stranger=True),
    Flow("welcome", STYLES, welcome, optional(), WELCOME, stranger=True),
    Flow("welcome", FAVICON, welcome, optional(), WELCOME, stranger=True),
    Flow("icon", FAVICON, icon, IMAGE, stranger=True),
    Flow(
        "sign in",
        "residentLogin",
        Resident.sign_in,
        needed(sparse=OUTAGE, refused=REFUSED) | dict.fromkeys(("401", "403", "404"), REFUSED),
        HOME,
        stranger=True,
    ),
    # A property for which the vendor asks for a pause gets it: what follows the brand is busy.
    Flow("sign in", PROPERTY, Resident.sign_in, optional(PART, _429=BUSY), HOME, stranger=True),
    Flow("sign in", UI, Resident.sign_in, optional(_429=BUSY), HOME, stranger=True),
    Flow("home", UNIT, page("/"), needed(), "Contact"),
    Flow("home", USERS, page("/"), optional(PART, _401=SIGNED_OUT, _403=NOT_ALLOWED), "Contact"),
    Flow("home", PROPERTY, page("/"), optional(PART, _429=BUSY), HOME, cold=True),
    # The network names are in the other half of the brand, for which it is not waited long.
    Flow("home", UI, page("/"), optional(FULL + PART, _429=BUSY), HOME, cold=True),
    Flow("logo", LOGO, logo, IMAGE),
    Flow("help", PROPERTY, page("/help/"), optional(), "Most problems end here", cold=True),
    Flow("Wi-Fi section", USER, wifi(), needed(sparse=PART), "Show<span"),
    Flow("QR code", USERS, wifi("qr/"), needed(sparse=OUTAGE), 'class="qr"'),
    Flow("QR code", PROPERTY, wifi("qr/"), optional(PART, _429=BUSY), "QR code", cold=True),
    Flow("devices", DEVICES, wifi("devices/"), needed(), "device"),
    Flow("devices (person)", USER_DEVICES, wifi("devices/", True), needed(), "device"),
    Flow("reset?", USER, wifi("reset/"), needed(), "Reset passphrase"),
    Flow(
        "reset?",
        DEVICES,
        wifi("reset/"),
        optional(_401=SIGNED_OUT, _403=NOT_ALLOWED),
        "Reset passphrase",
    ),
    Flow("reset", USER, reset, needed(fine=DONE, sparse=SENT), stored=is_reset),
    # Whether the home is suspended is asked before anything is written.
    Flow("reset", UNIT, reset, needed(fine=DONE, sparse=DONE), stored=is_reset),
    Flow(
        "reset",
        PUT_USER,
        reset,
        # There is nothing typed that could be kept: the page that is shown looks again.
        written(lost=SENT),
        stored=is_reset,
        then=choose,
    ),
    Flow(
        "reset (person)",
        PUT_USER,
        reset_person,
        written(lost=SENT),
        stored=person_is_reset,
        then=edit_person,
    ),
    Flow("reset", USER, reset, needed(fine=DONE, sparse=SENT), after=PUT_USER, stored=is_reset),
    Flow("choose?", USER, wifi("choose/"), needed(), "Save passphrase"),
    Flow(
        "choose",
        UI,
        choose,
        # Only a profile that says so allows it.
        optional(OUTAGE, fine=DONE, sparse=NOT_FOUND, _404=NOT_FOUND),
        cold=True,
        stored=is_chosen,
    ),
    Flow("choose", USER, choose, needed(fine=DONE, sparse=SENT), stored=is_chosen),
    Flow("choose", PUT_USER, choose, written(), stored=is_chosen),
    Flow("contact?", UNIT, page("/contact/"), needed(sparse=CLOSED), FORM),
    # Without the number, which goes along, nothing is sent.
    Flow("contact", UNIT, edit_contact, needed(fine=DONE, sparse=CLOSED), stored=contact_is_new),
    Flow("contact", PUT_UNIT, edit_contact, written(), stored=contact_is_new),
    Flow(
        "contact",
        UNIT,
        edit_contact,
        # The home that follows cannot be read either, and says so beside this.
        needed(fine=DONE, sparse=SENT),
        after=PUT_UNIT,
        stored=contact_is_new,
        says="It can take a minute until they show",
    ),
    Flow("person?", USER, lambda c: c.get(f"/people/{c.linked.id}/contact/"), needed(), FORM),
    Flow("person", USER, edit_person, needed(fine=DONE, sparse=SENT), stored=person_is_new),
    Flow("person", UNIT, edit_person, needed(fine=DONE, sparse=DONE), stored=person_is_new),
    Flow("person", PUT_USER, edit_person, written(), stored=person_is_new, then=reset_person),
    Flow(
        "remove?",
        DEVICES,
        lambda c: c.get(c.removal()),
        needed(sparse=NOT_FOUND),
        "Remove device",
    ),
    Flow(
        "remove",
        DELETE,
        remove(),
        # However the device is refused, the list says whether it is there.
        written(lost=REMAINS, refused=REMAINS, _404=REMAINS),
        stored=removed(),
    ),
    Flow(
        "remove (person)",
        DELETE_USERS,
        remove(True),
        written(lost=REMAINS, refused=REMAINS, _404=REMAINS),
        stored=removed(True),
    ),
    Flow(
        "remove",
        DEVICES,
        remove(),
        # A list without devices is no list of none.
        optional(SENT, fine=DONE, _401=SIGNED_OUT, _403=NOT_ALLOWED, _429=BUSY),
        after=DELETE,
        stored=removed(),
        says="We don’t know yet if the device was removed",
    ),
]


# The way elsewhere --------------------------------------------------------------------------------


class Crossroads(Upstream):
    """The portal's own way to the vendor; a call that shall end elsewhere is sent there."""

    def __init__(self, vendor: Vendor, places: dict[str, str], **options: Any) -> None:
        super().__init__(vendor.url, **options)
        self.vendor = vendor
        self.places = {name: Upstream(url, **options) for name, url in places.items()}

    async def send(self, operation: str, method: str, path: str, **how: Any) -> Any:
        place, _ = operation_of(method, path)
        order = self.vendor.orders.get(place)
        calls = self.vendor.calls[place]
        if (
            order is None
            or not order.elsewhere
            or order.operation != operation
            or (order.after and order.after not in calls)
        ):
            return await super().send(operation, method, path, **how)
        calls.append(operation)
        return await self.places[order.elsewhere].send(operation, method, path, **how)

    async def aclose(self) -> None:
        for place in self.places.values():
            await place.aclose()
        await super().aclose()


# Cells --------------------------------------------------------------------------------------------


@dataclass
class Cell:
    """One fault in one flow: what came of it, and what is wrong with that."""

    flow: Flow
    fault: Fault
    outcome: str
    seconds: float
    token: str
    wrong: list[str]

    def __str__(self) -> str:
        return f"{self.flow}, {self.fault.name}: {'; '.join(self.wrong)}"


async def look(vendor: Vendor, app: Any, flow: Flow, fault: Fault) -> Cell:
    """What the portal makes of the fault in this flow, in a home of its own."""
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(
        transport=transport,
        base_url="http://testserver",
        timeout=None,
        # Packing pages would only cost time.
        headers={"Accept-Encoding": "identity"},
    ) as http:
        c = Resident(vendor, http)
        try:
            if not flow.stranger:
                await c.is_signed_in()
                if not flow.cold:
                    c.is_known()
            elif flow.page == "sign in":
                c.is_dressed()
            vendor.orders[c.property.id] = Order(
                flow.operation, fault.play, fault.elsewhere, flow.after
            )
            begun = time.monotonic()
            answer = await flow.run(c)
            seconds = time.monotonic() - begun
            outcome = outcome_of(flow, answer)
            wrong = list(judge(c, flow, fault, answer, outcome, seconds))
            if vendor.queued[c.property.id]:
                wrong += [each async for each in undone(c, flow)]
            return Cell(flow, fault, outcome, seconds, c.token, wrong)
        finally:
            c.forget()


def outcome_of(flow: Flow, answer: httpx.Response) -> str:
    """The letter of what the resident got; "?" for what fits nothing."""
    # Pages write Wi-Fi with a hyphen that does not break.
    code, text = answer.status_code, answer.text.replace("\u2011", "-")
    if IMAGE is flow.comes_to:
        if code == 200 and answer.content.startswith(b"\x89PNG"):
            return FULL
        return NO_IMAGE if code == 404 else "?"
    for outcome, its_code, words in NOTICES:
        if code == its_code and words in text:
            return outcome
    if code == 200 and any(words in text for words in MISSING):
        return PART
    return FULL if code == 200 and flow.words and flow.words in text else "?"


def judge(
    c: Resident, flow: Flow, fault: Fault, answer: httpx.Response, outcome: str, seconds: float
) -> Any:
    """What is wrong with an answer, one sentence each."""
    expected = flow.expected(fault)
    if outcome not in expected:
        said = re.sub(r"<[^>]+>|\s+", " ", answer.text.partition("<main")[2])
        said = re.sub(r"\s+", " ", said)[:400]
        yield f"{outcome} and not {expected} ({answer.status_code}:{said})"
    # A machine may be busy; what waits without end waits longer.
    if seconds > 10 * DEADLINE:
        yield f"{seconds:.1f} s"
    yield from trace_of(answer, outcome)
    if flow.stored is not None:
        yield from lies(c, flow, answer, outcome)
        if flow.says and outcome != DONE and flow.says not in answer.text:
            yield f"{flow.says!r} is missing"
    if outcome in KEPT and not c.redirected:
        # A code that is wrong is asked for anew: browsers keep no passwords in pages.
        typed = {} if flow.page == "sign in" and outcome == REFUSED else c.typed
        for name, value in typed.items():
            if value not in answer.text:
                yield f"{name} was typed and is gone"
    if c.signed_in is not (c.redirected if flow.stranger else outcome != SIGNED_OUT):
        yield f"signed in: {c.signed_in}"
    calls = c.vendor.calls[c.property.id]
    for operation in (PUT_UNIT, PUT_USER, "residentLogin"):
        if calls.count(operation) > 1:
            yield f"{operation} was sent {calls.count(operation)} times"
    if calls.count(flow.operation) > 12:
        yield f"{flow.operation} was asked {calls.count(flow.operation)} times"


async def undone(c: Resident, flow: Flow) -> AsyncIterator[str]:
    """What is wrong once a write has been done that was put off, and with another one meanwhile."""
    assert flow.stored
    vendor, place = c.vendor, c.property.id
    del vendor.orders[place]
    if flow.then:
        answer = await flow.then(c)
        if answer.status_code != 409 or "Nothing was changed." not in answer.text:
            yield f"another write does not wait ({answer.status_code})"
        for value in c.typed.values():
            if value not in answer.text:
                yield f"{value!r} was typed and is gone"
    # A device may be asked for by its other identifier, too.
    if flow.operation in (PUT_UNIT, PUT_USER) and len(vendor.queued[place]) != 1:
        yield "another write was sent meanwhile"
    await vendor.settle(place)
    if not flow.stored(c):
        yield "was taken, and is not done"
    if flow.then:
        answer = await flow.then(c)
        if answer.status_code != 200:
            yield f"another write still waits ({answer.status_code})"
        if not flow.stored(c):
            yield "was done, and another write has undone it"


def trace_of(answer: httpx.Response, outcome: str) -> Any:
    if answer.status_code == 500:
        yield "500"
    for trace in TRACES:
        if trace in answer.text:
            yield f"{trace!r} is on the page"
    if answer.status_code == 503 and not int(answer.headers.get("retry-after", "0")) > 0:
        yield "no Retry-After"
    if outcome in (OUTAGE, BUSY) and answer.headers["x-request-id"] not in answer.text:
        yield "no number to ask for help with"


def lies(c: Resident, flow: Flow, answer: httpx.Response, outcome: str) -> Any:
    assert flow.stored
    stored = flow.stored(c)
    if outcome == DONE and not stored:
        yield "said to be done, and is not"
    if stored and any(words in answer.text for words in ("Nothing was", "still there")):
        yield "said not to be done, and is"
