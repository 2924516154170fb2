import asyncio
import contextlib
import inspect
import json
import logging
import re
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ruckus import resident, resident_types, retry
from ruckus.budget import Bucket, Quota
from ruckus.errors import (
    ApiError,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Rejected,
    TooBusy,
    Unavailable,
)
from ruckus.operations import Operation, decipher
from ruckus.resident import ResidentApi
from ruckus.resident_types import Contact, UnitUser, Written
from ruckus.wire import Upstream

from .vendor import PROPERTY, USER, hangs_up_after, reply, says, vendor

OPERATIONS = [value for value in vars(resident).values() if isinstance(value, Operation)]
READS = [operation for operation in OPERATIONS if operation.safe]
OTHERS = [operation for operation in OPERATIONS if not operation.safe]

MAC = "AA:BB:CC:DD:EE:FF"
BLANK_USER = UnitUser(id=USER)
# Each method with what it needs, beside the operation that it calls.
CALLS = {
    "residentLogin": lambda api: api.log_in("s3cret"),
    "getTenantPortalAccess": lambda api: api.fetch_access(),
    "getPropertyStyles": lambda api: api.fetch_styles(),
    "downloadFavicons": lambda api: api.fetch_favicon(),
    "residentFetchProperty": lambda api: api.fetch_property(),
    "residentFetchUiConfiguration": lambda api: api.fetch_ui_configuration(),
    "residentDownloadPortalFile": lambda api: api.fetch_file("logo"),
    "residentFetchUnit": lambda api: api.fetch_unit(),
    "residentEditUnit": lambda api: api.update_unit("2338", Contact(name="Ann")),
    "residentFetchUnitDevices": lambda api: api.fetch_unit_devices("GUEST"),
    "residentRemoveDevice": lambda api: api.remove_unit_device(MAC),
    "queryUnitUsers": lambda api: api.query_unit_users(),
    "getUnitUser": lambda api: api.fetch_unit_user(USER),
    "updateUnitUser": lambda api: api.update_unit_user(BLANK_USER),
    "getUnitUserDevices": lambda api: api.fetch_user_devices(USER),
    "removeUnitUserDevice": lambda api: api.remove_user_device(USER, MAC),
}
WRITES = ["residentEditUnit", "residentRemoveDevice", "updateUnitUser", "removeUnitUserDevice"]
# An answer that every operation can make something of.
FITS_ALL = {"token": "t0ken"}


