"""The API for staff over a wire that answers as a test wants."""

import asyncio
import logging
from urllib.parse import parse_qs

import httpx
import pytest

from ruckus import management, retry
from ruckus.account import Account, Credentials
from ruckus.budget import Bucket, Cooldown, Quota
from ruckus.errors import (
    ApiError,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Rejected,
    TooBusy,
    Unavailable,
)
from ruckus.management import HAL, VERSIONED, ManagementApi
from ruckus.management_types import Change, ManagedUnit
from ruckus.operations import Operation
from ruckus.pace import Pace

from .accounts import CREDENTIALS, UNIT, VENUE, Clock, Wire, made, upstream

OPERATIONS = {
    value.id: value for value in vars(management).values() if isinstance(value, Operation)
}
# Each method with what it needs, beside the operation that it calls.
CALLS = {
    "queryPropertyConfigs": lambda api: api.query_properties(),
    "getProperty": lambda api: api.fetch_property(VENUE),
    "queryUnits": lambda api: api.query_units(VENUE),
    "fetchUnit": lambda api: api.fetch_unit(VENUE, UNIT),
    "editUnit": lambda api: api.update_unit_status(VENUE, UNIT, "DISABLED"),
    "resendNotifications": lambda api: api.resend_notifications(VENUE, [UNIT]),
    "getActivity": lambda api: api.fetch_activity("request-1"),
}
READS = ["queryPropertyConfigs", "getProperty", "queryUnits", "fetchUnit"]
WRITES = ["editUnit", "resendNotifications"]
QUERY = {"page": 1, "pageSize": 100, "sortOrder": "ASC"}
EXPECTED = {
    "queryPropertyConfigs": (
        "POST",
        "/venues/propertyConfigs/query",
        QUERY | {"sortField": "venueName"},
    ),
    "getProperty": ("GET", f"/venues/{VENUE}/propertyConfigs", None),
    "queryUnits": ("POST", f"/venues/{VENUE}/units/query", QUERY | {"sortField": "name"}),
    "fetchUnit": ("GET", f"/venues/{VENUE}/units/{UNIT}", None),
    "editUnit": ("PATCH", f"/venues/{VENUE}/units/{UNIT}", {"status": "DISABLED"}),
    "resendNotifications": ("POST", f"/venues/{VENUE}/units/notifications", [UNIT]),
    "getActivity": ("GET", "/activities/request-1", None),
}


@pytest.fixture
def no_backoff(monkeypatch):
    """Retries without their pauses."""

    async def again(attempt, failure, deadline, now):
        for _ in range(2):
            if retry.seconds_before(failure) is None:
                break
            try:
                return await attempt()
            except ApiError as error:
                failure = error
        raise failure

    monkeypatch.setattr(retry, "again", again)


async def failure(call):
    with pytest.raises(ApiError) as caught:
        await call
    return caught.value


def page(*ids, **more):
    return {"content": [{"id": each, "name": each} for each in ids]} | more


# What goes out


def test_every_operation_of_the_client_is_called_below():
    assert OPERATIONS.keys() - {"createToken"} == CALLS.keys() == EXPECTED.keys()


@pytest.mark.parametrize("operation", CALLS)
async def test_each_operation_is_called_as_the_vendor_wants_it(operation):
    api, wire = made({})

    await CALLS[operation](api)

    [request] = wire.requests
    method, path, body = EXPECTED[operation]
    assert (request.method, str(request.url)) == (method, f"https://api.example{path}")
    assert (wire.bodies[0] if request.content else None) == body
    assert request.headers["Authorization"] == "Bearer tok3n-1"
    assert request.headers["Accept-Encoding"] == "gzip"
    assert "x-rks-tenantid" not in request.headers
    assert request.headers.get("Content-Type") == ("application/json" if body else None)
    accepted = request.headers["Accept"]
    # Plain JSON is not on offer where units and properties are read.
    assert accepted == (HAL if operation in READS else f"application/json, {VERSIONED}")


