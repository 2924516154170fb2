"""The home page: what it says of each home, what it costs, and what it can do without."""

import asyncio
import html

import pytest

from common.property import brand, cache, logo
from ruckus.resident import ResidentApi
from sandbox import seeds
from tests.residents.browser import View
from tests.residents.conftest import Gate, seeded

HOME = seeded("full branding")


def actions(view: View, title: str) -> list[str]:
    return [
        node.words for node in view.section(title).all("a", "button") if "hidden" not in node.attrs
    ]


ALL = [
    "Show passphrase",
    "QR code",
    "Devices",
    "Connect a device",
    "Large letters",
    "Reset passphrase",
    "Choose a passphrase",
]


# What it says -----------------------------------------------------------------------------------


async def test_the_home_of_a_branded_property_shows_all_of_it(resident):
    view = await (await resident()).get("/")
    assert view.brand == "Larkspur House Wi-Fi"
    assert "Your home network, your way" in view.words
    assert "--key:#234f68" in view.root.one("style").children[0]
    assert view.root.one("img", class_="logo")
    announcements = view.section("Announcements")
    assert announcements.all("br")
    link = announcements.one("a")
    assert link.attrs == {"href": "https://larkspur.example.com/news", "rel": "nofollow"}
    contacts = {node.attrs["href"] for node in view.section("Building’s office").all("a")}
    assert contacts == {"tel:+12025550100", "mailto:office@larkspur.example.com"}
    assert "Two bedrooms, third floor" in view.section("Contact details").words
    assert "casey@example.com" in view.section("Contact details").words
    assert view.section("Contact details").words.endswith("third floor Edit contact details")


async def test_without_a_profile_the_page_is_finished_and_loses_no_function(resident):
    browser = await resident("no portal profile")
    view = await browser.get("/")
    assert view.brand == "Quince Court"
    assert not view.root.all("img")
    assert not any(node.words == "Announcements" for node in view.root.all("h2"))
    assert actions(view, "Home Wi-Fi") == ALL[:-1]
    person = await browser.get(view.link("JJamie Sample"))
    assert actions(person, "Jamie Sample") == ALL[:-1]
    assert person.link("Edit contact details")
    assert view.section("Building’s office").all("a", href="mailto:help@quince.example.org")


async def test_a_profile_without_content_is_no_worse(resident):
    browser = await resident("a profile without content")
    view = await browser.get("/")
    assert view.heading == "Unit 0"
    assert view.brand == "Resident portal"
    assert (view.sections, view.people) == (["Home Wi-Fi"], ["Household member"])
    assert "Network nameAsk the building’s office" in view.words
    person = await browser.get(view.link("HHousehold member"))
    assert "We can’t show it here." in person.section("Household member").words
    assert "None" not in view.words
    # Without the network's name there is no code to scan.
    assert "QR code" not in view.words


async def test_identities_come_in_order_unit_guest_and_then_people_by_name(resident):
    view = await (await resident("45 users")).get("/")
    people = [f"Tenant {n:02} Placeholder" for n in range(1, 44)]
    assert view.sections == ["Home Wi-Fi", "Guest Wi-Fi"]
    assert view.people == people
    # Above eight the rest is folded away; nothing of it holds a passphrase.
    assert view.section("People 43").one("summary").words == "Show 35 more"
    assert len(view.root.all("code", class_="code")) == 2


async def test_a_person_of_many_is_found_by_a_part_of_the_name(resident):
    browser = await resident("45 users")
    view = await browser.get("/")
    found = await browser.submit(view, "Find", person=" ANT 04")
    assert found.people == ["Tenant 04 Placeholder"]
    assert found.root.one("input", name="person").attrs["value"] == "ANT 04"
    assert found.link("Show everybody") == "/#people"
    nobody = await browser.get("/?person=nobody")
    assert "Nobody here has a name like that." in nobody.words
    few = await (await resident()).get("/?person=riley")
    assert not few.root.all("input", name="person")


async def test_a_person_is_named_on_every_page_about_them(resident, sandbox):
    browser = await resident()
    riley = sandbox.user(HOME, "LINKED", "Riley Example")
    for path, heading in (
        ("", "Riley Example"),
        ("devices/", "Devices: Riley Example"),
        ("reset/", "Reset the passphrase?"),
        ("choose/", "Choose a passphrase"),
        ("letters/", "Large letters"),
        ("connect/", "Connect a device"),
    ):
        view = await browser.get(f"/wifi/linked/{riley.id}/{path}")
        assert view.heading == heading
        assert "Riley Example" in view.title
        assert "Riley Example" in view.words
    contact = await browser.get(f"/people/{riley.id}/contact/")
    assert "Riley Example" in contact.title


