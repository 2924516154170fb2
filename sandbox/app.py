"""The sixteen operations, and what stands before each: limit, token, faults, the record of calls."""

import json
import time
from collections.abc import Callable
from email.utils import formatdate
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox import art, control, models, wire
from sandbox.management import api as management
from sandbox.management import control as management_control
from sandbox.models import AnyPropertyId, DeviceId, FileType, OwnerType, PropertyId, UserId
from sandbox.route import VendorRoute, state_of
from sandbox.seeds import Contact, Device, Property, Unit, User
from sandbox.state import Refused, State, canonical_id, canonical_mac
from sandbox.wire import HAL, JSON, VERSIONED

PUBLIC = {"residentLogin", "getPropertyStyles", "downloadFavicons", "getTenantPortalAccess"}
LOGIN_TAG = "Resident Portal Login API"
UI_TAG = "Resident Portal UI Configuration"
CONFIGURATION_TAG = "Resident Portal Configuration"
UNIT_TAG = "Resident Portal Unit API"
USERS_TAG = "Resident Portal Unit Users API"
# Each operation's content types, the one that is sent first.
MEDIA = {
    "residentLogin": [HAL],
    "getTenantPortalAccess": [JSON],
    "getPropertyStyles": ["text/css"],
    "downloadFavicons": ["image/png"],
    "residentFetchProperty": [HAL],
    "residentFetchUiConfiguration": [HAL],
    "residentDownloadPortalFile": ["image/png"],
    "residentFetchUnit": [HAL],
    "residentEditUnit": [HAL],
    "residentFetchUnitDevices": [HAL],
    "residentRemoveDevice": [],
    "queryUnitUsers": [JSON, VERSIONED],
    "getUnitUser": [JSON, VERSIONED],
    "updateUnitUser": ["*/*"],
    "getUnitUserDevices": [JSON, VERSIONED],
    "removeUnitUserDevice": [],
}
# Two operations declare their 404 without a body, and answer so.
EMPTY_404 = {"getUnitUser", "getUnitUserDevices"}
IMAGE = {"type": "array", "items": {"type": "string", "format": "byte"}}


def _problem(request: Request, status: int, detail: str, *reasons: str) -> Response:
    return wire.refusal(state_of(request), status, detail, reasons=list(reasons))


class ResidentRoute(VendorRoute):
    """An operation of the residents' API."""

    place = "propertyId"

    def admit(self, request: Request) -> Response | None:
        """Return the refusal, or None for a call that may go on; then `request.state.unit` is its home."""
        return admit(request, str(self.operation_id))

    def problem(self, request: Request, status: int, detail: str, *reasons: str) -> Response:
        """Return the vendor's error body."""
        return _problem(request, status, detail, *reasons)

    async def unlisted(self, request: Request) -> Response | None:
        """The unit gets a new access code: the contract lists neither this status nor a unit without its number."""
        if self.operation_id != "residentEditUnit" or not await _asks_for_new_link(request):
            return None
        state, home = state_of(request), request.state.unit
        state.write(lambda: state.replace_link(home))
        return _written(state, wire.unit(home, request.scope["path"]), HAL)


async def _asks_for_new_link(request: Request) -> bool:
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError):
        return False
    return isinstance(body, dict) and body.get("status") == "TOKEN_RESET"


