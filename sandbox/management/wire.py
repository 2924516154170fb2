"""What the management API sends: the homes as it sees them."""

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, TypeVar

from fastapi import Response

from sandbox.management.accounts import Account
from sandbox.management.links import link
from sandbox.management.state import Switches
from sandbox.seeds import Property, Unit, guid
from sandbox.state import State, pages, zulu
from sandbox.wire import JSON, Json

T = TypeVar("T")

PAGE = "<!doctype html><title>Sandbox</title><h1>This is a page for people</h1>"


def send(data: Any, status: int = 200, media_type: str = JSON) -> Response:
    """Return the data as a response."""
    return Response(json.dumps(data, ensure_ascii=False).encode(), status, media_type=media_type)


def refusal(status: int, detail: str, *reasons: str, code: str = "") -> Response:
    """Return the vendor's error body."""
    known = HTTPStatus(status)
    sentences = reasons or (detail,)
    return send(
        {
            "status": f"{status} {known.name}",
            "timestamp": zulu(datetime.now(UTC)),
            "message": known.phrase,
            "detailedMessage": detail,
            "validationErrors": list(reasons),
            "requestId": str(uuid.uuid4()),
            "errors": [{"code": code or f"SANDBOX-{status}", "message": s} for s in sentences],
        },
        status,
    )


def _known(data: Json) -> Json:
    return {name: value for name, value in data.items() if value is not None}


def venue_id(property_: Property) -> str:
    """Return the property's id as the management API has it."""
    return property_.id.replace("-", "")


def property_(found: Property) -> Json:
    """EntityModelPropertyDto."""
    profile = found.profile
    venue, path = venue_id(found), f"/venues/{venue_id(found)}/propertyConfigs"
    address, _, city = (found.address or "").rpartition(", ")
    return _known(
        {
            "venueId": venue,
            "venueName": found.name or "",
            "address": {"addressLine": address, "city": city, "country": "Nowhere"},
            "description": found.description,
            "venue": {"id": venue},
            "personaGroupId": guid("persona group", found.id),
            "status": "ENABLED",
            "unitConfig": {
                "type": "unitConfig",
                "guestAllowed": True,
                "residentApiAllowed": bool(profile and profile.api_allowed),
                "residentPortalAllowed": bool(profile and profile.portal_allowed),
            },
            "communicationConfig": {
                "type": "communicationConfig",
                "sendEmail": bool(found.send_email),
                "sendSms": bool(found.send_sms),
            },
            "_links": {"self": {"href": path}},
        }
    )


def unit(state: State, found: Unit, account: Account, *, with_link: bool) -> Json:
    """EntityModelUnit."""
    own = {user.type: user for user in found.users if user.type != "LINKED"}
    persona, guest = own.get("UNIT"), own.get("GUEST")
    contact = found.contact
    property_ = state.properties[found.property_id]
    links = {"self": {"href": f"/venues/{venue_id(property_)}/units/{found.guid}"}}
    shape = state.management.shape_of(found.guid, account)
    if with_link and shape is not None:
        links["residentPortal"] = {"href": link(found, shape)}
    return _known(
        {
            "id": found.guid,
            "name": found.number,
            "status": found.status,
            "category": "UNIT",
            "type": "R1",
            "resident": _known(
                {"name": contact.name, "email": contact.email, "phoneNumber": contact.phone}
            )
            if contact
            else {},
            "personaId": persona and persona.id,
            "guestPersonaId": guest and guest.id,
            "identityCount": len(found.users),
            "dpsks": [
                _known({"type": user.type, "passphrase": user.passphrase}) for user in own.values()
            ],
            "_links": links,
        }
    )


def personas(found: Unit) -> list[Json]:
    """Each an EntityModelPersona."""
    return [
        {"unitId": found.guid, "personaType": user.type, "personaId": user.id}
        for user in found.users
    ]


def page(
    switches: Switches, items: list[T], number: int, size: int, show: Callable[[T], Json]
) -> Json:
    """Return the page of that number, as the switches count."""
    index = number - switches.first_page
    start, total = index * size, len(items)
    content = [show(item) for item in items[start : start + size]]
    last = index + 1 >= pages(total, size)
    said = index + switches.first_number
    sort = {"empty": False, "sorted": True, "unsorted": False}
    return {
        "content": content,
        "totalElements": total,
        "totalPages": pages(total, size),
        "number": said,
        "size": size,
        "numberOfElements": len(content),
        "first": index == 0,
        "last": last,
        "empty": not content,
        "sort": sort,
        "pageable": {
            "offset": start,
            "pageNumber": said,
            "pageSize": size,
            "paged": True,
            "unpaged": False,
            "sort": sort,
        },
    }
