"""Staff's pages for what goes wrong."""

import json

import pytest
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpResponse
from django.test import AsyncRequestFactory
from django_htmx.middleware import HtmxDetails

from ruckus.errors import (
    ApiError,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Rejected,
    TooBusy,
    Unavailable,
)
from staff.middleware import StaffPages
from staff.views import errors
from tests.residents.browser import HTMX

A_REQUEST = AsyncRequestFactory()


def request_of(method: str = "get", *, htmx: bool = False):
    headers = HTMX if htmx else {}
    request = getattr(A_REQUEST, method)("/staff/people/?page=2", headers=headers)
    request.htmx = HtmxDetails(request)
    request.id = "0123456789abcdef"
    return request


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (NotSignedIn("op"), 502, "RUCKUS One doesn’t accept the account"),
        (NotAllowed("op"), 502, "RUCKUS One doesn’t allow this"),
        (NotFound("op"), 404, "RUCKUS One can’t find this"),
        (Rejected("op"), 422, "RUCKUS One didn’t accept this"),
        (TooBusy("op", retry_after=4.2), 503, "RUCKUS One is busy"),
        (Unavailable("op", "timeout"), 503, "We can’t reach RUCKUS One"),
    ],
)
def test_what_ruckus_one_answers_is_said_in_plain_words(error: ApiError, status, words):
    response = errors.api_error(request_of(), error)
    assert (response.status_code, words in response.content.decode()) == (status, True)
    wait = {"op busy": "5"}.get("op busy" if isinstance(error, TooBusy) else "", "10")
    assert response.headers.get("Retry-After") == (wait if status == 503 else None)


def test_under_htmx_it_is_said_above_what_is_there():
    response = errors.api_error(request_of(htmx=True), Unavailable("op", "timeout"))
    assert response.headers["HX-Retarget"] == "#notice"
    assert "<html" not in response.content.decode()


def test_what_was_sent_may_not_be_saved():
    said = "We don’t know if this was saved"
    assert said in errors.api_error(request_of("post"), TooBusy("op")).content.decode()
    assert said not in errors.api_error(request_of(), TooBusy("op")).content.decode()


def test_who_is_not_signed_in_is_led_there_and_back():
    assert errors.not_signed_in(request_of()).headers["Location"] == (
        "/staff/sign-in/?next=%2Fstaff%2Fpeople%2F%3Fpage%3D2"
    )
    assert errors.not_signed_in(request_of("post")).headers["Location"] == "/staff/sign-in/"
    response = errors.not_signed_in(request_of(htmx=True))
    assert response.status_code == 401
    assert response.headers["HX-Redirect"].startswith("/staff/sign-in/?next=")


@pytest.mark.parametrize(
    ("page", "status", "words"),
    [
        (errors.bad_request, 400, "Something’s missing from this address"),
        (errors.forbidden, 403, "You can’t open this page"),
        (errors.not_found, 404, "There’s nothing here"),
        (errors.csrf_failure, 403, "This page was open for too long"),
    ],
)
def test_each_refusal_has_a_page(page, status, words):
    response = page(request_of(), SuspiciousOperation())
    assert (response.status_code, words in response.content.decode()) == (status, True)


def test_a_fault_of_ours_has_a_page_that_needs_nothing():
    response = errors.server_error(request_of())
    assert "Something went wrong on our side" in response.content.decode()
    notice = errors.server_error(request_of(htmx=True))
    assert notice.headers["HX-Retarget"] == "#notice"


async def test_staff_have_a_host_of_their_own(settings):
    settings.STAFF_HOST = "staff.example.org"
    settings.ALLOWED_HOSTS = ["staff.example.org", "wifi.example.org"]

    async def view(request):
        return HttpResponse(json.dumps(request.path))

    pages = StaffPages(view)
    for host, path, there in (
        ("staff.example.org", "/staff/", True),
        ("staff.example.org:8000", "/staff/", True),
        ("wifi.example.org", "/", True),
        ("wifi.example.org", "/staff/", False),
        ("staff.example.org", "/", False),
    ):
        request = A_REQUEST.get(path)
        request.META["HTTP_HOST"] = host
        if there:
            assert (await pages(request)).status_code == 200
        else:
            with pytest.raises(Http404):
                await pages(request)
