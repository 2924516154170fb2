"""What was tried with an account, in words."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as noop

from staff.accounts.api import address_of
from staff.accounts.trial import Outcome, Step, Trial, failed
from staff.models import RuckusAccount

REGIONS = {
    "na": gettext_lazy("North America"),
    "eu": gettext_lazy("Europe"),
    "asia": gettext_lazy("Asia"),
}
TITLES = {
    Step.TOKEN: noop("Sign in with the token"),
    Step.PROPERTIES: noop("List properties"),
    Step.UNITS: noop("List homes"),
    Step.LINK: noop("Read one home’s link"),
    Step.SIGN_IN: noop("Open one home with its link"),
}
RESULTS = {
    Outcome.OK: noop("It works"),
    Outcome.REFUSED: noop("Refused"),
    Outcome.NOT_ALLOWED: noop("Not allowed with the scope of this token"),
    Outcome.NO_ANSWER: noop("No answer"),
    Outcome.UNREADABLE: noop("There’s a link, but no access code in it that we can read"),
    Outcome.NONE: noop("None found"),
    Outcome.NOT_TRIED: noop("Not tried"),
}
DISCS = {Outcome.OK: "good", Outcome.NONE: "warn", Outcome.NOT_TRIED: "idle"}


@dataclass(frozen=True)
class Line:
    """One thing that was tried: the look of its disc, what it was, what came of it."""

    disc: str
    title: str
    text: str


def lines(region: str, tried: Mapping[str, str], seconds: float = 0.0) -> list[Line]:
    """Return what was tried, in its order."""
    found = []
    for step in Step:
        outcome = Outcome(tried.get(step.value, Outcome.NOT_TRIED))
        if step is Step.REACH:
            host = address_of(region).partition("//")[2]
            title = _("Reach %(host)s") % {"host": host}
        else:
            title = _(TITLES[step])
        text = _(RESULTS[outcome])
        if step is Step.REACH and outcome is Outcome.OK and seconds:
            text = _("%(seconds).1f seconds") % {"seconds": seconds}
        found.append(Line(DISCS.get(outcome, "wrong"), title, text))
    return found


def enough(tried: Mapping[str, str]) -> str:
    """Return what the scope of a token is enough for, as far as it was tried."""
    if failed(tried):
        return _("This account can’t be used at the moment: see what we tried.")
    if tried.get(Step.SIGN_IN.value) == Outcome.OK:
        return _("The scope of this token is enough to read homes and their links.")
    if tried.get(Step.LINK.value) in (Outcome.NONE, Outcome.NOT_ALLOWED):
        return _(
            "The scope of this token is enough to list homes, but no link was found. Try a token "
            "with the scope Administrator. If links stay missing, add them from a file."
        )
    return _("Homes can be listed. Whether their links open homes isn’t known yet.")


def problem(trial: Trial, step: Step) -> str:
    """Return what kept an account from being connected: which region refused what."""
    where = {"region": REGIONS[trial.region]}
    outcome = trial.outcomes[step]
    if outcome is Outcome.NO_ANSWER:
        return (
            _("RUCKUS One in %(region)s didn’t answer. Nothing was saved. Try again in a minute.")
            % where
        )
    if step is Step.TOKEN:
        return (
            _(
                "RUCKUS One in %(region)s didn’t accept this client ID and secret. Nothing was saved."
            )
            % where
        )
    if outcome is Outcome.NONE:
        return (
            _(
                "RUCKUS One in %(region)s lists no property for this account. Turn on Property "
                "Management for a venue there first. Nothing was saved."
            )
            % where
        )
    if step is Step.PROPERTIES:
        return (
            _(
                "RUCKUS One in %(region)s doesn’t let this token list properties. Use one with the "
                "scope Read-Only or Administrator. Nothing was saved."
            )
            % where
        )
    return (
        _(
            "RUCKUS One in %(region)s doesn’t let this token list homes. Use one with the scope "
            "Read-Only or Administrator. Nothing was saved."
        )
        % where
    )


def region_name(account: RuckusAccount) -> str:
    """Return what the region of an account is called."""
    return str(REGIONS[account.region])
