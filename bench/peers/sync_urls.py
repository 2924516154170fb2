"""The home page as a plain synchronous view: session, two calls one after the other, template.

It has what is easy to have: one httpx.Client for the process, and what belongs to the property in
Django's cache.
"""

from types import SimpleNamespace
from typing import Any

import httpx
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path

from common.property.brand import Brand, brand_from
from residents.home.kind import Kind
from residents.home.passphrase_changes import State
from residents.home.sections import Section, sort_key, title_of
from ruckus import resident_types

api = httpx.Client(timeout=10, limits=httpx.Limits(max_connections=None))


def brand_of(base: str, property_id: str, headers: dict[str, str]) -> Brand:
    def fetch() -> Brand:
        details = api.get(base, headers=headers)
        ui = api.get(f"{base}/uiConfigurations", headers=headers)
        return brand_from(
            resident_types.read_property(details.content),
            resident_types.read_ui_configuration(ui.content),
            property_id,
        )

    brand: Brand = cache.get_or_set(f"brand-{property_id}", fetch, 60)
    return brand


def home(request: HttpRequest) -> HttpResponse:
    property_id = request.session["property"]
    base = f"{settings.RUCKUS_API_URL}/residents/properties/{property_id}"
    headers = {"Authorization": f"Bearer {request.session['token']}"}
    unit = api.get(f"{base}/units", headers=headers).raise_for_status()
    query = {"page": 0, "pageSize": 100}
    users = api.post(f"{base}/units/users/query", headers=headers, json=query).raise_for_status()
    brand = brand_of(base, property_id, headers)
    kinds = [
        (user, Kind.of(user))
        for user in sorted(resident_types.read_user_page(users.content).users, key=sort_key)
    ]
    context: dict[str, Any] = {
        "home": SimpleNamespace(mark=""),
        "brand": brand,
        "unit": resident_types.read_unit(unit.content),
        "sections": [
            Section(
                user=user, kind=kind, title=title_of(user, kind), state=State.SETTLED, brand=brand
            )
            for user, kind in kinds
        ],
    }
    return render(request, "home.html", context)


urlpatterns = [path("", home), path("", include("portal.urls"))]
