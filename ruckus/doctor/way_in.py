"""Which address, reading of the code and token style open a home? Found out in a few sign-ins."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from urllib.parse import urlsplit

from ruckus.authorization import TokenStyle, UnitToken
from ruckus.errors import (
    ApiError,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Rejected,
    TooBusy,
    Unavailable,
)
from ruckus.regions import region_of
from ruckus.resident import ResidentApi
from ruckus.words import Words, say, say_many, together

from .failures import host_of, said
from .finding import Finding, ok, to_do, unknown
from .region import WAIT, Connect

# Translators: That of RUCKUS One's API.
ADDRESS = say("Address")
CODE = say("Access code")
# Translators: How the API's token is written in a request: with the word Bearer or without it.
TOKEN = say("Token style")
MOST_SIGN_INS = 12
_TAKES = {
    TokenStyle.BEARER: say("RUCKUS One takes tokens with the word Bearer before them."),
    TokenStyle.BARE: say("RUCKUS One takes tokens bare, without the word Bearer."),
}
# Translators: Venues, Property Management and View Portal are written so on RUCKUS One's screen.
NEW_LINK = say(
    "Copy the whole of the newest link. In RUCKUS One, open Venues, the venue, Property Management, "
    "then the unit, and choose View Portal. If that one fails too, look there whether the unit is suspended."
)


@dataclass(frozen=True)
class Configured:
    """What this installation is set to.

    `setting` and `value` are what names the address: RUCKUS_REGION or RUCKUS_API_URL, or nothing
    at all. `style` is None where the portal finds the token style out for itself.
    """

    address: str = ""
    setting: str = ""
    value: str = ""
    style: TokenStyle | None = None


@dataclass
class WayIn:
    """What opened the home, if anything did, and the settings that say so."""

    findings: list[Finding] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)
    sign_ins: int = 0
    api: ResidentApi | None = None


class Search:
    """Signs in at one address after the other: 12 times at most, and never again after a 429."""

    def __init__(
        self, connect: Connect, property_id: str, codes: Sequence[str], configured: Configured
    ) -> None:
        self._connect = connect
        self._property_id = property_id
        self._codes = codes
        self._configured = configured
        self._found = WayIn()

    async def run(self, addresses: Sequence[str]) -> WayIn:
        """Return the way in. `addresses` and the codes have the likeliest first."""
        answers: dict[str, ApiError] = {}
        left = list(addresses)
        for address, code in self._order(addresses):
            if address not in left:
                continue
            if self._found.sign_ins == MOST_SIGN_INS:
                break
            self._found.sign_ins += 1
            try:
                login = await self._api(address).log_in(self._codes[code])
            except TooBusy as error:
                self._found.findings = [_told_to_wait(error)]
                return self._found
            except (NotSignedIn, NotAllowed, Rejected) as error:
                # Another reading of the code may do.
                answers[address] = error
            except ApiError as error:
                answers[address] = error
                left.remove(address)
            else:
                await self._opened(address, code, UnitToken(login.token))
                return self._found
        self._found.findings = [_closed(answers)]
        return self._found

    def _order(self, addresses: Sequence[str]) -> list[tuple[str, int]]:
        """Return what to try: each code first where it is likeliest.

        Weighed so, 12 sign-ins ask all six addresses with the likeliest code, and the region's
        own two with all three.
        """
        pairs = product(range(len(addresses)), range(len(self._codes)))
        ordered = sorted(pairs, key=lambda pair: pair[0] + 2 * pair[1])
        return [(addresses[place], code) for place, code in ordered]

    def _api(
        self, address: str, style: TokenStyle | None = None, token: UnitToken | None = None
    ) -> ResidentApi:
        upstream = self._connect(address, style)
        return ResidentApi(upstream, property_id=self._property_id, token=token)

    async def _opened(self, address: str, code: int, token: UnitToken) -> None:
        self._found.findings += [self._address(address), _reading(code)]
        answers = {}
        for style in TokenStyle:
            api = self._api(address, style, token)
            answers[style] = await _takes_token(api)
            if self._found.api is None and answers[style] is not False:
                self._found.api = api
            if token.is_complete:
                break
        self._found.findings.append(self._style(answers, token))

    def _address(self, address: str) -> Finding:
        configured, host = self._configured, host_of(address)
        if address == configured.address:
            # An address may hold a password.
            user = urlsplit(configured.value).netloc.removesuffix(host)
            self._found.settings[configured.setting] = configured.value.replace(user, "", 1)
            return ok(
                ADDRESS,
                say("{host} accepts the link, and the portal is set to ask there.", host=host),
            )
        region = region_of(address)
        name, value = ("RUCKUS_REGION", region) if region else ("RUCKUS_API_URL", address)
        self._found.settings[name] = value
        where = say("{host} accepts the link, but the portal is not set to ask there.", host=host)
        return to_do(ADDRESS, where, _set(name, value))

    def _style(self, answers: dict[TokenStyle, bool | None], token: UnitToken) -> Finding:
        taken = [style for style, answer in answers.items() if answer]
        if not taken:
            if None in answers.values():
                return unknown(
                    TOKEN, say("RUCKUS One gave no usable answer after signing in."), WAIT
                )
            return to_do(
                TOKEN,
                say("RUCKUS One signs in, but then refuses its own token in each style."),
                say("Try again. If it stays so, report it to the makers of this portal."),
            )
        if token.is_complete:
            return ok(TOKEN, say("The token says itself how it is sent. Any setting works."))
        self._found.settings["RUCKUS_TOKEN_STYLE"] = taken[0].value
        fixed = self._configured.style
        if fixed is not None and fixed not in taken:
            return to_do(
                TOKEN,
                together(
                    _TAKES[taken[0]], say("But RUCKUS_TOKEN_STYLE is {style}.", style=fixed.value)
                ),
                _set("RUCKUS_TOKEN_STYLE", taken[0].value),
            )
        if len(taken) > 1:
            both = say("RUCKUS One takes tokens with the word Bearer before them and without it.")
            return ok(TOKEN, both)
        return ok(TOKEN, _TAKES[taken[0]])


def _set(name: str, value: str) -> Words:
    setting = f"{name}={value}"
    return say("Set {setting} and restart the portal.", setting=setting)


async def _takes_token(api: ResidentApi) -> bool | None:
    """Return whether a token is taken as it is sent, None if nobody can say."""
    try:
        await api.fetch_ui_configuration()
    except NotSignedIn:
        return False
    except (NotFound, NotAllowed):
        pass
    except ApiError:
        return None
    return True


def _reading(code: int) -> Finding:
    if code == 0:
        return ok(CODE, say("The link's access code opens the home."))
    return ok(
        CODE,
        # Translators: A link can be read in several ways; {reading} is the number of this one.
        say(
            "The link's access code opens the home in reading {reading}. The portal tries them in turn.",
            reading=code + 1,
        ),
    )


def _told_to_wait(error: TooBusy) -> Finding:
    wait = WAIT
    if error.retry_after is not None and error.retry_after > 60:
        wait = say_many(
            "Wait one minute, then try again.",
            "Wait {number} minutes, then try again.",
            number=round(error.retry_after / 60),
        )
    return unknown(
        CODE, say("RUCKUS One asks to wait (429), so the search for a way in ended."), wait
    )


def _closed(answers: dict[str, ApiError]) -> Finding:
    by_cause: dict[Words, list[str]] = {}
    for address, error in answers.items():
        by_cause.setdefault(said(error), []).append(host_of(address))
    causes = [
        say("{host}: {what}.", host=", ".join(names), what=cause)
        for cause, names in by_cause.items()
    ]
    if all(isinstance(error, Unavailable) for error in answers.values()):
        nobody = say("Nobody could say whether the link works.")
        return unknown(CODE, together(nobody, *causes), WAIT)
    return to_do(CODE, together(say("The link does not open a home."), *causes), NEW_LINK)