def admit(request: Request, operation: str) -> Response | None:
    """Return the refusal, or None for a call that may go on; then `request.state.unit` is its home."""
    state = state_of(request)
    property_id = request.path_params["propertyId"]
    if not state.spend(property_id):
        answer = _problem(request, 429, "The limit of calls for this property is reached.")
        answer.headers["Retry-After"] = "1"
        return answer
    if operation in PUBLIC:
        # What is no id at all opens nothing, like the id of an unknown property.
        if canonical_id(property_id) is not None and not _fit_for_path(state, property_id):
            return _malformed(request)
        return None
    grant = state.grant(request.headers.get("authorization", ""))
    if grant is None:
        # Without WWW-Authenticate: the vendor declares none, and it would tell the style.
        return _problem(request, 401, "The token is missing, unknown or has expired.")
    for name in ("propertyId", "userId"):
        value = request.path_params.get(name)
        if value is not None and not _fit_for_path(state, value):
            return _malformed(request)
    # A property that doesn't exist is answered like somebody else's, so that none can be found.
    if canonical_id(property_id) != grant.property_id or grant.unit_guid not in state.units:
        return _problem(request, 403, "The token does not open this property.")
    profile = state.properties[grant.property_id].profile
    if (
        state.switches.enforce_api_allowed
        and profile is not None
        and profile.api_allowed is False
        and operation != "residentFetchUiConfiguration"
    ):
        return _problem(request, 403, "The resident API is not allowed for this property.")
    request.state.unit = state.units[grant.unit_guid]
    return None


def _malformed(request: Request) -> Response:
    return _problem(request, 400, "An id in the path is malformed.", "This is not an id")


def _well_formed(state: State, value: str) -> bool:
    return canonical_id(value) is not None and (len(value) == 36 or state.switches.dashless)


def _fit_for_path(state: State, value: str) -> bool:
    in_case = not state.switches.strict_ids or value == value.lower()
    return in_case and _well_formed(state, value)


def _check_id(state: State, value: str | None) -> None:
    if value is not None and not _well_formed(state, value):
        raise Refused("This is not an id")


async def _home(request: Request, _property_id: PropertyId) -> Unit:
    unit: Unit = request.state.unit
    return unit


async def _state(request: Request) -> State:
    return state_of(request)


Home = Annotated[Unit, Depends(_home)]
World = Annotated[State, Depends(_state)]

router = APIRouter(prefix="/residents/properties/{propertyId}", route_class=ResidentRoute)


def _responses(
    model: Any, *declared: int, empty: tuple[int, ...] = (), also: tuple[int, ...] = ()
) -> dict[int | str, dict[str, Any]]:
    """Return what an operation declares: its own success, the vendor's codes, those that we add."""
    entries: dict[int | str, dict[str, Any]] = {200: {"description": "200"}}
    if model is not None:
        entries[200]["model"] = model
    for code in (*declared, *also):
        entries[code] = {"description": str(code)}
        if code == 202:
            entries[code]["model"] = model
        elif code not in empty:
            entries[code]["model"] = models.ErrorResource
    return entries


TOKEN_CODES = (401, 403, 429)


def _property(state: State, property_id: str) -> Property | None:
    return state.properties.get(canonical_id(property_id) or "")


def _not_found(request: Request, what: str) -> Response:
    return _problem(request, 404, f"There is no such {what}.")


@router.post(
    "/units/logins",
    operation_id="residentLogin",
    tags=[LOGIN_TAG],
    responses=_responses(models.PortalTokenResource, 400, 401, 500, also=(403, 429)),
)
async def log_in(
    request: Request, state: World, property_id: AnyPropertyId, body: models.LoginResource
) -> Response:
    """Return a token for the home that the access code opens; 401 for any that opens none.

    An unknown property is 401 too: whether a property exists can't be told from outside.
    """
    if not body.hashedSecret:
        return _problem(request, 400, "The request is not valid.", "A secret is required.")
    found = state.log_in(property_id, body.hashedSecret)
    if found is None:
        return _problem(request, 401, "The secret opens nothing here.")
    token, grant, ends = found
    lockout = state.switches.lockout
    if lockout and state.units[grant.unit_guid].status == "DISABLED":
        del state.tokens[token]
        return _problem(request, lockout, "The secret opens nothing here.")
    return wire.send(state, wire.token(token, grant, ends), media_type=HAL)


