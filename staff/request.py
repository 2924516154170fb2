"""A request of a member of staff as middleware and decorators leave it."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from common.property.public_brand import PublicBrand
from staff.session import StaffSessionStore


@dataclass(frozen=True)
class Member:
    """Who is signed in: an owner runs accounts and people, a manager the properties given to them."""

    user: User
    is_owner: bool

    @property
    def name(self) -> str:
        """Return what audit log and pages call them."""
        return self.user.get_full_name() or self.user.get_username()


class StaffRequest(HttpRequest):
    """What may be missing before a certain point says so."""

    id: str
    htmx: HtmxDetails
    session: StaffSessionStore
    # Of a browser that is signed in with both factors (`@staff_page`).
    member: Member
    # Of a page inside a property (`@property_page`).
    public_brand: PublicBrand
