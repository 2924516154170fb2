"""Residents of many homes at an even pace, and what each of their requests came to."""

import asyncio
import html
import re
import ssl
import time
from collections import Counter
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import httpx

from sandbox import seeds
from tests.faults.crowd import HOME, TOKEN
from tests.faults.waiting import PATIENCE, until

# What those residents do who don't only look. Nobody else is in the homes of those who write, so that
# what they read back is their own.
DOES = (
    dict.fromkeys((3, 13, 23), "reset")
    | dict.fromkeys((8, 18, 28), "change_contact")
    | dict.fromkeys((5, 15, 25, 35, 45, 55), "sign_in_again")
)
HEADING = re.compile(r"<h1[^>]*>Unit (.*?)</h1>", re.DOTALL)
TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
USER = re.compile(r"/wifi/unit/([^/]+)/reset/")

# What may be there at some moment: nothing that is wrong.
GOOD = ("page", "saved", "sent", "awaited", "signed in")
# Who has signed out and was told to wait before signing in again.
NOT_YET_BACK = "not yet back"
TOLD_TO_WAIT = "told to wait"
SIGNED_OUT = "signed out"
WRONG_HOME = "another home"


@dataclass(frozen=True)
class Step:
    """A request, or a few that belong together: what for, when, and what came of it."""

    what: str
    began: float
    ended: float
    outcome: str

    @property
    def seconds(self) -> float:
        return self.ended - self.began

    @property
    def unanswered(self) -> bool:
        """Whether no host answered: the connection broke, or the balancer says so in its own words."""
        broken = getattr(httpx, self.outcome, None)
        return broken is not None or self.outcome in ("502", "503", "504")


def outcome_of(answer: httpx.Response, home: seeds.Home) -> str:
    """What an answer comes to."""
    text = answer.text
    if "You’re signed out" in text or "Use the link from your building" in text:
        return SIGNED_OUT
    if answer.status_code == 409 and ("under way" in text or "still being saved" in text):
        return "awaited"
    if answer.status_code in (502, 503, 504):
        return TOLD_TO_WAIT if answer.headers.get("Retry-After") else f"{answer.status_code}"
    if answer.status_code != 200:
        return f"{answer.status_code}"
    for words, outcome in (
        ("Contact details saved.", "saved"),
        ("The new contact details were sent.", "sent"),
        ("Setting your new passphrase", "sent"),
        ("new passphrase", "saved"),
    ):
        if words in text:
            return outcome
    heading = HEADING.search(text)
    if heading is None:
        title = TITLE.search(text)
        # The network's own page, where a reset ends that showed at once.
        is_network = title is not None and title[1].strip() == "Wi‑Fi passphrase"
        return "page" if is_network else f"the page {title[1] if title else answer.url.path}"
    return "page" if html.unescape(heading[1]) == home.unit.number else WRONG_HOME


