"""The operations of the management API, and what stands before each: token, tenant, limit, media type."""

from typing import Annotated, Any, cast
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi

from sandbox.management import models, wire
from sandbox.management.accounts import ACCOUNTS, LANDLORD, Account
from sandbox.management.models import Delegated, ExcludeContent, TenantId, UnitId, VenueId
from sandbox.management.state import known_account
from sandbox.route import VendorRoute, state_of
from sandbox.seeds import Property, Unit
from sandbox.state import Refused, State, canonical_id
from sandbox.wire import HAL, JSON, VERSIONED, Json

MOST_RESENT = 100
CSV = "text/csv"
READS = {"queryPropertyConfigs", "getProperty", "queryUnits", "fetchUnit", "queryIdentities"}
WRITES = {"editUnit", "resendNotifications"}


class ManagementRoute(VendorRoute):
    """An operation of the management API."""

    place = "venueId"

    def problem(self, request: Request, status: int, detail: str, *reasons: str) -> Response:
        """Return the vendor's error body."""
        return wire.refusal(status, detail, *reasons)

    def invalid(self, request: Request, error: RequestValidationError) -> Response:
        """The vendor has a code of its own for a query that does not say how to sort."""
        for item in error.errors():
            if item["loc"][-1] == "sortOrder" and item["type"] == "missing":
                code = "PROPERTY-MANAGEMENT-007"
                return wire.refusal(400, "The sort order is missing.", code=code)
        return super().invalid(request, error)

    def admit(self, request: Request) -> Response | None:
        """Return the refusal, or None for a call that may go on; then `request.state` has account and property."""
        operation, state = str(self.operation_id), state_of(request)
        if operation == "createToken":
            return None
        management = state.management
        account = management.account_of(request.headers.get("authorization", ""))
        if account is None:
            return wire.refusal(401, "The token is missing, unknown or has expired.")
        if not management.spend(account.tenant_id):
            return self._too_many(state)
        tenant = request.headers.get("x-rks-tenantid", account.tenant_id)
        if tenant not in {account.tenant_id, *account.customers}:
            return wire.refusal(403, "This tenant has not delegated.")
        if operation in WRITES and account.role == "Read-Only":
            return wire.refusal(403, "This account may only read.")
        media_type = self._media_type(request, state)
        if media_type is None:
            return wire.refusal(406, "There is no such media type here.")
        venue_id = request.path_params.get("venueId")
        property_ = state.properties.get(canonical_id(venue_id or "") or "")
        if venue_id is not None and (property_ is None or tenant != LANDLORD):
            return wire.refusal(404, "There is no such property.")
        request.state.account, request.state.tenant = account, tenant
        request.state.property, request.state.media_type = property_, media_type
        return None

    def _too_many(self, state: State) -> Response:
        answer = wire.refusal(429, "The limit of calls for this tenant is reached.")
        if (seconds := state.management.switches.retry_after) is not None:
            answer.headers["Retry-After"] = str(seconds)
        return answer

    def _media_type(self, request: Request, state: State) -> str | None:
        """Return the first of what is on offer that is asked for, or None."""
        if self.operation_id not in READS:
            offered = [JSON, VERSIONED]
        else:
            kinds = {"hal": [HAL], "versioned": [VERSIONED], "both": [HAL, VERSIONED]}
            offered = kinds[state.management.switches.accept]
            if self.operation_id == "queryUnits":
                offered = [*offered, CSV]
        asked = {each.partition(";")[0].strip() for each in _accepted(request).split(",")}
        if asked & {"*/*", "application/*"}:
            return offered[0]
        return next((kind for kind in offered if kind in asked), None)


def _accepted(request: Request) -> str:
    return request.headers.get("accept") or "*/*"


async def _state(request: Request) -> State:
    return state_of(request)


async def _account(request: Request) -> Account:
    return cast(Account, request.state.account)


async def _property(request: Request, _venue_id: VenueId) -> Property:
    return cast(Property, request.state.property)


async def _delegated(_tenant_id: Delegated = None) -> None:
    """Said to the schema; the route has read it."""


World = Annotated[State, Depends(_state)]
Caller = Annotated[Account, Depends(_account)]
Place = Annotated[Property, Depends(_property)]

router = APIRouter(route_class=ManagementRoute)
TENANT: dict[str, Any] = {"dependencies": [Depends(_delegated)]}


def _responses(model: Any, *errors: int, accepted: bool = False) -> dict[int | str, dict[str, Any]]:
    entries: dict[int | str, dict[str, Any]] = {200: {"description": "200"}}
    if model is not None:
        entries[200]["model"] = model
    if accepted:
        entries[202] = {"description": "202", "model": model}
    for code in errors:
        entries[code] = {"description": str(code), "model": models.ErrorResource}
    return entries


