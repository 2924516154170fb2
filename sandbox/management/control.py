"""The controls of the management API, beside those of the residents' (sandbox/control.py)."""

from dataclasses import asdict, fields, replace
from typing import Annotated, Any

from fastapi import APIRouter, Body, HTTPException, Request
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from sandbox.management import building
from sandbox.management.accounts import ACCOUNTS
from sandbox.management.links import Shape
from sandbox.management.state import Switches
from sandbox.route import state_of
from sandbox.state import canonical_id

router = APIRouter(prefix="/management")
_SWITCHES = TypeAdapter(Switches)


class Building(BaseModel):
    """A building of so many homes: some have no link, and some others are suspended."""

    model_config = ConfigDict(extra="forbid")

    homes: Annotated[int, Field(ge=1, le=10_000)] = 300
    without_link: Annotated[int, Field(ge=0)] = 12
    suspended: Annotated[int, Field(ge=0)] = 3


class LinkOf(BaseModel):
    """How one unit's link looks; null takes it away."""

    model_config = ConfigDict(extra="forbid")

    shape: Shape | None


@router.get("/switches")
async def switches(request: Request) -> dict[str, Any]:
    """Return all switches of the management API."""
    return asdict(state_of(request).management.switches)


@router.patch("/switches")
async def switch(request: Request, change: Annotated[dict[str, Any], Body()]) -> dict[str, Any]:
    """Set the switches that were sent, and answer with all of them; 422 for unknown ones."""
    management = state_of(request).management
    if unknown := change.keys() - {field.name for field in fields(Switches)}:
        raise HTTPException(422, f"No such switch: {', '.join(sorted(unknown))}")
    try:
        changed = asdict(replace(management.switches, **change))
        management.switches = _SWITCHES.validate_python(changed)
    except ValidationError as error:
        raise HTTPException(422, str(error)) from error
    return asdict(management.switches)


@router.get("/accounts")
async def accounts(request: Request) -> list[dict[str, Any]]:
    """Return the accounts, secrets included, for whoever connects one."""
    return [asdict(account) | {"customers": sorted(account.customers)} for account in ACCOUNTS]


@router.get("/tokens")
async def tokens(request: Request) -> list[str]:
    """Return the access tokens that have been given out, for tests that look for them where none may be."""
    return list(state_of(request).management.tokens)


@router.post("/expire", status_code=204)
async def expire(request: Request) -> None:
    """End all access tokens."""
    state_of(request).management.tokens.clear()


@router.get("/resent")
async def resent(request: Request) -> list[str]:
    """Return the units to which the vendor's own message was sent, oldest first."""
    return state_of(request).management.resent


@router.post("/links/{unit_guid}", status_code=204)
async def change_link(request: Request, unit_guid: str, change: LinkOf) -> None:
    """Give one unit's link another shape, or take it away."""
    state = state_of(request)
    unit = state.units.get(canonical_id(unit_guid) or "")
    if unit is None:
        raise HTTPException(404, "No such unit")
    state.management.links[unit.guid] = change.shape


@router.post("/building", status_code=201)
async def build(request: Request, plan: Building) -> dict[str, Any]:
    """Put up the building; answer with its property and the ids of its homes without a link."""
    state = state_of(request)
    if plan.without_link + plan.suspended > plan.homes:
        raise HTTPException(422, "There are fewer homes than that")
    units = building.units(plan.homes, plan.suspended)
    # Spread over those that are not suspended.
    open_homes = plan.homes - plan.suspended
    without = [units[n * open_homes // plan.without_link].guid for n in range(plan.without_link)]
    state.add_property(replace(building.BUILDING), units)
    state.management.links |= dict.fromkeys(without)
    return {"property_id": building.BUILDING.id, "without_link": without}