async def test_a_token_is_asked_for_with_a_form():
    api, wire = made({})
    await api.fetch_unit(VENUE, UNIT)

    [request] = wire.token_requests
    assert (request.method, request.url.path) == ("POST", "/oauth2/token/tenant-1")
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert "Authorization" not in request.headers
    assert parse_qs(request.content.decode()) == {
        "grant_type": ["client_credentials"],
        "client_id": ["the-client"],
        "client_secret": ["the-s3cret"],
    }


async def test_what_credentials_are_made_of_arrives_as_it_is():
    credentials = Credentials("tenant-1", "a&b=c d", "+/% \u00e9\ud800")
    api, wire = made({}, credentials=credentials)
    await api.fetch_unit(VENUE, UNIT)

    form = parse_qs(wire.token_requests[0].content.decode())
    assert form["client_id"] == ["a&b=c d"]
    # Half a surrogate pair cannot be sent; what takes its place is refused by the vendor.
    assert form["client_secret"] == ["+/% \u00e9?"]


async def test_whoever_acts_for_a_customer_says_so():
    api, wire = made({}, credentials=Credentials("tenant-1", "c", "s", "customer-1"))
    for call in CALLS.values():
        await call(api)

    assert {request.headers["x-rks-tenantid"] for request in wire.requests} == {"customer-1"}
    assert len(wire.requests) == len(CALLS)
    assert "x-rks-tenantid" not in wire.token_requests[0].headers


@pytest.mark.parametrize("bad", ["", "..", "a/b", "a?b", "x" * 65])
async def test_an_id_that_is_none_is_not_found_and_nothing_is_sent(bad):
    api, wire = made({})
    elsewhere, other_wire = made({}, credentials=Credentials(bad, "c", "s"))

    errors = [
        await failure(api.fetch_property(bad)),
        await failure(api.query_units(bad)),
        await failure(api.fetch_unit(VENUE, bad)),
        await failure(api.update_unit_status(bad, UNIT, "ENABLED")),
        await failure(api.resend_notifications(bad, [])),
        await failure(api.fetch_activity(bad)),
        await failure(elsewhere.fetch_unit(VENUE, UNIT)),
    ]

    assert all(isinstance(error, NotFound) and error.status is None for error in errors)
    assert wire.requests == wire.token_requests == other_wire.token_requests == []


async def test_a_customer_that_cannot_be_one_is_not_found():
    api, wire = made({}, credentials=Credentials("tenant-1", "c", "s", "a\r\nb: c"))

    assert isinstance(await failure(api.fetch_unit(VENUE, UNIT)), NotFound)
    assert wire.requests == []


async def test_some_units_can_be_asked_for_by_name():
    api, wire = made(page("u-1"))
    await api.query_units(VENUE, 2, page_size=50, names=("1", "2"))

    assert wire.bodies == [
        {
            "page": 2,
            "pageSize": 50,
            "sortOrder": "ASC",
            "sortField": "name",
            "filters": {"name": ["1", "2"]},
        }
    ]


async def test_more_than_a_hundred_messages_are_not_asked_for():
    api, wire = made({})
    await api.resend_notifications(VENUE, ["u"] * 100)

    assert isinstance(await failure(api.resend_notifications(VENUE, ["u"] * 101)), Rejected)
    assert len(wire.requests) == 1


# What comes back


async def test_what_does_not_say_its_id_has_the_one_asked_for():
    api, _ = made({"name": "12B"})

    assert await api.fetch_unit(VENUE, UNIT) == ManagedUnit(id=UNIT, name="12B")
    assert (await api.fetch_property(VENUE)).venue_id == VENUE


async def test_what_does_say_its_id_keeps_it():
    api, _ = made({"id": "u-9", "venueId": "v-9"})

    assert (await api.fetch_unit(VENUE, UNIT)).id == "u-9"
    assert (await api.fetch_property(VENUE)).venue_id == "v-9"


@pytest.mark.parametrize("body", [b"", b"null", b"<html>", b'{"requestId": "r-1"}'])
@pytest.mark.parametrize("status", [200, 202, 204])
@pytest.mark.parametrize("operation", WRITES)
async def test_a_write_is_a_success_whatever_its_body(operation, status, body):
    api, _ = made(httpx.Response(status, content=body))

    request_id = "r-1" if b"r-1" in body else None
    assert await CALLS[operation](api) == Change(status == 202, request_id)