async def test_passphrases_are_masked_until_asked_for(resident):
    browser = await resident()
    view = await browser.get("/")
    for code in view.root.all("code", class_="code"):
        assert "hidden" in code.attrs
    unit = view.section("Home Wi-Fi")
    assert unit.one("code", class_="code").text == seeds.SPECIAL["UNIT"]
    assert "hidden" in unit.one("button", data_copy=True).attrs
    assert seeds.SPECIAL["UNIT"] not in view.words
    alone = await browser.get(unit.one("form").attrs["action"])
    shown = await browser.submit(alone, "Show passphrase")
    code = shown.root.one("code", class_="code")
    assert "hidden" not in code.attrs
    assert code.text == seeds.SPECIAL["UNIT"]
    assert seeds.SPECIAL["UNIT"] not in shown.path
    hidden = await browser.submit(shown, "Hide passphrase")
    assert "hidden" in hidden.root.one("code", class_="code").attrs


async def test_a_home_without_visible_identities_is_a_normal_page(resident):
    view = await (await resident("no users at all")).get("/")
    assert view.status == 200
    assert not view.sections
    assert "We can’t show a passphrase for your home." in view.words


async def test_hidden_identities_stay_hidden_and_no_unit_secret_shows(resident, sandbox):
    home = seeded("system identities hidden")
    view = await (await resident(home.shows)).get("/")
    assert (view.sections, view.people) == ([], ["Lee Specimen", "Morgan Specimen"])
    for kind in ("UNIT", "GUEST"):
        assert str(sandbox.user(home, kind).passphrase) not in view.text


async def test_a_suspended_home_can_be_looked_at_and_not_changed(resident):
    browser = await resident("a suspended unit")
    view = await browser.get("/")
    assert "Your home’s Wi-Fi is suspended." in view.words
    for title in view.sections:
        shares = ["Share or print"] if title == "Guest Wi-Fi" else []
        assert actions(view, title) == [*ALL[:-2], *shares]
    assert "Edit contact details" not in view.words


async def test_a_blocked_identity_is_told_and_cannot_be_changed(resident):
    home = seeded("a blocked user")
    browser = await resident(home.shows)
    view = await browser.get("/")
    assert "Blocked by your building" not in view.section("Home Wi-Fi").words
    assert "Reset passphrase" in actions(view, "Home Wi-Fi")
    person = await browser.get(view.link("SSam MockupBlocked"))
    for page, title in ((view, "Guest Wi-Fi"), (person, "Sam Mockup")):
        assert "Blocked by your building" in page.section(title).words
        assert not {"Reset passphrase", "Choose a passphrase"} & set(actions(page, title))
    blocked = next(user for user in home.unit.users if user.status == "BLOCKED")
    for page in ("reset", "choose"):
        view = await browser.get(f"/wifi/guest/{blocked.id}/{page}/")
        assert view.status == 403
        assert "This passphrase is blocked" in view.words


async def test_where_guests_share_the_passphrase_theirs_cannot_be_changed(resident, sandbox):
    home = seeded("markup and emoji and right-to-left text")
    same = sandbox.user(home, "UNIT").passphrase
    sandbox.user(home, "GUEST").passphrase = same
    browser = await resident(home.shows)
    view = await browser.get("/")
    assert "guests use the same passphrase as your home" in view.section("Guest Wi-Fi").words
    assert "use the same passphrase" not in view.section("Home Wi-Fi").words
    assert "Reset passphrase" not in actions(view, "Guest Wi-Fi")
    assert "Reset passphrase" in actions(view, "Home Wi-Fi")
    guest = next(user for user in home.unit.users if user.type == "GUEST")
    assert (await browser.get(f"/wifi/guest/{guest.id}/reset/")).status == 404