class Answers:
    """A transport that answers so, one after the other and the last one for ever; it keeps what was asked."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    def __call__(self, request):
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, httpx.Response):
            # A response can be read once only.
            return httpx.Response(
                answer.status_code, headers=answer.headers, content=answer.content
            )
        return httpx.Response(200, json=answer)


def made(*answers, token="t0ken", property_id=PROPERTY, deadline=None):
    """The API over a transport that answers so, and the transport."""
    answers = Answers(*answers)
    upstream = Upstream("https://api.example", transport=httpx.MockTransport(answers))
    api = ResidentApi(upstream, property_id=property_id, token=token, deadline=deadline)
    return api, answers


async def failure(call):
    with pytest.raises(ApiError) as caught:
        await call
    return caught.value


# What goes out


EXPECTED = {
    "residentLogin": ("POST", "/units/logins", {"hashedSecret": "s3cret"}),
    "getTenantPortalAccess": ("GET", "/access", None),
    "getPropertyStyles": ("GET", "/styles", None),
    "downloadFavicons": ("GET", "/files/favicons", None),
    "residentFetchProperty": ("GET", "", None),
    "residentFetchUiConfiguration": ("GET", "/uiConfigurations", None),
    "residentDownloadPortalFile": ("GET", "/files/logo", None),
    "residentFetchUnit": ("GET", "/units", None),
    "residentEditUnit": (
        "PUT",
        "/units",
        {"number": "2338", "contact": {"contactName": "Ann"}},
    ),
    "residentFetchUnitDevices": ("GET", "/units/devices?type=GUEST", None),
    "residentRemoveDevice": ("DELETE", "/units/devices/AA%3ABB%3ACC%3ADD%3AEE%3AFF", None),
    "queryUnitUsers": ("POST", "/units/users/query", {"page": 0, "pageSize": 100}),
    "getUnitUser": ("GET", f"/units/users/{USER}", None),
    "updateUnitUser": ("PUT", f"/units/users/{USER}", {"userId": USER}),
    "getUnitUserDevices": ("GET", f"/units/users/{USER}/devices", None),
    "removeUnitUserDevice": (
        "DELETE",
        f"/units/users/{USER}/devices/AA%3ABB%3ACC%3ADD%3AEE%3AFF",
        None,
    ),
}


def test_every_operation_of_the_client_is_called_below():
    assert {operation.id for operation in OPERATIONS} == CALLS.keys() == EXPECTED.keys()


@pytest.mark.parametrize("operation", CALLS)
async def test_each_operation_is_called_as_the_vendor_wants_it(operation):
    api, vendor = made(FITS_ALL)

    await CALLS[operation](api)

    [request] = vendor.asked
    method, path, body = EXPECTED[operation]
    prefix = f"https://api.example/residents/properties/{PROPERTY}"
    assert (request.method, str(request.url)) == (method, prefix + path)
    assert (json.loads(request.content) if request.content else None) == body
    assert request.headers["Authorization"] == "Bearer t0ken"
    assert request.headers["Accept-Encoding"] == "gzip"
    accepted = request.headers["Accept"]
    for kind in ("application/json", "application/hal+json", "application/vnd.ruckus.v1+json"):
        assert kind in accepted
    assert request.headers.get("Content-Type") == ("application/json" if body else None)


async def test_without_a_token_there_is_no_authorization():
    api, vendor = made(FITS_ALL, token=None)
    await api.log_in("s3cret")

    assert "Authorization" not in vendor.asked[0].headers


@pytest.mark.parametrize("bad", ["", "..", "a/b", "a?b", "x" * 65])
async def test_an_id_that_is_none_is_not_found_and_nothing_is_sent(bad):
    api, vendor = made(FITS_ALL)
    elsewhere, _ = made(FITS_ALL, property_id=bad)

    errors = [
        await failure(elsewhere.fetch_access()),
        await failure(api.fetch_unit_user(bad)),
        await failure(api.fetch_user_devices(bad)),
        await failure(api.fetch_file(bad)),
        await failure(api.fetch_unit_devices(bad)),
        await failure(api.remove_unit_device(bad)),
        await failure(api.remove_user_device(USER, bad)),
        await failure(api.remove_user_device(bad, MAC)),
        await failure(api.update_unit_user(UnitUser(id=bad))),
    ]

    assert all(isinstance(error, NotFound) and error.status is None for error in errors)
    assert vendor.asked == []


async def test_half_a_character_goes_back_as_it_came():
    api, vendor = made(FITS_ALL)

    await api.update_unit("2338", Contact(name="Ann", raw={"name": "A\ud800nn"}))
    assert b"A\\ud800nn" in vendor.asked[0].content


# What comes back


async def test_results_are_in_our_words():
    api, _ = made({"token": "t", "number": "2338", "userId": "u-1", "loginText": "hi"})

    assert (await api.log_in("s")).token == "t"
    assert (await api.fetch_unit()).number == "2338"
    assert (await api.fetch_unit_user(USER)).id == "u-1"
    assert (await api.fetch_access()).login_text == "hi"
    assert await api.fetch_user_devices(USER) == ()


async def test_files_come_as_bytes_and_styles_as_text():
    api, _ = made(httpx.Response(200, content=b"\x89PNG\xff"))

    assert await api.fetch_favicon() == b"\x89PNG\xff"
    assert await api.fetch_file("favIcon") == b"\x89PNG\xff"
    assert await api.fetch_styles() == "\ufffdPNG\ufffd"


async def test_an_image_of_no_bytes_is_unavailable():
    api, _ = made(httpx.Response(200))

    assert (await failure(api.fetch_favicon())).reason == "body"


async def test_a_user_that_does_not_say_its_id_has_the_one_asked_for():
    api, _ = made({"userName": "Ann"})

    assert await api.fetch_unit_user(USER) == UnitUser(id=USER, name="Ann")


@pytest.mark.parametrize("body", [b"", b"null", b"<html>", b'{"personaUpdateId": "x"}'])
@pytest.mark.parametrize("status", [200, 201, 202, 204])
@pytest.mark.parametrize("operation", WRITES)
async def test_a_write_is_a_success_whatever_its_body(operation, status, body):
    api, _ = made(httpx.Response(status, content=body))

    written = await CALLS[operation](api)

    if operation.startswith("remove") or operation == "residentRemoveDevice":
        assert written is None
    else:
        assert written == Written(accepted=status == 202)


STATUSES = [
    (401, NotSignedIn, NotSignedIn),
    (403, NotAllowed, NotAllowed),
    (404, NotFound, NotFound),
    (400, Unavailable, Rejected),
    (409, Unavailable, Rejected),
    (422, Unavailable, Rejected),
    (429, TooBusy, TooBusy),
    *(
        (status, Unavailable, Unavailable)
        for status in (101, 199, 300, 302, 304, 402, 405, 410, 500, 502, 503, 504, 599, 700)
    ),
]


@pytest.mark.parametrize(("status", "on_read", "on_write"), STATUSES)
def test_a_status_is_the_error_that_the_tree_says(status, on_read, on_write):
    for operations, expected in ((READS, on_read), (OTHERS, on_write)):
        for operation in operations:
            with pytest.raises(ApiError) as caught:
                decipher(operation, status, {}, b"")
            assert type(caught.value) is expected
            assert (caught.value.operation, caught.value.status) == (operation.id, status)
            if expected is Unavailable:
                assert caught.value.reason == f"status {status}"
                assert caught.value.maybe_written is not operation.safe


def test_a_refusal_carries_the_vendors_reasons():
    body = json.dumps({"message": "Bad", "validationErrors": ["too short"]}).encode()
    with pytest.raises(Rejected) as caught:
        decipher(resident.EDIT_UNIT, 400, {}, body)

    assert caught.value.errors == ("Bad", "too short")
    assert "short" not in repr(caught.value)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7),
        (" 120 ", 120),
        ("0", 0),
        ("-1", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("3601", 3600),
        ("9" * 400, 3600),
        ("Fri, 21 Oct 2095 07:28:00 GMT", 3600),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("Wed, 21 Oct 2015 07:28:00 -0000", 0),
        ("Mon, 99 Foo 2015 07:28:00 GMT", None),
    ],
)
def test_retry_after_is_read(said, seconds):
    for status, kind in ((429, TooBusy), (503, Unavailable)):
        with pytest.raises(kind) as caught:
            decipher(resident.UNIT, status, {"retry-after": said}, b"")
        assert caught.value.retry_after == seconds


@pytest.mark.parametrize(("operation", "maybe"), [(resident.LOG_IN, True), (resident.UNIT, False)])
def test_an_answer_that_makes_no_sense_leaves_open_what_was_written(operation, maybe):
    with pytest.raises(Unavailable) as caught:
        decipher(operation, 200, {}, b"<html>")
    assert (caught.value.reason, caught.value.maybe_written) == ("body", maybe)


def test_retry_after_may_be_a_date():
    when = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    with pytest.raises(TooBusy) as caught:
        decipher(resident.UNIT, 429, {"retry-after": when}, b"")

    assert 30 < caught.value.retry_after <= 60


LEAF = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("x" * 70)
NAMES = st.sampled_from(
    sorted(
        set(re.findall(r'\.get\("(\w+)"\)', inspect.getsource(resident_types))),
    )
)
INNER = st.dictionaries(NAMES, LEAF, max_size=4)
OBJECTS = st.dictionaries(NAMES, LEAF | INNER | st.lists(LEAF | INNER, max_size=3), max_size=5)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(OPERATIONS),
    st.sampled_from([200, 202, 400, 401, 404, 429, 500]) | st.integers(0, 1000),
    st.binary() | OBJECTS.map(lambda data: json.dumps(data).encode()),
    st.dictionaries(st.just("retry-after"), st.text()),
)
def test_any_answer_is_data_or_an_api_error(operation, status, body, headers):
    try:
        data = decipher(operation, status, headers, body)
    except ApiError as error:
        repr(error)
    else:
        assert 200 <= status < 300
        # What was read can be written to a page.
        repr(data).encode()


# Pages of users


def page(*numbers, **fields):
    return {"content": [{"userId": f"u-{number}"} for number in numbers], **fields}


def pages_asked(vendor):
    return sorted(json.loads(request.content)["page"] for request in vendor.asked)


class Pages(Answers):
    """A transport that knows its pages by number."""

    def __init__(self, pages):
        super().__init__(None)
        self.pages = pages

    def __call__(self, request):
        self.asked.append(request)
        return httpx.Response(200, json=self.pages(json.loads(request.content)["page"]))


async def read_users(pages):
    """The users that come of these pages, and the pages that were asked for."""
    vendor = Pages(pages)
    upstream = Upstream(transport=httpx.MockTransport(vendor))
    users = await ResidentApi(upstream, property_id=PROPERTY, token="t").fetch_unit_users()
    return users, pages_asked(vendor)


async def users_of(pages):
    """The ids that come of these pages, and the pages that were asked for."""
    users, asked = await read_users(pages)
    return [user.id for user in users], asked


async def test_one_page_is_one_call():
    for fields in (
        {"totalPages": 1},
        {"last": True},
        {"last": True, "totalPages": 1, "totalElements": 2},
        {"totalElements": 2},
        # Users who joined or left while the page was counted.
        {"last": True, "totalElements": 1},
        {},
    ):
        users, asked = await read_users(lambda number, fields=fields: page(1, 2, **fields))
        assert ([user.id for user in users], asked) == (["u-1", "u-2"], [0])
        assert users.complete


@pytest.mark.parametrize(
    "fields", [{"totalElements": 0}, {"last": True}, {"totalPages": 0, "last": True}]
)
async def test_no_users_are_no_error_where_the_vendor_says_so(fields):
    users, asked = await read_users(lambda number: page(**fields))
    assert (users, users.complete, asked) == ((), True, [0])


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"content": None, "last": True, "totalElements": 0},
        {"content": "none"},
        {"content": []},
        {"content": [], "totalPages": 5},
        {"content": [], "last": False},
        {"content": [], "last": True, "totalElements": 3},
        {"content": [None, {"userId": "../x"}], "last": True},
    ],
)
async def test_a_first_page_without_anybody_is_not_taken_for_a_home_without_users(body):
    api, vendor = made(body)

    error = await failure(api.fetch_unit_users())

    assert (type(error), error.reason) == (Unavailable, "body")
    assert len(vendor.asked) == 1


async def test_pages_smaller_than_what_was_asked_for_are_read_on():
    # Counted as if each held a hundred, and cut down to twenty.
    def pages(number):
        return page(
            *range(number * 20, min(number * 20 + 20, 45)),
            totalElements=45,
            totalPages=1,
            last=True,
        )

    users, asked = await read_users(pages)
    assert (len(users), users.complete, asked) == (45, True, [0, 1, 2])


@pytest.mark.parametrize(
    "fields",
    [
        {"totalElements": 9, "last": True},
        {"totalPages": 9, "last": True},
        {"totalPages": 1, "last": False},
    ],
)
async def test_numbers_that_contradict_each_other_are_looked_into(fields):
    # The same page once more tells nothing; one without anybody is the end.
    users, asked = await read_users(lambda number: page(1, 2, **fields))
    assert (len(users), users.complete, asked) == (2, False, [0, 1])
    users, asked = await read_users(lambda number: page(*(() if number else (1, 2)), **fields))
    assert (len(users), asked) == (2, [0, 1])
    assert users.complete is ("totalElements" not in fields)


async def test_a_user_that_makes_no_sense_is_missing_from_the_list():
    for odd in (None, 7, {}, {"userId": "../x"}):
        body = {"content": [{"userId": "u-1"}, odd], "last": True}
        users, _ = await read_users(lambda number, body=body: body)
        assert ([user.id for user in users], users.complete) == (["u-1"], False)


async def test_all_pages_are_followed_in_their_order():
    ids, asked = await users_of(lambda number: page(number, number + 1, totalPages=4))

    assert ids == ["u-0", "u-1", "u-2", "u-3", "u-4"]
    assert asked == [0, 1, 2, 3]


async def test_the_pages_after_the_first_are_asked_for_together():
    waiting = 0
    together = asyncio.Event()

    async def handler(request):
        nonlocal waiting
        number = json.loads(request.content)["page"]
        if number:
            waiting += 1
            if waiting == 3:
                together.set()
            await together.wait()
        return httpx.Response(200, json=page(number, totalPages=4))

    upstream = Upstream(transport=httpx.MockTransport(handler))
    users = await ResidentApi(upstream, property_id=PROPERTY, token="t").fetch_unit_users()

    assert len(users) == 4


async def test_twenty_pages_are_enough():
    for fields in ({"totalPages": 1_000_000}, {}):
        users, asked = await read_users(
            lambda n, fields=fields: page(*range(n * 100, n * 100 + 100), **fields)
        )
        assert (len(users), asked) == (2000, list(range(20)))
        assert not users.complete


async def test_two_thousand_users_are_all_of_two_thousand():
    users, asked = await read_users(
        lambda n: page(*range(n * 100, n * 100 + 100), totalPages=20, last=n == 19)
    )
    assert (len(users), users.complete, asked) == (2000, True, list(range(20)))


async def test_pages_of_unknown_number_are_followed_until_nothing_new_comes():
    same = lambda number: page(*range(20))  # noqa: E731
    ends = lambda number: page(*range(number * 20, number * 20 + 20) if number < 3 else ())  # noqa: E731
    says = lambda number: page(*range(number * 20, number * 20 + 20), last=number == 2)  # noqa: E731

    ids, asked = await users_of(same)
    assert (len(ids), asked) == (20, [0, 1])
    ids, asked = await users_of(ends)
    assert (len(ids), asked) == (60, [0, 1, 2, 3])
    ids, asked = await users_of(says)
    assert (len(ids), asked) == (60, [0, 1, 2])


async def test_all_pages_together_have_the_time_of_one_call():
    async def handler(request):
        await asyncio.sleep(0.2)
        number = json.loads(request.content)["page"]
        return httpx.Response(200, json=page(*range(number * 20, number * 20 + 20)))

    upstream = Upstream(transport=httpx.MockTransport(handler), deadline=0.5)
    api = ResidentApi(upstream, property_id=PROPERTY, token="t")

    assert (await failure(api.fetch_unit_users())).reason == "timeout"


async def test_a_page_that_fails_fails_the_whole():
    api, _ = made(page(1, totalPages=3), httpx.Response(500))

    assert (await failure(api.fetch_unit_users())).reason == "status 500"


# Retries


@pytest.fixture
def no_backoff(monkeypatch):
    """Retries without the wait between them; the seconds that each would have waited."""
    waits = []

    async def at_once(seconds):
        waits.append(seconds)

    monkeypatch.setattr(retry, "sleep", at_once)
    return waits


def read_of(operation):
    return CALLS[operation.id]


@pytest.mark.parametrize("operation", READS, ids=lambda operation: operation.id)
@pytest.mark.parametrize(
    "broken",
    [
        httpx.ConnectError("x"),
        httpx.ReadError("x"),
        httpx.Response(502),
        httpx.Response(503, headers={"Retry-After": "0"}),
        httpx.Response(504),
    ],
    ids=repr,
)
async def test_a_read_is_tried_again_until_it_works(operation, broken, no_backoff):
    api, vendor = made(broken, broken, FITS_ALL)

    await read_of(operation)(api)

    assert len(vendor.asked) == 3


async def test_a_read_is_tried_three_times_at_most(no_backoff):
    api, vendor = made(httpx.Response(502))

    assert (await failure(api.fetch_unit())).reason == "status 502"
    assert len(vendor.asked) == 3
    first, second = no_backoff
    assert 0.1 <= first <= 0.2 <= second <= 0.3


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ReadTimeout("x"),
        httpx.RemoteProtocolError("x"),
        httpx.Response(500),
        httpx.Response(403),
        httpx.Response(404),
        httpx.Response(400),
        httpx.Response(429),
        httpx.Response(429, headers={"Retry-After": "2"}),
        httpx.Response(503, headers={"Retry-After": "30"}),
        httpx.Response(200, content=b"<html>"),
    ],
    ids=repr,
)
async def test_a_read_that_would_fail_again_is_not_repeated(answer):
    api, vendor = made(answer)

    await failure(api.fetch_unit())

    assert len(vendor.asked) == 1


@pytest.mark.parametrize("operation", OTHERS, ids=lambda operation: operation.id)
@pytest.mark.parametrize(
    "broken",
    [
        httpx.ConnectError("x"),
        httpx.ReadError("x"),
        httpx.Response(503),
        httpx.Response(429, headers={"Retry-After": "0"}),
    ],
    ids=repr,
)
async def test_a_write_or_a_sign_in_is_never_repeated(operation, broken):
    api, vendor = made(broken)

    await failure(CALLS[operation.id](api))

    assert len(vendor.asked) == 1


async def test_no_retry_reaches_past_the_deadline():
    loop = asyncio.get_running_loop()
    api, vendor = made(httpx.Response(502), deadline=loop.time() + 0.09)

    assert (await failure(api.fetch_unit())).reason == "status 502"
    assert len(vendor.asked) == 1


async def test_each_retry_costs_a_call_of_the_bucket(no_backoff):
    api, vendor = made(httpx.Response(502))
    api._http.bucket = Bucket("property", Quota(0.1, burst=2))

    assert isinstance(await failure(api.fetch_unit()), TooBusy)
    assert len(vendor.asked) == 2


# Too busy


async def test_a_short_wait_is_waited_once():
    busy = httpx.Response(429, headers={"Retry-After": "0"})
    api, vendor = made(busy, FITS_ALL)
    await api.fetch_unit()
    assert len(vendor.asked) == 2

    api, vendor = made(busy)
    assert isinstance(await failure(api.fetch_unit()), TooBusy)
    assert len(vendor.asked) == 2


async def test_a_second_of_wait_is_slept_through_and_no_less():
    api, vendor = made(httpx.Response(429, headers={"Retry-After": "1"}), FITS_ALL)
    started = time.monotonic()
    await api.fetch_unit()

    assert time.monotonic() - started >= 1
    assert len(vendor.asked) == 2


async def test_after_a_429_the_property_is_left_alone():
    api, vendor = made(httpx.Response(429, headers={"Retry-After": "30"}))
    neighbour = ResidentApi(api._http, property_id="another", token="t")
    error = await failure(api.fetch_unit())
    assert (error.status, error.retry_after) == (429, 30)

    again = await failure(api.update_unit("2338", Contact()))
    assert again.status is None
    assert 20 < again.retry_after <= 30
    assert len(vendor.asked) == 1

    await failure(neighbour.fetch_unit())
    assert len(vendor.asked) == 2


async def test_a_429_that_names_no_time_asks_for_a_second():
    api, vendor = made(httpx.Response(429))
    assert (await failure(api.fetch_unit())).retry_after is None

    assert 0 < (await failure(api.fetch_unit())).retry_after <= 1
    assert len(vendor.asked) == 1


async def test_what_strangers_are_told_does_not_shut_out_the_residents():
    busy = httpx.Response(429, headers={"Retry-After": "30"})
    stranger, vendor = made(busy, FITS_ALL, busy, token=None)
    resident = ResidentApi(stranger._http, property_id=PROPERTY, token="t")
    await failure(stranger.log_in("s"))
    assert isinstance(await failure(stranger.fetch_access()), TooBusy)
    await resident.fetch_unit()
    assert len(vendor.asked) == 2

    # The other way round they are.
    stranger._http.strangers_cooldown._until.clear()
    await failure(resident.fetch_unit())
    assert isinstance(await failure(stranger.fetch_access()), TooBusy)
    assert len(vendor.asked) == 3


async def test_strangers_have_a_small_share_and_leave_the_residents_theirs():
    api, vendor = made(FITS_ALL, token=None)
    api._http.strangers = Bucket("strangers", Quota(0.1, burst=3))
    resident = ResidentApi(api._http, property_id=PROPERTY, token="t")
    for _ in range(3):
        await api.fetch_access()

    assert isinstance(await failure(api.log_in("s")), TooBusy)
    await resident.fetch_unit()
    assert len(vendor.asked) == 4


async def test_what_strangers_take_counts_for_the_property():
    api, vendor = made(FITS_ALL, token=None)
    api._http.bucket = Bucket("property", Quota(0.1, burst=1))
    await api.fetch_access()

    assert isinstance(await failure(api.fetch_access()), TooBusy)
    assert len(vendor.asked) == 1


# The breaker


async def test_while_the_vendor_is_down_nothing_is_sent(no_backoff):
    api, vendor = made(httpx.Response(503, headers={"Retry-After": "9"}))
    neighbour = ResidentApi(api._http, property_id="another", token="t")
    for _ in range(20):
        await failure(api.fetch_unit())

    errors = [await failure(neighbour.fetch_unit()), await failure(api.update_unit("1", Contact()))]

    assert [error.reason for error in errors] == ["breaker", "breaker"]
    assert errors[1].maybe_written is False
    assert len(vendor.asked) == 20


# Writes


class Slow(httpx.AsyncBaseTransport):
    """A vendor that has a write in hand until it is let go."""

    def __init__(self, answer):
        self.answer = answer
        self.began = asyncio.Event()
        self.release = asyncio.Event()
        self.ended = []

    async def handle_async_request(self, request):
        self.began.set()
        await self.release.wait()
        self.ended.append(request.method)
        return self.answer


@pytest.mark.parametrize("operation", WRITES)
@pytest.mark.parametrize("status", [200, 500])
async def test_a_write_runs_to_its_end_when_the_resident_hangs_up(operation, status):
    slow = Slow(httpx.Response(status))
    upstream = Upstream(transport=slow)
    api = ResidentApi(upstream, property_id=PROPERTY, token="t")
    view = asyncio.create_task(CALLS[operation](api))
    await slow.began.wait()
    view.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await view
    assert slow.ended == []

    slow.release.set()
    await upstream.drain()

    assert len(slow.ended) == 1


async def test_a_read_ends_with_the_resident():
    slow = Slow(httpx.Response(200))
    api = ResidentApi(Upstream(transport=slow), property_id=PROPERTY, token="t")
    view = asyncio.create_task(api.fetch_unit())
    await slow.began.wait()
    view.cancel()
    with pytest.raises(asyncio.CancelledError):
        await view
    slow.release.set()
    await asyncio.sleep(0)

    assert slow.ended == []


async def test_a_write_is_bounded_by_the_deadline_all_the_same():
    slow = Slow(httpx.Response(200))
    upstream = Upstream(transport=slow, deadline=0.1)
    api = ResidentApi(upstream, property_id=PROPERTY, token="t")

    error = await failure(api.update_unit("2338", Contact()))

    assert (error.reason, error.maybe_written) == ("timeout", True)
    await upstream.drain()


@pytest.mark.parametrize("operation", OTHERS, ids=lambda operation: operation.id)
async def test_over_a_socket_a_write_whose_answer_is_lost_goes_out_once(operation):
    async with vendor(hangs_up_after()) as it:
        upstream = Upstream(it.url)
        api = ResidentApi(upstream, property_id=PROPERTY, token="t")
        error = await failure(CALLS[operation.id](api))
        await upstream.aclose()

    assert (error.reason, error.maybe_written) == ("reset", True)
    assert len(it.seen) == 1


async def test_over_a_socket_a_read_whose_answer_is_lost_is_asked_again():
    lost = hangs_up_after()
    whole = says(reply(body={"number": "2338"}))

    async def script(seen, writer):
        await (lost if len(it.seen) < 3 else whole)(seen, writer)

    async with vendor(script) as it:
        upstream = Upstream(it.url)
        unit = await ResidentApi(upstream, property_id=PROPERTY, token="t").fetch_unit()
        await upstream.aclose()

    assert unit.number == "2338"
    assert len(it.seen) == 3


# The log


async def test_a_failed_call_is_one_line_that_gives_nothing_away(caplog):
    caplog.set_level(logging.DEBUG)
    body = {
        "requestId": "r-1",
        "message": "hunter2 is too short for Ann",
        "errors": [{"code": "RES-7", "message": "hunter2"}],
    }
    api, _ = made(httpx.Response(422, json=body), token="t0p-s3cret")
    user = UnitUser(id=USER, name="Ann", passphrase="hunter2")

    error = await failure(api.update_unit_user(user))

    assert "hunter2" in " ".join(error.errors)
    [record] = caplog.records
    assert (record.name, record.levelname) == ("ruckus", "INFO")
    assert record.getMessage() == "RUCKUS One: updateUnitUser failed: status 422"
    assert (record.operation, record.status, record.reason) == ("updateUnitUser", 422, "status 422")
    assert (record.vendor_request_id, record.vendor_codes) == ("r-1", "RES-7")
    assert record.ms >= 0
    everything = repr(vars(record))
    for secret in ("hunter2", "Ann", USER, PROPERTY, "t0p-s3cret"):
        assert secret not in everything


async def test_an_outage_is_a_warning_for_each_call(caplog):
    api, _ = made(httpx.ConnectError("no route to 10.0.0.1"))
    await failure(api.fetch_unit())

    assert [record.levelname for record in caplog.records] == ["WARNING"] * 3
    assert {record.reason for record in caplog.records} == {"refused"}
    assert "10.0.0.1" not in caplog.text


async def test_what_works_is_not_logged(caplog):
    caplog.set_level(logging.INFO)
    api, _ = made(FITS_ALL)
    await api.fetch_unit()

    assert caplog.records == []


def test_no_repr_holds_a_token():
    api, _ = made(FITS_ALL, token="t0p-s3cret")

    assert "t0p-s3cret" not in repr(api)


async def test_no_more_users_are_read_than_a_home_can_have():
    """Each page may hold as many as all of them together should."""
    page = [0]

    def answer(request):
        page[0] += 1
        users = [{"userId": f"{page[0]}-{n}"} for n in range(1_500)]
        return httpx.Response(200, json={"content": users, "totalPages": 3, "last": False})

    upstream = Upstream(transport=httpx.MockTransport(answer))
    api = ResidentApi(upstream, property_id=PROPERTY, token="t")
    assert len(await api.fetch_unit_users()) == 2_000