@pytest.mark.parametrize("operation", WRITES)
async def test_a_write_is_never_repeated(operation):
    for answer in (httpx.ReadError("reset"), httpx.Response(503), httpx.Response(406)):
        api, wire = made(answer)
        assert isinstance(await failure(CALLS[operation](api)), Unavailable)
        assert len(wire.requests) == 1


@pytest.mark.parametrize("operation", READS)
async def test_a_read_is_tried_again(operation, no_backoff):
    api, wire = made(httpx.ReadError("reset"), httpx.Response(503), {})
    await CALLS[operation](api)

    assert len(wire.requests) == 3


@pytest.mark.parametrize(
    ("status", "kind"), [(403, NotAllowed), (404, NotFound), (400, Unavailable), (500, Unavailable)]
)
async def test_a_refused_read_is_what_the_tree_says(status, kind):
    api, _ = made(httpx.Response(status, json={}))
    error = await failure(api.fetch_unit(VENUE, UNIT))

    assert (type(error), error.status, error.operation) == (kind, status, "fetchUnit")


async def test_a_refused_write_carries_the_reasons():
    body = {"message": "Bad Request", "errors": [{"code": "X-1", "message": "No such status"}]}
    api, _ = made(httpx.Response(400, json=body))
    error = await failure(CALLS["editUnit"](api))

    assert isinstance(error, Rejected)
    assert "No such status" in error.errors


async def test_a_page_for_people_instead_of_data_is_unavailable():
    api, _ = made(httpx.Response(200, html="<h1>Sign in</h1>"))
    error = await failure(api.fetch_unit(VENUE, UNIT))

    assert (type(error), error.reason) == (Unavailable, "body")


# The media type


async def test_a_read_that_is_not_acceptable_is_asked_for_in_the_vendors_own_type():
    def answer(request):
        return httpx.Response(200 if request.headers["Accept"] == VERSIONED else 406, json={})

    api, wire = made(answer)
    await api.fetch_unit(VENUE, UNIT)
    await api.fetch_property(VENUE)

    # What is acceptable is remembered.
    assert [request.headers["Accept"] for request in wire.requests] == [HAL, VERSIONED, VERSIONED]


async def test_where_nothing_is_acceptable_nothing_is_remembered():
    api, wire = made(httpx.Response(406), httpx.Response(406), {})
    error = await failure(api.fetch_unit(VENUE, UNIT))
    await api.fetch_unit(VENUE, UNIT)

    assert error.status == 406
    assert [request.headers["Accept"] for request in wire.requests] == [HAL, VERSIONED, HAL]


# The access token


async def test_a_token_serves_many_calls():
    api, wire = made({})
    for _ in range(3):
        await api.fetch_unit(VENUE, UNIT)

    assert wire.tokens == 1


async def test_a_token_is_renewed_before_it_ends():
    clock = Clock()
    api, wire = made({}, clock=clock)
    await api.fetch_unit(VENUE, UNIT)
    clock.now += 3299
    await api.fetch_unit(VENUE, UNIT)
    assert wire.tokens == 1
    clock.now += 1
    await api.fetch_unit(VENUE, UNIT)

    assert wire.tokens == 2
    assert wire.requests[-1].headers["Authorization"] == "Bearer tok3n-2"


async def test_a_token_that_lasts_a_minute_is_used_for_most_of_it():
    clock = Clock()
    api, wire = made({}, clock=clock, life=60)
    await api.fetch_unit(VENUE, UNIT)
    clock.now += 53
    await api.fetch_unit(VENUE, UNIT)
    assert wire.tokens == 1
    clock.now += 1
    await api.fetch_unit(VENUE, UNIT)

    assert wire.tokens == 2


async def test_a_token_that_does_not_say_lasts_an_hour():
    clock = Clock()
    api, wire = made({}, clock=clock, life=None)
    await api.fetch_unit(VENUE, UNIT)
    clock.now += 3299
    await api.fetch_unit(VENUE, UNIT)
    assert wire.tokens == 1
    clock.now += 1
    await api.fetch_unit(VENUE, UNIT)

    assert wire.tokens == 2