@pytest.mark.parametrize("unit", ["another one", None])
@pytest.mark.parametrize("guest", ["one of its own", None])
async def test_a_guest_passphrase_is_called_the_home_s_only_when_it_is(
    resident, sandbox, unit, guest
):
    home = seeded("markup and emoji and right-to-left text")
    sandbox.user(home, "UNIT").passphrase = unit
    user = sandbox.user(home, "GUEST")
    user.passphrase = guest
    browser = await resident(home.shows)
    section = (await browser.get("/")).section("Guest Wi-Fi")
    # The section alone does not know the home's.
    alone = (await browser.get(f"/wifi/guest/{user.id}/")).section("Guest Wi-Fi")
    for part in (section, alone):
        assert "use the same passphrase" not in part.words
        assert "Your building sets the guest passphrase" in part.words
    own = await (await resident()).get("/")
    assert "sets the guest passphrase" not in own.section("Guest Wi-Fi").words


async def test_a_passphrase_that_cannot_be_shown_is_not_denied(resident, sandbox):
    sandbox.user(HOME, "UNIT").passphrase = "pässphrase"
    view = await (await resident()).get("/")
    unit = view.section("Home Wi-Fi")
    assert "It has characters we can’t show." in unit.words
    assert "We can’t show it here." not in unit.words
    assert "pässphrase" not in view.text
    # There is a way out of it.
    assert "Reset passphrase" in actions(view, "Home Wi-Fi")


async def test_ids_that_are_numbers_are_ids(resident, sandbox):
    browser = await resident()
    users = b'{"content": [{"userId": 7, "type": "UNIT", "passphrase": "of seven"}], "last": true}'
    sandbox.fault(operation="queryUnitUsers", status=200, body=users)
    user = b'{"userId": 7, "type": "UNIT", "passphrase": "of seven"}'
    sandbox.fault(operation="getUnitUser", status=200, body=user)
    devices = b'{"contents": [{"guid": 8, "macAddress": null, "type": "Phone"}]}'
    sandbox.fault(operation="residentFetchUnitDevices", status=200, body=devices)
    view = await browser.get("/")
    assert "of seven" in view.section("Home Wi-Fi").one("code", class_="code").text
    assert "of seven" in (await browser.get("/wifi/unit/7/")).text
    listed = await browser.get("/wifi/unit/7/devices/")
    assert (await browser.submit(listed, "Remove Phone 8")).heading == "Remove this device?"


async def test_markup_emoji_and_right_to_left_text_are_only_text(resident):
    browser = await resident("markup and emoji and right-to-left text")
    view = await browser.get("/")
    assert view.heading == "Unit Loft <1> & ½ 🚪"
    assert view.brand == "<b>Lofts</b> & friends 🏡"
    assert "{{ resident }}" in view.words
    announcements = view.section("Announcements")
    assert "<script>alert('no')</script>" in announcements.words
    assert [node.attrs["href"] for node in announcements.all("a")] == [
        "https://odd.example.org/?a=1&b="
    ]
    help_page = await browser.get("/help/")
    assert '{% now "Y" %} is only text.' in help_page.section("From your building").words
    assert set(view.people) == {
        "<script>alert(1)</script>",
        "Household member",
        "ليلى مثال 🎈",
        'Zoë "Zee" O\'Sample & Co; DROP, TABLE',
    }
    # Names of either direction do not turn the words around them.
    assert all(node.all("bdi") for node in view.root.all("span", class_="who"))
    assert (
        view.section("Building’s office").one("a", href="tel:+12025550133").words == "+12025550133"
    )


async def test_a_property_that_shut_the_portal_says_so_on_every_page(visitor, sandbox):
    home = seeded("portal API not allowed")
    closed = await visitor.sign_in(home)
    assert closed.status == 403
    assert closed.heading == "This page isn’t switched on yet"
    assert "Use Your Own Portal" in closed.words
    assert closed.root.all("a", href="tel:+12025550121")
    sandbox.forget_calls()
    for path in ("/contact/", "/help/", f"/wifi/unit/{home.unit.users[0].id}/"):
        view = await visitor.get(path)
        assert (view.status, view.heading) == (403, "This page isn’t switched on yet")
    assert not sandbox.calls()


async def test_a_portal_that_is_not_known_to_be_shut_is_found_out_on_the_home_page(
    resident, sandbox
):
    browser = await resident("portal API not allowed")
    brand.brands.clear()
    assert (await browser.get("/")).heading == "This page isn’t switched on yet"