TOKEN_FORM = {
    "required": True,
    "content": {
        "application/x-www-form-urlencoded": {
            "schema": {
                "type": "object",
                "required": ["grant_type", "client_id", "client_secret"],
                "properties": {
                    "grant_type": {"type": "string", "enum": ["client_credentials"]},
                    "client_id": {"type": "string"},
                    "client_secret": {"type": "string", "format": "password"},
                },
            }
        }
    },
}


@router.post(
    "/oauth2/token/{tenantId}",
    operation_id="createToken",
    tags=["token"],
    responses={200: {"model": models.Token}, "default": {"description": "Not issued"}},
    openapi_extra={"requestBody": TOKEN_FORM},
)
async def create_token(request: Request, state: World, tenant_id: TenantId) -> Response:
    """Return an access token for the account with these credentials."""
    management = state.management
    form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
    tenants = {account.tenant_id for account in ACCOUNTS}
    if tenant_id not in tenants or form.get("grant_type") != "client_credentials":
        if management.switches.wrong_parameters == "page":
            return Response(wire.PAGE, media_type="text/html")
        return wire.refusal(400, "These parameters are wrong.")
    account = known_account(tenant_id, form)
    if account is None:
        return wire.refusal(401, "These credentials are not known.")
    data: Json = {"access_token": management.create_token(account), "token_type": "Bearer"}
    if management.switches.tell_expiry:
        data["expires_in"] = int(management.switches.token_life)
    return wire.send(data)


@router.post(
    "/venues/propertyConfigs/query",
    operation_id="queryPropertyConfigs",
    tags=["propertyConfigs"],
    responses=_responses(models.PageEntityModelPropertyDto, 400, 401, 403, 429),
    **TENANT,
)
async def query_properties(
    request: Request, state: World, body: models.QueryData, exclude: ExcludeContent = False
) -> Response:
    """Return a page of the tenant's properties."""
    found = list(state.properties.values()) if request.state.tenant == LANDLORD else []
    found = _asked_for(body, found, lambda each: {"name": each.name or "", "status": "ENABLED"})
    return _page(request, state, body, found, wire.property_, exclude=exclude)


@router.get(
    "/venues/{venueId}/propertyConfigs",
    operation_id="getProperty",
    tags=["propertyConfigs"],
    responses=_responses(models.EntityModelPropertyDto, 400, 401, 403, 404, 429, 500),
    **TENANT,
)
async def fetch_property(request: Request, place: Place) -> Response:
    """Return one property."""
    return wire.send(wire.property_(place), media_type=request.state.media_type)


@router.post(
    "/venues/{venueId}/units/query",
    operation_id="queryUnits",
    tags=["units"],
    responses=_responses(models.PageEntityModelUnit, 400, 401, 403, 404, 429),
    **TENANT,
)
async def query_units(
    request: Request,
    state: World,
    account: Caller,
    place: Place,
    body: models.QueryData,
    exclude: ExcludeContent = False,
) -> Response:
    """Return a page of the property's units."""
    found = _asked_for(
        body, _units(state, place), lambda each: {"name": each.number, "status": each.status}
    )
    if request.state.media_type == CSV:
        lines = ["Name,Status", *(f"{_quoted(unit.number)},{unit.status}" for unit in found)]
        return Response("\r\n".join(lines), media_type=CSV)
    with_link = state.management.switches.rows_have_links and (
        body.fields is None or "_links" in body.fields
    )
    return _page(
        request,
        state,
        body,
        found,
        lambda each: wire.unit(state, each, account, with_link=with_link),
        exclude=exclude,
    )


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


@router.get(
    "/venues/{venueId}/units/{unitId}",
    operation_id="fetchUnit",
    tags=["units"],
    responses=_responses(models.EntityModelUnit, 400, 401, 403, 404, 429, 500),
    **TENANT,
)
async def fetch_unit(
    request: Request, state: World, account: Caller, place: Place, unit_id: UnitId
) -> Response:
    """Return one unit, with its link where it has one."""
    if (found := _unit(state, place, unit_id)) is None:
        return wire.refusal(404, "There is no such unit.")
    data = wire.unit(state, found, account, with_link=True)
    return wire.send(data, media_type=request.state.media_type)