def takes_only(token):
    def answer(request):
        taken = request.headers["Authorization"] == f"Bearer {token}"
        return httpx.Response(200 if taken else 401, json={})

    return answer


@pytest.mark.parametrize("operation", CALLS)
async def test_a_refused_token_is_renewed_once_and_the_call_made_again(operation):
    api, wire = made(takes_only("tok3n-2"))
    await CALLS[operation](api)

    assert [request.headers["Authorization"] for request in wire.requests] == [
        "Bearer tok3n-1",
        "Bearer tok3n-2",
    ]


async def test_a_call_that_is_refused_twice_is_refused():
    api, wire = made(takes_only("none"))
    error = await failure(api.fetch_unit(VENUE, UNIT))

    assert (type(error), error.operation) == (NotSignedIn, "fetchUnit")
    assert (len(wire.requests), wire.tokens) == (2, 2)


async def test_many_calls_at_once_get_one_token():
    api, wire = made({})
    await asyncio.gather(*(api.fetch_unit(VENUE, UNIT) for _ in range(20)))

    assert (len(wire.requests), wire.tokens) == (20, 1)


async def test_many_calls_whose_token_is_refused_renew_it_once():
    api, wire = made(takes_only("tok3n-2"))
    await asyncio.gather(*(api.fetch_unit(VENUE, UNIT) for _ in range(20)))

    assert (len(wire.requests), wire.tokens) == (40, 2)


async def test_whoever_leaves_does_not_end_the_renewal_for_the_others():
    gate = asyncio.Event()

    class Slow(Wire):
        async def __call__(self, request):
            if request.url.path.startswith("/oauth2/"):
                await gate.wait()
            return await super().__call__(request)

    wire = Slow({})
    api = ManagementApi(upstream(wire), Account(CREDENTIALS))
    first = asyncio.create_task(api.fetch_unit(VENUE, UNIT))
    await asyncio.sleep(0)
    second = asyncio.create_task(api.fetch_unit(VENUE, UNIT))
    for _ in range(50):
        await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    gate.set()
    await second

    assert (wire.tokens, len(wire.requests)) == (1, 1)
    assert first.cancelled()


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(401, json={}), NotSignedIn),
        (httpx.Response(400, json={}), Rejected),
        (httpx.Response(404, html="<h1>Nothing</h1>"), NotFound),
        (httpx.Response(200, html="<h1>Sign in</h1>"), Unavailable),
        (httpx.Response(200, json={"token": "x"}), Unavailable),
        (httpx.Response(302), Unavailable),
        (httpx.Response(429), TooBusy),
    ],
)
async def test_without_a_token_nothing_else_is_asked_and_the_error_says_so(answer, kind):
    api, wire = made({})
    wire.token_answers = [answer]
    error = await failure(CALLS["editUnit"](api))

    assert (type(error), error.operation) == (kind, "createToken")
    assert wire.requests == []


async def test_after_a_failed_renewal_the_next_call_tries_again():
    api, wire = made({})
    wire.token_answers = [httpx.Response(401)]
    await failure(api.fetch_unit(VENUE, UNIT))
    await api.fetch_unit(VENUE, UNIT)

    assert wire.tokens == 1


async def test_a_renewal_that_is_cut_short_is_not_kept():
    account = Account(CREDENTIALS)
    blocked = asyncio.get_running_loop().create_future()

    async def never():
        return await blocked

    def start():
        task = asyncio.create_task(never())
        asyncio.get_running_loop().call_soon(task.cancel)
        return task

    with pytest.raises(asyncio.CancelledError):
        await account.token(start)
    with pytest.raises(asyncio.CancelledError):
        await account.token(start)


# Where the token is


def two_hosts(first, second):
    """An API whose token may be had at either of two hosts, which answer a request for it so."""
    api_wire, token_wire = Wire({}), Wire({})
    api_wire.token_answers, token_wire.token_answers = first, second
    clock = Clock()
    account = Account(CREDENTIALS, clock=clock)
    api = ManagementApi(upstream(api_wire), account, token_http=upstream(token_wire))
    return api, api_wire, token_wire, clock