async def test_portal_allowed_false_and_unknown_api_allowed_lock_nobody_out(resident, sandbox):
    browser = await resident()
    profile = sandbox.profile(HOME)
    profile.portal_allowed, profile.api_allowed = False, None
    brand.brands.clear()
    assert (await browser.get("/")).heading == "Unit 2338"


async def test_a_status_that_is_new_to_us_breaks_nothing(resident, sandbox):
    browser = await resident()
    body = b'{"number":"2338","status":"HIBERNATING","contact":null}'
    sandbox.fault(operation="residentFetchUnit", status=200, body=body)
    users = b'{"content":[{"userId":"u1","type":"ROBOT","status":"ASLEEP","userName":" "},7,null]}'
    sandbox.fault(operation="queryUnitUsers", status=200, body=users)
    view = await browser.get("/")
    assert view.status == 200
    assert view.people == ["Household member"]
    assert "suspended" not in view.words


@pytest.mark.parametrize("status", [b"null", b"7", b'"HIBERNATING"', b'""'])
async def test_a_status_that_is_not_known_is_not_in_use(resident, sandbox, status):
    browser = await resident()
    body = b'{"number":"2338","contact":null,"status":' + status + b"}"
    sandbox.fault(operation="residentFetchUnit", status=200, body=body)
    view = await browser.get("/")
    assert "In use" not in view.words
    assert "suspended" not in view.words


@pytest.mark.parametrize("path", ["/", "/contact/"])
async def test_a_home_that_is_not_found_is_no_page_that_is_not_found(resident, sandbox, path):
    browser = await resident()
    sandbox.fault(operation="residentFetchUnit", status=404)
    view = await browser.get(path)
    assert view.status == 404
    assert "We can’t find your home" in view.words
    assert "There’s nothing here" not in view.words
    # Nobody is signed out by it.
    sandbox.mended()
    assert (await browser.get("/")).heading == "Unit 2338"


async def test_a_list_of_users_that_was_cut_says_so(resident, sandbox):
    browser = await resident()
    users = b'{"content": [{"userId": "u1", "type": "UNIT"}, 7], "last": true}'
    sandbox.fault(operation="queryUnitUsers", status=200, body=users)
    view = await browser.get("/")
    assert view.sections == ["Home Wi-Fi"]
    assert "Some passphrases may be missing from this page." in view.words
    sandbox.mended()
    assert "may be missing" not in (await browser.get("/")).words


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"content": null, "last": true, "totalElements": 0}',
        b'{"content": []}',
        b'{"content": [], "last": true, "totalElements": 45}',
        b'{"content": [null]}',
        # More than is read of any body.
        b'{"content": [], "last": true, "x": "' + b"x" * 2_000_000 + b'"}',
    ],
)
async def test_a_first_page_that_says_nothing_is_no_home_without_passphrases(
    resident, sandbox, body
):
    browser = await resident()
    sandbox.fault(operation="queryUnitUsers", status=200, body=body)
    view = await browser.get("/")
    assert "We can’t read your passphrases right now." in view.words
    assert "We can’t show a passphrase for your home." not in view.words


async def test_a_notice_of_the_start_page_says_what_to_open(visitor):
    view = await visitor.get("/")
    assert "Open the link in the message or letter" in view.words


# What it can do without -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault", [{"status": 500}, {"kind": "reset"}, {"status": 429}, {"status": 404}]
)
async def test_without_the_users_the_page_shows_the_unit_and_says_what_is_missing(
    resident, sandbox, fault
):
    browser = await resident()
    sandbox.fault(operation="queryUnitUsers", **fault)
    view = await browser.get("/")
    assert view.status == 200
    assert "We can’t read your passphrases right now." in view.words
    assert "casey@example.com" in view.words
    assert "We can’t show a passphrase" not in view.words


@pytest.mark.parametrize(("status", "words"), [(401, "signed out"), (403, "aren’t open")])
async def test_a_refused_users_query_is_no_part_of_a_page(resident, sandbox, status, words):
    browser = await resident()
    sandbox.fault(operation="queryUnitUsers", status=status)
    view = await browser.get("/")
    assert view.status == status
    assert words in view.words


async def test_a_fault_of_our_own_in_the_users_query_is_not_taken_for_an_outage(
    resident, monkeypatch
):
    browser = await resident()
    browser.client.raise_request_exception = False

    async def broken(self: ResidentApi) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(ResidentApi, "fetch_unit_users", broken)
    assert (await browser.get("/")).status == 500