@router.get(
    "/access",
    operation_id="getTenantPortalAccess",
    tags=[UI_TAG],
    responses=_responses(models.ResidentPortalAccessDto, 400, 404, 500, also=(429,)),
)
async def access(request: Request, state: World, property_id: AnyPropertyId) -> Response:
    """Return what anybody may see of the property's portal."""
    found = _property(state, property_id)
    if found is None or found.profile is None:
        return _not_found(request, "portal")
    profile = found.profile
    data = {"loginText": profile.login_text, "portalAllowed": profile.portal_allowed}
    return wire.send(state, data)


@router.get(
    "/styles",
    operation_id="getPropertyStyles",
    tags=[UI_TAG],
    responses=_responses(str, 400, 404, 500, also=(429,)),
)
async def styles(request: Request, state: World, property_id: AnyPropertyId) -> Response:
    """Return the style sheet for the vendor's own pages."""
    found = _property(state, property_id)
    sheet = found and wire.styles(found)
    if sheet is None:
        return _not_found(request, "style sheet")
    return Response(sheet, media_type="text/css")


@router.get(
    "/files/favicons",
    operation_id="downloadFavicons",
    tags=[UI_TAG],
    responses=_responses(bytes, 400, 404, 500, also=(429,)),
)
async def favicon(request: Request, state: World, property_id: AnyPropertyId) -> Response:
    """Return the icon, for anybody."""
    found = _property(state, property_id)
    if found is None or (image := _icon(found)) is None:
        return _not_found(request, "file")
    return Response(image, media_type="image/png")


def _icon(property_: Property) -> bytes | None:
    profile = property_.profile
    if profile is None or profile.icon_file_name is None:
        return None
    return art.icon(profile.main_color, profile.accent_color)


def _logo(property_: Property) -> bytes | None:
    profile = property_.profile
    if profile is None or profile.logo_file_name is None:
        return None
    return art.logo(property_.name or "", profile.main_color, profile.accent_color)


@router.get(
    "",
    operation_id="residentFetchProperty",
    tags=[CONFIGURATION_TAG],
    responses=_responses(models.EntityModelPropertyDto, 400, 404, 500, also=TOKEN_CODES),
)
async def fetch_property(request: Request, state: World, home: Home) -> Response:
    """Return the property."""
    data = wire.property_(state.properties[home.property_id], request.scope["path"])
    return wire.send(state, data, media_type=HAL)


@router.get(
    "/uiConfigurations",
    operation_id="residentFetchUiConfiguration",
    tags=[CONFIGURATION_TAG],
    responses=_responses(models.EntityModelPortalUiConfiguration, 400, 404, 500, also=TOKEN_CODES),
)
async def fetch_ui_configuration(request: Request, state: World, home: Home) -> Response:
    """Return the portal profile."""
    data = wire.ui_configuration(state.properties[home.property_id], request.scope["path"])
    if data is None:
        return _not_found(request, "UI configuration")
    return wire.send(state, data, media_type=HAL)


@router.get(
    "/files/{type}",
    operation_id="residentDownloadPortalFile",
    tags=[CONFIGURATION_TAG],
    responses=_responses(bytes, 400, 404, 500, also=TOKEN_CODES),
)
async def download(request: Request, state: World, home: Home, kind: FileType) -> Response:
    """Return the logo or the icon."""
    property_ = state.properties[home.property_id]
    if kind not in ("logo", "favIcon"):
        return _problem(request, 400, "The request is not valid.", "This is no kind of file.")
    image = _logo(property_) if kind == "logo" else _icon(property_)
    if image is None:
        return _not_found(request, "file")
    return Response(image, media_type="image/png")


@router.get(
    "/units",
    operation_id="residentFetchUnit",
    tags=[UNIT_TAG],
    responses=_responses(models.EntityModelUnitDto, 400, 500, also=TOKEN_CODES),
)
async def fetch_unit(request: Request, state: World, home: Home) -> Response:
    """Return the token's own unit."""
    return wire.send(state, wire.unit(home, request.scope["path"]), media_type=HAL)