@pytest.mark.parametrize(
    "elsewhere", [httpx.Response(404), httpx.Response(200, html="<p>"), httpx.Response(302)]
)
async def test_a_token_that_is_not_to_be_had_at_one_host_is_asked_for_at_the_other(elsewhere):
    api, api_wire, token_wire, clock = two_hosts([elsewhere], [])
    await api.fetch_unit(VENUE, UNIT)
    clock.now += 3600
    await api.fetch_unit(VENUE, UNIT)

    # The second time it is asked for there at once.
    assert (len(api_wire.token_requests), len(token_wire.token_requests)) == (1, 2)


async def test_a_host_that_has_the_token_no_more_is_left():
    api, api_wire, token_wire, clock = two_hosts([httpx.Response(404)], [])
    await api.fetch_unit(VENUE, UNIT)
    token_wire.token_answers = [httpx.Response(404)]
    clock.now += 3600
    await api.fetch_unit(VENUE, UNIT)

    assert (len(api_wire.token_requests), len(token_wire.token_requests)) == (2, 2)


@pytest.mark.parametrize("answer", [httpx.Response(401), httpx.Response(400), httpx.Response(502)])
async def test_a_host_that_refuses_or_is_down_is_no_reason_to_ask_elsewhere(answer):
    api, _, token_wire, _ = two_hosts([answer, answer, answer], [])
    await failure(CALLS["editUnit"](api))

    assert token_wire.token_requests == []


async def test_where_no_host_has_the_token_the_error_is_the_last_ones():
    api, *_ = two_hosts([httpx.Response(404)], [httpx.Response(401)])

    assert isinstance(await failure(api.fetch_unit(VENUE, UNIT)), NotSignedIn)


# Pages


async def listing(*pages):
    api, wire = made(*pages)
    found = await api.fetch_units(VENUE)
    return found, [body["page"] for body in wire.bodies]


def ids(found):
    return [unit.id for unit in found]


async def test_one_page_is_one_call():
    found, asked = await listing(page("a", "b", number=0, last=True, totalElements=2))

    assert (ids(found), found.complete, asked) == (["a", "b"], True, [1])


async def test_no_units_are_no_error():
    found, asked = await listing(page(number=0, last=True, totalElements=0))

    assert (found, found.complete, asked) == ((), True, [1])


async def test_all_pages_are_followed_in_their_order():
    found, asked = await listing(
        page("a", number=0, last=False),
        page("b", number=1, last=False),
        page("c", number=2, last=True),
    )

    assert (ids(found), found.complete, asked) == (["a", "b", "c"], True, [1, 2, 3])


async def test_a_vendor_that_counts_from_0_is_asked_for_its_first_page_too():
    found, asked = await listing(
        page("b", number=1, last=False, totalElements=3),
        page("c", number=2, last=True, totalElements=3),
        page("a", number=0, last=False, totalElements=3),
    )

    assert (ids(found), found.complete, asked) == (["a", "b", "c"], True, [1, 2, 0])


async def test_a_single_page_is_found_where_the_vendor_counts_from_0():
    found, asked = await listing(
        page(number=1, last=True, totalElements=1), page("a", number=0, last=True, totalElements=1)
    )

    assert (ids(found), found.complete, asked) == (["a"], True, [1, 0])


async def test_a_vendor_that_numbers_its_first_page_1_has_none_before_it():
    found, asked = await listing(page("a", number=1, last=True), httpx.Response(400, json={}))

    assert (ids(found), found.complete, asked) == (["a"], True, [1, 0])


async def test_a_page_that_comes_twice_counts_once():
    found, asked = await listing(
        page("a", number=1, last=True, totalElements=1),
        page("a", number=0, last=True, totalElements=1),
    )

    assert (ids(found), found.complete, asked) == (["a"], True, [1, 0])


async def test_a_vendor_that_does_not_number_pages_is_believed_if_the_total_is_right():
    found, asked = await listing(page("a", last=True, totalElements=1))
    assert (ids(found), found.complete, asked) == (["a"], True, [1])

    found, asked = await listing(
        page(last=True, totalElements=1), page("a", last=True, totalElements=1)
    )
    assert (ids(found), found.complete, asked) == (["a"], True, [1, 0])


