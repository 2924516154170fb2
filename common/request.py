"""A request as middleware and decorators leave it."""

from typing import Any

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from common.homes import Home
from common.property.brand import Brand
from common.property.public_brand import PublicBrand
from common.sessions import SessionStore
from ruckus.resident import ResidentApi


class ResidentRequest(HttpRequest):
    """A request of a resident: what may be missing before a certain point says so."""

    # Of every request that middleware has seen.
    id: str
    htmx: HtmxDetails
    session: SessionStore
    # Of a browser that is signed in (`@signed_in`).
    home: Home
    api: ResidentApi
    brand: Brand
    # Of a property's welcome page.
    public_brand: PublicBrand
    # Of a page for what went wrong that was made without knowing the home.
    plain_notice: str
    # Of a form that is shown again as it was typed, whatever fails (`@shows_form_again`).
    form_page: tuple[str, dict[str, Any]]