@router.put(
    "/units",
    operation_id="residentEditUnit",
    tags=[UNIT_TAG],
    responses=_responses(models.EntityModelUnitDto, 202, 400, 404, 500, also=TOKEN_CODES),
)
async def edit_unit(request: Request, state: World, home: Home, body: models.UnitDto) -> Response:
    """Change what was sent and leave the rest; the secrets follow the rules of passphrases."""
    changes = [
        state.passphrase_change(home, user, secret)
        for user in home.users
        for kind, secret in (("UNIT", body.secret), ("GUEST", body.guestSecret))
        if user.type == kind
    ]

    def change() -> None:
        home.number = body.number
        if body.description is not None:
            home.description = body.description
        if body.status is not None:
            home.status = body.status
        if (sent := body.contact) is not None:
            contact = home.contact or Contact(sent.contactName)
            contact.name = sent.contactName
            if sent.email is not None:
                contact.email = sent.email
            if sent.phoneNumber is not None:
                contact.phone = sent.phoneNumber
            home.contact = contact
        for each in changes:
            each()

    state.write(change)
    return _written(state, wire.unit(home, request.scope["path"]), HAL)


def _written(state: State, data: wire.Json, media_type: str) -> Response:
    status = 202 if state.switches.accepted else 200
    if state.switches.silent:
        return Response(status_code=status)
    return wire.send(state, data, status, media_type)


@router.get(
    "/units/devices",
    operation_id="residentFetchUnitDevices",
    tags=[UNIT_TAG],
    responses=_responses(models.EntityModelDevicesListResource, 400, 500, also=TOKEN_CODES),
)
async def fetch_unit_devices(
    request: Request, state: World, home: Home, kind: OwnerType
) -> Response:
    """Return the devices of the home's own key, or of its guest key."""
    if kind not in ("UNIT", "GUEST"):
        return _problem(request, 400, "The request is not valid.", "The type is UNIT or GUEST.")
    found = [device for user in home.users if user.type == kind for device in user.devices]
    return wire.send(state, wire.devices(found, request.scope["path"]), media_type=HAL)


@router.delete(
    "/units/devices/{deviceId}",
    operation_id="residentRemoveDevice",
    tags=[UNIT_TAG],
    responses=_responses(None, 400, 404, 500, also=TOKEN_CODES),
)
async def remove_device(
    request: Request, state: World, home: Home, device_id: DeviceId
) -> Response:
    """Remove the device with this MAC address from the home's own key and its guest key."""
    wanted = canonical_mac(device_id)
    owners = [user for user in home.users if user.type != "LINKED"]
    return _remove(request, owners, lambda device: canonical_mac(device.mac) == wanted)


def _remove(request: Request, users: list[User], gone: Callable[[Device], bool]) -> Response:
    if not any(gone(device) for user in users for device in user.devices):
        return _not_found(request, "device")
    if not state_of(request).switches.sticky_devices:
        for user in users:
            user.devices = [device for device in user.devices if not gone(device)]
    return Response()


@router.post(
    "/units/users/query",
    operation_id="queryUnitUsers",
    tags=[USERS_TAG],
    responses=_responses(models.PageEntityModelUnitUserDto, 400, 500, also=TOKEN_CODES),
)
async def query_users(
    request: Request, state: World, home: Home, body: models.UnitUsersQueryCriteria | None = None
) -> Response:
    """Return a page of the home's users, hidden system identities left out."""
    query = body or models.UnitUsersQueryCriteria()
    page = query.page if query.page is not None else 0
    size = query.pageSize if query.pageSize is not None else 20
    if page < 0 or size < 1:
        return _problem(request, 400, "The request is not valid.", "There is no such page.")
    _check_id(state, query.userId)
    wanted = canonical_id(query.userId) if query.userId is not None else None
    users = [user for user in _visible(home) if wanted in (None, user.id)]
    direction = (query.sortDirection or "ASC") if query.sortFields else None
    users_path = request.scope["path"].removesuffix("/query")
    return wire.send(state, wire.user_page(users, page, size, direction, users_path))