async def test_pages_without_an_end_are_followed_until_nothing_new_comes():
    found, asked = await listing(page("a", number=0), page("b"), page("b"))
    assert (ids(found), found.complete, asked) == (["a", "b"], True, [1, 2, 3])

    found, asked = await listing(page("a", number=0), page("b"), page())
    assert (ids(found), found.complete, asked) == (["a", "b"], True, [1, 2, 3])


async def test_a_list_that_is_shorter_than_the_vendor_says_is_not_complete():
    found, _ = await listing(page("a", number=0, last=True, totalElements=2))

    assert (ids(found), found.complete) == (["a"], False)


async def test_a_list_with_something_unreadable_is_not_complete():
    found, _ = await listing({"content": [{"id": "a"}, {"id": "/"}], "number": 0, "last": True})

    assert (ids(found), found.complete) == (["a"], False)


async def test_two_hundred_pages_are_enough(monkeypatch):
    monkeypatch.setattr(management, "MAX_PAGES", 5)
    numbers = iter(range(1000))
    found, asked = await listing(
        lambda request: httpx.Response(200, json=page(f"u-{next(numbers)}", number=0))
    )

    assert (len(found), found.complete, len(asked)) == (5, False, 5)


@pytest.mark.parametrize("status", [403, 500])
async def test_a_first_page_that_fails_fails_the_whole(status):
    api, _ = made(page("b", number=1, last=True), httpx.Response(status))

    assert (await failure(api.fetch_units(VENUE))).status == status


async def test_properties_are_read_page_by_page_too():
    api, wire = made(
        {"content": [{"venueId": "v-1"}], "number": 0, "last": False},
        {"content": [{"venueId": "v-2"}], "number": 1, "last": True},
    )
    found = await api.fetch_properties()

    assert [each.venue_id for each in found] == ["v-1", "v-2"]
    assert [body["page"] for body in wire.bodies] == [1, 2]


# Limits, and who goes first


async def test_the_limit_is_the_tenants_whatever_the_venue():
    api, wire = made({})
    api._http.tenants = Bucket("tenants", Quota(1 / 3600, burst=3))
    await api.fetch_unit(VENUE, UNIT)
    await api.fetch_unit("another", UNIT)
    error = await failure(api.fetch_unit(VENUE, UNIT))

    # The third call was the one for the token.
    assert (type(error), error.status, len(wire.requests)) == (TooBusy, None, 2)


async def test_after_a_429_the_tenant_is_left_alone_and_other_tenants_are_not():
    wire = Wire(httpx.Response(429, headers={"Retry-After": "100"}), {})
    http = upstream(wire)
    api = ManagementApi(http, Account(CREDENTIALS))
    neighbour = ManagementApi(http, Account(Credentials("tenant-2", "c", "s")))
    await failure(api.fetch_unit(VENUE, UNIT))
    error = await failure(api.fetch_unit(VENUE, UNIT))
    await neighbour.fetch_unit(VENUE, UNIT)

    assert (type(error), error.status, len(wire.requests)) == (TooBusy, None, 2)
    assert 99 < error.retry_after <= 100


def bulk_and_person(wire, sleep=asyncio.sleep):
    """One account's API twice: for a bulk job with all turns it wants, and for a person."""
    http = upstream(wire)
    http.bulk = Bucket("bulk", Quota(1_000_000, burst=1_000_000))
    account = Account(CREDENTIALS, pace=Pace(sleep), clock=Clock())
    return ManagementApi(http, account, bulk=True), ManagementApi(http, account)