@pytest.mark.parametrize(
    ("operations", "title"),
    [
        (["residentFetchProperty"], "Larkspur House Wi-Fi"),
        (["residentFetchUiConfiguration"], "Larkspur House"),
        (["residentFetchProperty", "residentFetchUiConfiguration"], "Resident portal"),
    ],
)
async def test_the_page_lives_without_half_of_the_brand_or_all_of_it(
    resident, sandbox, operations, title
):
    browser = await resident()
    brand.brands.clear()
    for operation in operations:
        sandbox.fault(operation=operation, status=500)
    for _ in range(2):
        view = await browser.get("/")
        assert view.status == 200
        assert view.brand == title


async def test_the_page_waits_for_the_brand_only_a_moment(resident, sandbox, monkeypatch):
    monkeypatch.setattr(cache, "PATIENCE", 0.01)
    browser = await resident()
    brand.brands.clear()
    gate = sandbox.wire.hold_back("/uiConfigurations")
    view = await browser.get("/")
    assert view.status == 200
    assert view.brand == "Resident portal"
    # It is fetched to its end all the same, for whoever comes next.
    [flight] = brand.brands.loops[asyncio.get_running_loop()].values()
    gate.open.set()
    assert (await flight).title == "Larkspur House Wi-Fi"
    assert brand.brands.peek(HOME.property_id) is not None


async def test_the_logo_is_drawn_anew_and_private(resident, sandbox):
    browser = await resident()
    source = (await browser.get("/")).root.one("img", class_="logo").attrs["src"]
    assert HOME.property_id not in source
    logo.logos.clear()
    sandbox.forget_calls()
    image = await browser.get(source)
    assert image.headers["Content-Type"] == "image/png"
    assert image.content.startswith(b"\x89PNG")
    assert image.headers["Cache-Control"] == "private, max-age=604800, immutable"
    await browser.get(source)
    assert sandbox.calls() == ["residentDownloadPortalFile"]


@pytest.mark.parametrize("fault", [{"status": 404}, {"status": 500}, {"status": 200, "body": b"?"}])
async def test_a_logo_that_cannot_be_had_is_a_404(resident, sandbox, fault):
    browser = await resident()
    source = (await browser.get("/")).root.one("img", class_="logo").attrs["src"]
    sandbox.fault(operation="residentDownloadPortalFile", **fault)
    logo.logos.clear()
    assert (await browser.get(source)).status == 404
    assert (await browser.get("/")).status == 200


@pytest.mark.parametrize("fault", [{"status": 404}, {"status": 500}, {"status": 200, "body": b"?"}])
@pytest.mark.parametrize("half", ["residentFetchProperty", None])
async def test_no_room_is_left_for_a_logo_that_cannot_be_had(resident, sandbox, fault, half):
    browser = await resident()
    brand.brands.clear()
    logo.logos.clear()
    sandbox.fault(operation="residentDownloadPortalFile", **fault)
    sandbox.fault(operation=half or "none", status=500)
    view = await browser.get("/")
    assert view.root.one("p", class_="brand").words == "Larkspur House Wi-Fi"
    assert not view.root.all("img")


async def test_a_page_waits_for_the_logo_only_a_moment(resident, sandbox, monkeypatch):
    browser = await resident()
    brand.brands.clear()
    logo.logos.clear()
    monkeypatch.setattr(brand, "PATIENCE", 0.01)
    gate = sandbox.wire.hold_back("/files/logo")
    view = await browser.get("/")
    assert view.root.one("p", class_="brand").words == "Larkspur House Wi-Fi"
    assert not view.root.all("img")
    gate.open.set()


async def test_help_names_what_may_be_wrong_and_whom_to_call(resident):
    view = await (await resident()).get("/help/")
    for word in (
        "expired",
        "limited to a number of devices",
        "Suspended",
        "character by character",
    ):
        assert word in view.words
    assert view.root.all("a", href="tel:+12025550100")
    assert "No connection? Turn the Wi-Fi of your device off and on first." in view.words
    other = await (await resident("a profile without content")).get("/help/")
    assert "call or visit your building’s office" in other.words


# What it costs ----------------------------------------------------------------------------------