def _visible(home: Unit) -> list[User]:
    return [user for user in home.users if user.type not in home.hidden]


def _user(home: Unit, user_id: str) -> User | None:
    wanted = canonical_id(user_id)
    return next((user for user in _visible(home) if user.id == wanted), None)


@router.get(
    "/units/users/{userId}",
    operation_id="getUnitUser",
    tags=[USERS_TAG],
    responses=_responses(
        models.EntityModelUnitUserDto, 400, 404, 500, empty=(404,), also=TOKEN_CODES
    ),
)
async def fetch_user(request: Request, state: World, home: Home, user_id: UserId) -> Response:
    """Return one of the home's users. A 404 of this operation has no body."""
    if (user := _user(home, user_id)) is None:
        return Response(status_code=404)
    return wire.send(state, wire.user(user, request.scope["path"]))


@router.put(
    "/units/users/{userId}",
    operation_id="updateUnitUser",
    tags=[USERS_TAG],
    responses=_responses(models.MultiRequestResponse, 202, 400, 500, also=(401, 403, 404, 429)),
)
async def update_user(
    request: Request, state: World, home: Home, user_id: UserId, body: models.UnitUserDto
) -> Response:
    """Replace name, email and phone; an absent passphrase stays. Type and status can't change."""
    if (user := _user(home, user_id)) is None:
        return _not_found(request, "user")
    _check_id(state, body.userId)
    if body.userId is not None and canonical_id(body.userId) != user.id:
        raise Refused("The id does not belong to this user.")
    new_passphrase = state.passphrase_change(home, user, body.passphrase)

    def change() -> None:
        user.name, user.email, user.phone = body.userName, body.email, body.phoneNumber
        new_passphrase()

    touched = body.passphrase is not None and body.passphrase != user.passphrase
    renamed = (user.name, user.email, user.phone) != (body.userName, body.email, body.phoneNumber)
    state.write(change)
    jobs = {
        "personaUpdateId": state.job_id() if renamed else None,
        "dpskUpdateId": state.job_id() if touched else None,
        "clientAliasId": None,
    }
    return _written(state, jobs, JSON)


@router.get(
    "/units/users/{userId}/devices",
    operation_id="getUnitUserDevices",
    tags=[USERS_TAG],
    responses=_responses(
        models.EntityModelDevicesListResource, 400, 404, 500, empty=(404,), also=TOKEN_CODES
    ),
)
async def fetch_user_devices(
    request: Request, state: World, home: Home, user_id: UserId
) -> Response:
    """Return the devices of one user. A 404 of this operation has no body."""
    if (user := _user(home, user_id)) is None:
        return Response(status_code=404)
    return wire.send(state, wire.devices(user.devices, request.scope["path"]))


@router.delete(
    "/units/users/{userId}/devices/{deviceId}",
    operation_id="removeUnitUserDevice",
    tags=[USERS_TAG],
    responses=_responses(None, 400, 404, 500, also=TOKEN_CODES),
)
async def remove_user_device(
    request: Request, state: World, home: Home, user_id: UserId, device_id: DeviceId
) -> Response:
    """Remove a user's device by its guid or, as the switch says, by its MAC address."""
    if (user := _user(home, user_id)) is None:
        return _not_found(request, "user")
    if state.switches.device_id == "mac":
        mac = canonical_mac(device_id)
        return _remove(request, [user], lambda device: canonical_mac(device.mac) == mac)
    wanted = canonical_id(device_id)
    return _remove(request, [user], lambda device: device.guid == wanted)