async def test_a_bulk_read_waits_while_a_person_is_served():
    gate, order = asyncio.Event(), []

    class Slow(Wire):
        async def __call__(self, request):
            order.append(request.url.path.rsplit("/", 1)[-1])
            if request.url.path.endswith("person"):
                await gate.wait()
            return await super().__call__(request)

    bulk, person = bulk_and_person(Slow({}))
    await person.fetch_unit(VENUE, "before")
    served = asyncio.create_task(person.fetch_unit(VENUE, "person"))
    await asyncio.sleep(0)
    waiting = [asyncio.create_task(bulk.fetch_unit(VENUE, f"home-{n}")) for n in range(3)]
    for _ in range(200):
        await asyncio.sleep(0)
    assert order == ["tenant-1", "before", "person"]
    # People do not wait for each other, nor for those who wait for them.
    await person.fetch_unit(VENUE, "another")
    gate.set()
    await asyncio.gather(served, *waiting)

    assert order == ["tenant-1", "before", "person", "another", "home-0", "home-1", "home-2"]


async def test_each_bulk_read_takes_a_turn_and_a_person_takes_none():
    bulk, person = bulk_and_person(Wire({}))
    bulk._http.bulk = Bucket("bulk", Quota(1 / 3600, burst=2))
    await bulk.fetch_unit(VENUE, UNIT)
    await bulk.fetch_unit(VENUE, UNIT)
    for call in CALLS.values():
        await call(person)
    # Nobody waits for what a write of a job has to say, nor does it wait for anybody.
    await bulk.update_unit_status(VENUE, UNIT, "ENABLED")

    with pytest.raises(TooBusy):
        await bulk._http.bulk.take("anOperation", "tenant tenant-1", 0.0)


async def test_a_retry_of_a_bulk_read_takes_a_turn_as_well(no_backoff):
    bulk, _ = bulk_and_person(Wire(httpx.ReadError("reset"), {}))
    bulk._http.bulk = Bucket("bulk", Quota(1 / 3600, burst=2))
    await bulk.fetch_unit(VENUE, UNIT)

    with pytest.raises(TooBusy):
        await bulk._http.bulk.take("anOperation", "tenant tenant-1", 0.0)


async def test_a_bulk_read_waits_as_long_as_a_busy_vendor_asks():
    slept = []
    wire = Wire(httpx.Response(429, headers={"Retry-After": "30"}), {})

    async def sleep(seconds):
        slept.append(seconds)
        # The pause that was asked for is over.
        bulk._http.cooldown = Cooldown()

    bulk, _ = bulk_and_person(wire, sleep)
    await bulk.fetch_unit(VENUE, UNIT)

    assert slept == [30.0]
    assert len(wire.requests) == 2


async def test_a_job_may_set_itself_an_end():
    wire = Wire({})
    bulk, _ = bulk_and_person(wire)
    now = asyncio.get_running_loop().time()
    over = ManagementApi(bulk._http, bulk._account, bulk=True, deadline=now - 1)

    error = await failure(over.fetch_unit(VENUE, UNIT))
    assert (error.reason, wire.requests) == ("deadline", [])


# Secrets


async def test_nothing_secret_is_logged_or_shown(caplog):
    caplog.set_level(logging.DEBUG)
    secrets = ["the-client", "the-s3cret", "tok3n", "l1nk", "hunter22", "Ann"]
    unit = {
        "id": UNIT,
        "dpsks": [{"type": "UNIT", "passphrase": "hunter22"}],
        "resident": {"name": "Ann"},
        "_links": {"residentPortal": {"href": "https://r.example/?auth=l1nk"}},
    }
    refusal = httpx.Response(400, json={"message": "hunter22", "errors": [{"message": "l1nk"}]})
    clock = Clock()
    answers = [unit, refusal, httpx.Response(500, json=unit), httpx.ReadError("l1nk")]
    api, wire = made(*answers, clock=clock)
    read = await api.fetch_unit(VENUE, UNIT)
    errors = [await failure(CALLS["editUnit"](api)) for _ in range(3)]
    wire.token_answers = [httpx.Response(401, json={"message": "the-s3cret"})]
    clock.now += 3600
    errors.append(await failure(CALLS["editUnit"](api)))

    shown = repr([read, api, api._account, api._account._token, CREDENTIALS, errors, *errors])
    shown += "".join(str(error) + str(error.__cause__) for error in errors)
    logged = "".join(str(vars(record)) for record in caplog.records if record.name == "ruckus")
    assert len([record for record in caplog.records if record.name == "ruckus"]) == 4
    for secret in secrets:
        assert secret not in shown
        assert secret not in logged
