"""What the sandbox sends: its homes in the vendor's words, and the switches that bend them."""

import json
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from fastapi import Response

from sandbox.seeds import Device, Property, Unit, User
from sandbox.state import Grant, State, canonical_id, pages, shuffled, zulu

Json = dict[str, Any]

HAL = "application/hal+json"
JSON = "application/json"
VERSIONED = "application/vnd.ruckus.v1+json"

# The contract requires these, so that they are never null.
_REQUIRED = {"unitGuid", "number", "contactName"}
# Null here ends a journey before it begins; only `nulls: "all"` goes that far.
_NEEDED = _REQUIRED | {"token", "userId", "guid", "macAddress", "content", "contents"}
_IDS = {"guid", "unitGuid", "userId"}


def send(state: State, data: Json, status: int = 200, media_type: str = JSON) -> Response:
    """Return the data as a response, bent as the switches say."""
    switches = state.switches
    if switches.nulls:
        data = _nulled(data, _REQUIRED if switches.nulls == "all" else _NEEDED)
    if switches.dashless:
        data = _dashless(data)
    return Response(json.dumps(data, ensure_ascii=False).encode(), status, media_type=media_type)


def _nulled(data: Json, kept: set[str]) -> Json:
    def value_of(name: str, value: Any) -> Any:
        # A page's `number` is optional and an integer; a unit's is required and a string.
        if name not in kept or (name == "number" and isinstance(value, int)):
            return None
        if isinstance(value, list):
            return [_nulled(item, kept) for item in value]
        return value

    return {name: value_of(name, value) for name, value in data.items()}


def _dashless(data: Any) -> Any:
    if isinstance(data, list):
        return [_dashless(item) for item in data]
    if not isinstance(data, dict):
        return data
    return {
        name: value.replace("-", "")
        if name in _IDS and isinstance(value, str) and canonical_id(value)
        else _dashless(value)
        for name, value in data.items()
    }


def refusal(
    state: State, status: int, detail: str, *, reasons: list[str] | None = None
) -> Response:
    """Return the vendor's error body."""
    known = HTTPStatus(status)
    body = {
        "status": f"{status} {known.name}",
        "timestamp": zulu(datetime.now(UTC)),
        "message": known.phrase,
        "detailedMessage": detail,
        "validationErrors": reasons or [],
    }
    return send(state, body, status)


def _linked(data: Json, path: str) -> Json:
    return data | {"_links": {"self": {"href": path}}}


def token(value: str, grant: Grant, ends: datetime) -> Json:
    """PortalTokenResource."""
    return {
        "unitGuid": grant.unit_guid,
        "token": value,
        "serverVersion": "sandbox-1",
        "expireDateTime": zulu(ends),
    }


def property_(p: Property, path: str) -> Json:
    """EntityModelPropertyDto."""
    data = {
        "guid": p.id,
        "name": p.name,
        "address": p.address,
        "description": p.description,
        "managementName": p.management_name,
        "managementPhone": p.management_phone,
        "managementEmail": p.management_email,
        "tenantPortalHelpText": p.help_text,
        "tenantPortalAnnouncements": p.announcements,
        "allowSeparateGuestSecret": p.allow_separate_guest_secret,
        "enforceMaxUnits": p.enforce_max_units,
        "maxUnits": p.max_units,
        "sendEmail": p.send_email,
        "sendSms": p.send_sms,
        "ssids": p.ssids or None,
    }
    return _linked(data, path)


def ui_configuration(p: Property, path: str) -> Json | None:
    """EntityModelPortalUiConfiguration, or None for a property without a portal profile."""
    if (profile := p.profile) is None:
        return None
    data = {
        "apiAllowed": profile.api_allowed,
        "tenantSetDpsk": profile.tenant_set_dpsk,
        "logoFileName": profile.logo_file_name,
        "tenantTitle": profile.title,
        "tenantSubtitle": profile.subtitle,
        "announcements": profile.announcements,
        "helpText": profile.help_text,
        "portalAllowed": profile.portal_allowed,
        "mainColor": profile.main_color,
        "accentColor": profile.accent_color,
        "separatorColor": profile.separator_color,
        "textColor": profile.text_color,
        "iconFileName": profile.icon_file_name,
        "loginText": profile.login_text,
    }
    return _linked(data, path)


def unit(u: Unit, path: str) -> Json:
    """EntityModelUnitDto."""
    keys = {user.type: user.passphrase for user in u.users if user.type != "LINKED"}
    contact = u.contact and {
        "contactName": u.contact.name,
        "email": u.contact.email,
        "phoneNumber": u.contact.phone,
    }
    data = {
        "guid": u.guid,
        "number": u.number,
        "description": u.description,
        "contact": contact,
        "status": u.status,
        "secret": keys.get("UNIT"),
        "guestSecret": keys.get("GUEST"),
    }
    return _linked(data, path)


def user(u: User, path: str) -> Json:
    """EntityModelUnitUserDto."""
    data = {
        "userId": u.id,
        "userName": u.name,
        "email": u.email,
        "phoneNumber": u.phone,
        "passphrase": u.passphrase,
        "status": u.status,
        "type": u.type,
    }
    return _linked(data, path)


def user_page(
    users: list[User], page: int, size: int, direction: str | None, users_path: str
) -> Json:
    """PageEntityModelUnitUserDto; without a direction the order is stable but means nothing."""
    if direction:
        users = sorted(users, key=lambda u: u.id, reverse=direction == "DESC")
    else:
        users = shuffled(users)
    start, total = page * size, len(users)
    content = [user(u, f"{users_path}/{u.id}") for u in users[start : start + size]]
    sort = {"empty": not direction, "sorted": bool(direction), "unsorted": not direction}
    return {
        "content": content,
        "totalPages": pages(total, size),
        "totalElements": total,
        "first": page == 0,
        "last": page + 1 >= pages(total, size),
        "size": size,
        "number": page,
        "numberOfElements": len(content),
        "empty": not content,
        "sort": sort,
        "pageable": {
            "offset": start,
            "sort": sort,
            "pageNumber": page,
            "pageSize": size,
            "paged": True,
            "unpaged": False,
        },
    }


def devices(found: list[Device], path: str) -> Json:
    """EntityModelDevicesListResource."""
    return _linked({"contents": [device(d) for d in found]}, path)


def device(d: Device) -> Json:
    """UnitDeviceDto."""
    return {
        "guid": d.guid,
        "type": d.type,
        "macAddress": d.mac,
        "lastConnectedDate": d.last_connected,
        "authType": d.auth_type,
    }


def styles(p: Property) -> str | None:
    """Return the style sheet for the vendor's own pages, or None without a portal profile."""
    if (profile := p.profile) is None:
        return None
    return (
        f":root {{ --main-color: {profile.main_color or 'initial'}; }}\n"
        f".portal-header {{ background-color: {profile.main_color or 'initial'}; }}\n"
        f".portal-button {{ background-color: {profile.accent_color or 'initial'}; }}\n"
        f".portal-separator {{ border-color: {profile.separator_color or 'initial'}; }}\n"
        f"body {{ color: {profile.text_color or 'initial'}; }}\n"
    )