async def all_there(gates: list[Gate]) -> None:
    """All of these calls are under way at once; then they get their answers."""
    async with asyncio.timeout(10):
        await asyncio.gather(*(gate.reached.wait() for gate in gates))
    for gate in gates:
        gate.open.set()


async def test_a_warm_home_page_makes_two_calls_at_the_same_moment(resident, sandbox):
    browser = await resident()
    await browser.get("/")
    sandbox.forget_calls()
    gates = [sandbox.wire.hold_back("/units"), sandbox.wire.hold_back("/users/query")]
    page = asyncio.ensure_future(browser.get("/"))
    await all_there(gates)
    await page
    assert sorted(sandbox.calls()) == ["queryUnitUsers", "residentFetchUnit"]


async def test_a_cold_home_page_makes_four_calls_at_the_same_moment(resident, sandbox):
    browser = await resident()
    brand.brands.clear()
    gates = [
        sandbox.wire.hold_back(end)
        for end in ("/units", "/users/query", "/uiConfigurations", HOME.property_id)
    ]
    page = asyncio.ensure_future(browser.get("/"))
    await all_there(gates)
    await page
    assert len(sandbox.calls()) == 4


async def test_the_home_page_after_sign_in_is_warm(visitor, sandbox):
    page = await visitor.get(f"/p/{HOME.property_id}/")
    sent = await visitor.submit(page, "Open my Wi-Fi", secret=HOME.secret)
    sandbox.forget_calls()
    await visitor.follow(sent)
    assert len(sandbox.calls()) == 2


async def test_forty_five_users_come_in_one_call(resident, sandbox):
    browser = await resident("45 users")
    await browser.get("/")
    assert sandbox.calls("queryUnitUsers") == ["queryUnitUsers"]


async def test_what_belongs_to_a_property_is_asked_once_for_all_its_residents(resident, sandbox):
    browsers = [await resident(), await resident("45 users")] * 3
    brand.brands.clear()
    await asyncio.gather(*(browser.get("/") for browser in browsers))
    assert sandbox.calls("residentFetchProperty", "residentFetchUiConfiguration") in (
        ["residentFetchProperty", "residentFetchUiConfiguration"],
        ["residentFetchUiConfiguration", "residentFetchProperty"],
    )


async def test_pages_that_need_no_user_make_no_call_for_one(resident, sandbox):
    browser = await resident()
    user = HOME.unit.users[0]
    for path, most in (
        ("/help/", 0),
        ("/sign-out-everywhere/", 0),
        ("/contact/", 1),
        (f"/wifi/unit/{user.id}/", 1),
        (f"/wifi/unit/{user.id}/qr/", 1),
        # The list, and whether the address is the home's.
        (f"/wifi/unit/{user.id}/devices/", 2),
        (f"/wifi/unit/{user.id}/letters/", 1),
        (f"/wifi/unit/{user.id}/connect/", 1),
        (f"/wifi/unit/{user.id}/cards/", 1),
        ("/privacy/", 0),
        ("/accessibility/", 0),
        (f"/wifi/unit/{user.id}/choose/", 3),
        (f"/wifi/unit/{user.id}/reset/", 3),
    ):
        sandbox.forget_calls()
        assert (await browser.get(path)).status == 200
        assert len(sandbox.calls()) == most, path


async def test_two_hundred_interleaved_requests_see_nothing_of_another_home(resident, sandbox):
    shows = ["full branding", "a blocked user", "no portal profile", "system identities hidden"]
    browsers = [await resident(name) for name in shows]
    homes = [seeded(name) for name in shows]
    secret = {
        home.unit.number: [str(user.passphrase) for user in home.unit.users] for home in homes
    }

    # As many at once as this machine answers well within the deadline.
    at_once = asyncio.Semaphore(20)

    async def look(n: int) -> None:
        async with at_once:
            await look_at(n)

    async def look_at(n: int) -> None:
        mine = n % len(homes)
        user = homes[mine].unit.users[-1]
        path = ("/", "/contact/", f"/wifi/linked/{user.id}/", "/help/")[n // 4 % 4]
        view = await browsers[mine].client.get(path)
        assert view.status_code == 200
        text = html.unescape(view.content.decode())
        for other in homes:
            if other is not homes[mine]:
                assert not any(key in text for key in secret[other.unit.number])
                assert other.unit.contact.name not in text
                assert other.unit.guid not in text

    await asyncio.gather(*(look(n) for n in range(200)))