@dataclass
class Resident:
    """A browser, signed in to a home, that does one thing a second."""

    url: str
    trusts: ssl.SSLContext
    home: seeds.Home
    number: int
    does: str
    steps: list[Step] = field(default_factory=list)
    # Between signing out and signing in again it is to be expected that there is no session.
    has_left: bool = False
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)

    def open(self) -> None:
        """Start the browser, which has kept its cookies."""
        self.http = httpx.AsyncClient(
            cookies=self.cookies,
            base_url=self.url,
            verify=self.trusts,
            trust_env=False,
            timeout=60,
            # A new connection now and then, as browsers have: it may lead to the other host.
            limits=httpx.Limits(max_connections=1, keepalive_expiry=0.5),
            headers={"Origin": self.url, "Referer": f"{self.url}/"},
        )

    async def close(self) -> None:
        self.cookies = self.http.cookies
        await self.http.aclose()

    async def sign_in(self) -> str:
        place = f"/p/{self.home.property_id}/"
        form = await self.http.get(place)
        token = TOKEN.search(form.text)
        if token is None:
            return outcome_of(form, self.home)
        data = {"csrfmiddlewaretoken": token[1], "secret": self.home.secret}
        answer = await self.http.post(place, data=data)
        if answer.status_code != 302:
            return outcome_of(answer, self.home)
        self.has_left = False
        seen = await self.look()
        return "signed in" if seen == "page" else seen

    async def look(self) -> str:
        return outcome_of(await self.http.get("/"), self.home)

    async def sign_in_again(self) -> str:
        page = await self.http.get("/")
        token = TOKEN.search(page.text)
        if token is None or "/sign-out/" not in page.text:
            # It could not be signed in the last time.
            return await self.sign_in()
        self.has_left = True
        answer = await self.http.post("/sign-out/", data={"csrfmiddlewaretoken": token[1]})
        if answer.status_code != 200:
            return outcome_of(answer, self.home)
        return await self.sign_in()

    async def send(self, path: str, **data: str) -> str:
        form = await self.http.get(path)
        token, mark = TOKEN.search(form.text), HOME.search(form.text)
        if token is None or mark is None:
            return outcome_of(form, self.home)
        data |= {"csrfmiddlewaretoken": token[1], "home": mark[1]}
        answer = await self.http.post(path, data=data)
        if answer.status_code == 302:
            answer = await self.http.get(answer.headers["Location"])
        return outcome_of(answer, self.home)

    async def change_contact(self) -> str:
        return await self.send("/contact/", name=f"Resident {self.number} {len(self.steps)}")

    async def reset(self) -> str:
        page = await self.http.get("/")
        user = USER.search(page.text)
        if user is None:
            return outcome_of(page, self.home)
        return await self.send(f"/wifi/unit/{user[1]}/reset/")

    async def step(self) -> None:
        # Most of what anybody does is to look.
        what = self.does if len(self.steps) % 6 == 5 else "look"
        if self.has_left:
            what = "sign_in"
        began = time.monotonic()
        try:
            outcome = await getattr(self, what)()
        except httpx.TransportError as error:
            outcome = type(error).__name__
        if outcome == SIGNED_OUT and self.has_left:
            outcome = NOT_YET_BACK
        self.steps.append(Step(what, began, time.monotonic(), outcome))


class Residents:
    """A resident of each home, who work while the context lasts: a page a second and some more.

    It can be entered again and again: who has signed in stays so, whatever happened meanwhile.
    """

    def __init__(self, url: str, trusts: ssl.SSLContext, homes: list[seeds.Home]) -> None:
        self.members = [
            Resident(url, trusts, home, number, DOES.get(number, "look"))
            for number, home in enumerate(homes)
        ]

    async def __aenter__(self) -> Self:
        for member in self.members:
            member.open()
            if not member.steps and not member.cookies:
                outcome = await member.sign_in()
                assert outcome == "signed in", (outcome, member.home.shows)
        self.over = False
        self.tasks = [asyncio.create_task(self.work(member)) for member in self.members]
        return self

    async def work(self, member: Resident) -> None:
        due = time.monotonic() + member.number / len(self.members)
        while not self.over:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            # Who had to wait does not make up for it at once.
            due = max(due + 1, time.monotonic())
            await member.step()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.over = True
        await asyncio.gather(*self.tasks)
        for member in self.members:
            await member.close()

    def since(self, moment: float) -> "Tally":
        """What has ended since."""
        return Tally([s for m in self.members for s in m.steps if s.ended >= moment])

    async def all_well(self, seconds: float = PATIENCE) -> None:
        """Wait until each has had an answer that was good, begun from now on. Raise TimeoutError."""
        start = time.monotonic()

        def is_well(member: Resident) -> bool:
            return any(s.began >= start and s.outcome in GOOD for s in member.steps[-3:])

        await until(lambda: all(map(is_well, self.members)), seconds)


@dataclass
class Tally:
    """What a number of steps came to."""

    steps: list[Step]

    def __post_init__(self) -> None:
        self.outcomes = Counter(step.outcome for step in self.steps)

    def count(self, *outcomes: str) -> int:
        return sum(self.outcomes[outcome] for outcome in outcomes)

    @property
    def sent(self) -> int:
        """Writes that were tried."""
        return sum(step.what in ("reset", "change_contact") for step in self.steps)

    @property
    def failures(self) -> list[Step]:
        known = (*GOOD, TOLD_TO_WAIT, NOT_YET_BACK)
        return [step for step in self.steps if step.outcome not in known]

    @property
    def wrong(self) -> list[Step]:
        """Failures that are the portal's: no connection that broke, no host that was too slow."""
        return [step for step in self.failures if not step.unanswered]

    @property
    def longest(self) -> float:
        return max((step.seconds for step in self.steps), default=0.0)