@router.patch(
    "/venues/{venueId}/units/{unitId}",
    operation_id="editUnit",
    tags=["units"],
    responses=_responses(
        models.EntityModelAcceptedResponse, 400, 401, 403, 404, 429, 500, accepted=True
    ),
    **TENANT,
)
async def edit_unit(
    request: Request, state: World, place: Place, unit_id: UnitId, body: models.UnitStatusPatch
) -> Response:
    """Suspends a unit, or lets it in again."""
    found = _unit(state, place, unit_id)
    if found is None:
        return wire.refusal(404, "There is no such unit.")

    def change() -> None:
        found.status = body.status

    request_id, end = state.management.begin(change)
    switches = state.management.switches
    if switches.accepted:
        state.pending.append((state.clock() + switches.accepted_delay, end))
    else:
        end()
    data = {"requestId": request_id}
    return wire.send(data, 202 if switches.accepted else 200, request.state.media_type)


@router.post(
    "/venues/{venueId}/units/notifications",
    operation_id="resendNotifications",
    tags=["units"],
    responses=_responses(None, 400, 401, 403, 404, 429, 500),
    **TENANT,
)
async def resend_notifications(state: World, place: Place, body: models.UnitIds) -> Response:
    """Sends the vendor's own message once more."""
    units = [_unit(state, place, unit_id) for unit_id in body]
    if len(units) > MOST_RESENT or None in units:
        raise Refused("These are not units of this property, or too many at once.")
    state.management.resent += [unit.guid for unit in units if unit]
    return Response()


@router.post(
    "/venues/{venueId}/units/identities/query",
    operation_id="queryIdentities",
    tags=["identities"],
    responses=_responses(models.PageEntityModelPersona, 400, 401, 403, 404, 429),
    **TENANT,
)
async def query_identities(
    request: Request,
    state: World,
    place: Place,
    body: models.QueryData,
    exclude: ExcludeContent = False,
) -> Response:
    """Return a page of who may use the units' passphrases."""
    found = [persona for unit in _units(state, place) for persona in wire.personas(unit)]
    return _page(request, state, body, found, dict, exclude=exclude)


@router.get("/activities/{requestId}", operation_id="getActivity", include_in_schema=False)
async def fetch_activity(state: World, request: Request) -> Response:
    """Return what became of a change; the vendor's own description of it is not known."""
    request_id = request.path_params["requestId"]
    status = state.management.activities.get(request_id)
    if status is None:
        return wire.refusal(404, "There is no such activity.")
    return wire.send({"requestId": request_id, "status": status})


def _units(state: State, place: Property) -> list[Unit]:
    return [unit for unit in state.units.values() if unit.property_id == place.id]


def _unit(state: State, place: Property, unit_id: str) -> Unit | None:
    found = state.units.get(canonical_id(unit_id) or "")
    return found if found and found.property_id == place.id else None


def _asked_for(body: models.QueryData, items: list[Any], values_of: Any) -> list[Any]:
    """Return the items that the keyword and the filters leave, sorted by name."""
    keyword = (body.keyword or "").lower()
    kept = [item for item in items if keyword in values_of(item)["name"].lower()]
    for name, wanted in (body.filters or {}).items():
        allowed = wanted if isinstance(wanted, list) else [wanted]
        kept = [item for item in kept if values_of(item).get(name) in allowed]
    return sorted(kept, key=lambda i: values_of(i)["name"], reverse=body.sortOrder == "DESC")


def _page(
    request: Request,
    state: State,
    body: models.QueryData,
    found: list[Any],
    show: Any,
    *,
    exclude: bool,
) -> Response:
    switches = state.management.switches
    if body.page < switches.first_page or body.pageSize < 1:
        raise Refused("There is no such page.")
    data = wire.page(switches, found, body.page, body.pageSize, show)
    if exclude:
        del data["content"]
    return wire.send(data, media_type=request.state.media_type)


def openapi() -> dict[str, Any]:
    """FastAPI's schema with the content types that are really sent, and without its 422."""
    app = FastAPI()
    app.include_router(router)
    schema = get_openapi(title="Sandbox", version="0.0.1", routes=app.routes)
    for path in schema["paths"].values():
        for operation in path.values():
            _declare(operation)
    for name in ("HTTPValidationError", "ValidationError"):
        schema["components"]["schemas"].pop(name, None)
    return schema


def _declare(operation: Json) -> None:
    name, responses = operation["operationId"], operation["responses"]
    responses.pop("422", None)
    if name == "createToken":
        return
    for code, response in responses.items():
        shapes = response.pop("content", {})
        if not shapes or (name == "resendNotifications" and code == "200"):
            continue
        kinds = [HAL, VERSIONED] if name in READS else [JSON, VERSIONED]
        if not code.startswith("2"):
            kinds = [HAL, JSON, VERSIONED]
        response["content"] = dict.fromkeys(kinds, shapes[JSON])
        if name == "queryUnits" and code == "200":
            response["content"][CSV] = {"schema": {"type": "string"}}
    if "requestBody" in operation:
        content = operation["requestBody"]["content"]
        content[VERSIONED] = content[JSON]
