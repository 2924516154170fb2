"""What an account of RUCKUS One can do, found out before it is kept."""

import asyncio
import time
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from common.upstream import has_one_address
from ruckus.account import Account, Credentials
from ruckus.errors import ApiError
from ruckus.management import ManagementApi, TokenApi
from ruckus.management_types import ManagedProperty, ManagedUnit
from ruckus.regions import REGIONS
from ruckus.unit_links import LinkShape, UnitLinks
from staff.accounts.api import api_at, is_fit, sign_in_at, upstream_for

T = TypeVar("T")

SECONDS = 25.0
"""What all of it may take."""

MOST_PROPERTIES = 3
MOST_UNITS = 5
"""In how many places a home, and then a link, is looked for: the first ones may have none."""


class Step(StrEnum):
    """What is tried, in this order."""

    REACH = "reach"
    TOKEN = "token"  # noqa: S105  (no password)
    PROPERTIES = "properties"
    UNITS = "units"
    LINK = "link"
    SIGN_IN = "sign-in"


class Outcome(StrEnum):
    """What came of it."""

    OK = "ok"
    REFUSED = "refused"
    NOT_ALLOWED = "not allowed"
    NO_ANSWER = "no answer"
    UNREADABLE = "unreadable"
    NONE = "none"
    NOT_TRIED = "not tried"


NEEDED = (Step.REACH, Step.TOKEN, Step.PROPERTIES, Step.UNITS)
"""Without these an account is of no use. Links can be pasted where it is not given them."""


@dataclass
class Trial:
    """What was tried with an account, and what was found on the way."""

    region: str
    outcomes: dict[Step, Outcome] = field(
        default_factory=lambda: dict.fromkeys(Step, Outcome.NOT_TRIED)
    )
    seconds: float = 0.0
    # The region that takes the token, where the chosen one does not.
    other_region: str = ""
    properties: list[ManagedProperty] = field(default_factory=list)
    shape: LinkShape | None = field(default=None, repr=False)

    @property
    def failed(self) -> Step | None:
        """Return what keeps the account from being of use, or None."""
        return failed(self.tried)

    @property
    def tried(self) -> dict[str, str]:
        """Return the outcomes as they are stored."""
        return {step.value: outcome.value for step, outcome in self.outcomes.items()}


def failed(tried: Mapping[str, str]) -> Step | None:
    """Return what keeps an account from being of use, given what was tried; or None."""
    for step in NEEDED:
        # A property without a home is one that is still to be filled.
        useful = (Outcome.OK, Outcome.NONE) if step is Step.UNITS else (Outcome.OK,)
        if tried.get(step.value) not in useful:
            return step
    return None


def outcome_of(error: ApiError) -> Outcome:
    """Return what an error says of the account."""
    if error.status == 403:
        return Outcome.NOT_ALLOWED
    busy = error.status is None or error.status == 429 or error.status >= 500
    return Outcome.NO_ANSWER if busy else Outcome.REFUSED


async def try_out(region: str, credentials: Credentials) -> Trial:
    """Return what an account can do; nothing is kept of it. It asks one property and one of its homes."""
    trial = Trial(region)
    deadline = asyncio.get_running_loop().time() + SECONDS
    account = Account(credentials)
    api = api_at(region, account, deadline=deadline)
    started = time.monotonic()
    listed = await _of(trial, Step.PROPERTIES, api.fetch_properties())
    trial.seconds = time.monotonic() - started
    _tell_token(trial)
    if listed is None:
        if trial.outcomes[Step.TOKEN] is Outcome.REFUSED:
            trial.other_region = await _region_that_takes(region, credentials)
        return trial
    trial.properties = [each for each in listed if is_fit(each)]
    if not trial.properties:
        trial.outcomes[Step.PROPERTIES] = Outcome.NONE
        return trial
    await _try_homes(trial, api)
    return trial


async def _of(trial: Trial, step: Step, call: Awaitable[T]) -> T | None:
    """Return what the call gives, or None; what came of it is written down."""
    try:
        result = await call
    except ApiError as error:
        # The token is asked for on the way.
        at = Step.TOKEN if error.operation == "createToken" else step
        trial.outcomes[at] = outcome_of(error)
        if at is Step.TOKEN and error.status is None:
            trial.outcomes[Step.REACH] = Outcome.NO_ANSWER
            trial.outcomes[at] = Outcome.NOT_TRIED
        return None
    trial.outcomes[step] = Outcome.OK
    return result


def _tell_token(trial: Trial) -> None:
    """Write down what is known of the token once properties were asked for."""
    if trial.outcomes[Step.PROPERTIES] is not Outcome.NOT_TRIED:
        trial.outcomes[Step.TOKEN] = Outcome.OK
    if trial.outcomes[Step.REACH] is Outcome.NOT_TRIED:
        trial.outcomes[Step.REACH] = Outcome.OK


async def _region_that_takes(refused: str, credentials: Credentials) -> str:
    """Return the other region in which the token is taken, or "". Each is asked once."""
    if has_one_address():
        return ""
    for region in REGIONS:
        if region != refused:
            try:
                await TokenApi(upstream_for(region), credentials).create_token()
            except ApiError:
                continue
            return region
    return ""


async def _try_homes(trial: Trial, api: ManagementApi) -> None:
    for place in trial.properties[:MOST_PROPERTIES]:
        page = await _of(trial, Step.UNITS, api.query_units(place.venue_id))
        if page is None:
            return
        if page.items:
            units = [unit for unit in page.items.values() if not unit.is_suspended]
            await _try_links(trial, api, place.venue_id, units[:MOST_UNITS])
            return
    trial.outcomes[Step.UNITS] = Outcome.NONE


async def _try_links(
    trial: Trial, api: ManagementApi, venue_id: str, units: list[ManagedUnit]
) -> None:
    links = UnitLinks(api, sign_in_at(trial.region))
    for unit in units:
        whole = unit
        if not unit.href:
            read = await _of(trial, Step.LINK, api.fetch_unit(venue_id, unit.id))
            if read is None:
                return
            whole = read
        if whole.href:
            await _prove(trial, links, venue_id, whole)
            return
    trial.outcomes[Step.LINK] = Outcome.NONE


async def _prove(trial: Trial, links: UnitLinks, venue_id: str, unit: ManagedUnit) -> None:
    trial.outcomes[Step.LINK] = Outcome.OK
    link = await _of(trial, Step.SIGN_IN, links.prove(venue_id, unit))
    trial.shape = links.shape
    if link is not None and link.refused:
        trial.outcomes[Step.SIGN_IN] = Outcome.REFUSED
    elif link is not None and not link.proved:
        trial.outcomes[Step.LINK] = Outcome.UNREADABLE
        trial.outcomes[Step.SIGN_IN] = Outcome.NOT_TRIED