class Recorder:
    """Writes down each call to the vendor's paths: what, when, with which outcome; no secrets.

    It also dates the answers, since no server's own clock could be wrong on demand.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on; calls of the control API are not written down."""
        if scope["type"] != "http" or scope["path"].startswith(("/_sandbox", "/openapi.json")):
            await self.app(scope, receive, send)
            return
        state: State = scope["app"].state.sandbox
        call: dict[str, Any] = {
            "operation": None,
            "method": scope["method"],
            "path": scope["path"],
            "status": None,
            "property": None,
            "token": any(name == b"authorization" for name, _ in scope["headers"]),
            "at": state.clock(),
            "until": None,
        }
        scope["sandbox.call"] = call
        state.calls.append(call)

        async def watch(message: Message) -> None:
            if message["type"] == "http.response.start":
                call["status"] = message["status"]
                MutableHeaders(scope=message).setdefault("Date", _date(state))
            await send(message)

        try:
            await self.app(scope, receive, watch)
        finally:
            call["until"] = state.clock()


def _date(state: State) -> str:
    return formatdate(time.time() + state.switches.date_skew, usegmt=True)


async def _on_http_error(request: Request, error: HTTPException) -> Response:
    if "sandbox.call" not in request.scope:
        # A mistake of whoever uses the controls is told plainly, whatever the switches say.
        return PlainTextResponse(str(error.detail), error.status_code)
    answer = _problem(request, error.status_code, str(error.detail))
    if error.status_code == 405:
        # Starlette names the methods of the first route that fits; here are those of all.
        routes = [*router.routes, *management.router.routes]
        fitting = [route for route in routes if route.matches(request.scope)[0] != Match.NONE]
        methods = {method for route in fitting for method in getattr(route, "methods", ())}
        answer.headers["Allow"] = ", ".join(sorted(methods))
    return answer


async def _on_error(request: Request, error: Exception) -> Response:
    return _problem(request, 500, "The sandbox failed.")


def create_app(state: State | None = None, *, controls: bool = True) -> FastAPI:
    """Return the API over this state (a freshly seeded one by default), with its controls or without."""
    app = FastAPI(
        title="RUCKUS One Resident Portal API (sandbox)",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.sandbox = state or State()
    app.include_router(router)
    # The two APIs have shapes of the same names, so that each has a description of its own.
    app.include_router(management.router, include_in_schema=False)
    if controls:
        for controls_of in (control.router, management_control.router):
            app.include_router(controls_of, prefix="/_sandbox", include_in_schema=False)
    app.exception_handler(HTTPException)(_on_http_error)
    app.exception_handler(Exception)(_on_error)
    app.add_middleware(Recorder)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


def _openapi(app: FastAPI) -> dict[str, Any]:
    """FastAPI's schema with the content types that are really sent, and without its 422."""
    if app.openapi_schema is None:
        schema = get_openapi(title=app.title, version="0.0.1", routes=app.routes)
        for path in schema["paths"].values():
            for operation in path.values():
                _declare(operation)
        for name in ("HTTPValidationError", "ValidationError"):
            schema["components"]["schemas"].pop(name, None)
        app.openapi_schema = schema
    return app.openapi_schema


def _declare(operation: dict[str, Any]) -> None:
    media = MEDIA[operation["operationId"]]
    responses = operation["responses"]
    responses.pop("422", None)
    for code, response in responses.items():
        shapes = response.pop("content", {})
        if not shapes or (code == "404" and operation["operationId"] in EMPTY_404):
            continue
        shape = shapes[JSON]
        if media == ["image/png"] and code == "200":
            shape = {"schema": IMAGE}
        kinds = media if code in ("200", "202") else _error_media(media)
        response["content"] = dict.fromkeys(kinds, shape)
    if "requestBody" in operation:
        content = operation["requestBody"]["content"]
        if VERSIONED in media or media == ["*/*"]:
            content[VERSIONED] = content[JSON]


def _error_media(media: list[str]) -> list[str]:
    return media if VERSIONED in media or media == ["*/*"] else [JSON]
