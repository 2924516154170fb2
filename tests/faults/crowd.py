"""Residents who use the portal without a pause: what each of their requests came to."""

import asyncio
import re
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import httpx

from sandbox import seeds
from tests.faults.waiting import until

# Seconds between two requests of one resident: together they stay within the properties' limits.
PAUSE = 0.3
PAGE = re.compile(r"<h1[^>]*>Unit ")
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
HOME = re.compile(r'name="home" value="(\w+)"')
HIDDEN = re.compile(r'name="(csrfmiddlewaretoken|home|to)" value="(\w+)"')


@dataclass
class Step:
    """A request: whether it wrote, when it began and ended, and what came of it.

    `outcome` is "page", "saved", "sent", "busy", "signed out", or what went wrong.
    """

    write: bool
    began: float
    ended: float
    outcome: str


@dataclass
class Member:
    """A resident with a browser, signed in to one of the demo homes."""

    url: str
    home: seeds.Home
    number: int
    writes: bool
    steps: list[Step] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.http = self.browser()

    def browser(self, cookies: httpx.Cookies | None = None) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.url, trust_env=False, timeout=30, cookies=cookies)

    async def sign_in(self) -> None:
        place = f"/p/{self.home.property_id}/"
        token = TOKEN.search((await self.http.get(place)).text)
        assert token
        data = {"csrfmiddlewaretoken": token[1], "secret": self.home.secret}
        answer = await self.http.post(place, data=data)
        assert answer.status_code == 302, answer.text
        assert await self.look() == "page"

    async def look(self) -> str:
        return outcome_of(await self.http.get("/"))

    async def write(self) -> str:
        """Changes the contact to a name that nobody has had."""
        form = await self.http.get("/contact/")
        token, mark = TOKEN.search(form.text), HOME.search(form.text)
        if token is None or mark is None:
            return outcome_of(form)
        name = f"Resident {self.number} {len(self.steps)}"
        data = {"csrfmiddlewaretoken": token[1], "home": mark[1], "name": name}
        answer = await self.http.post("/contact/", data=data)
        if answer.status_code != 302:
            return outcome_of(answer)
        return outcome_of(await self.http.get("/"))

    async def replace_link(self) -> str:
        """Answers the question whether the home's link is to be replaced with yes."""
        form = await self.http.get("/help/link/replace/")
        fields = dict(HIDDEN.findall(form.text))
        return outcome_of(await self.http.post("/help/link/replace/", data=fields))

    async def sign_out(self) -> None:
        token = TOKEN.search((await self.http.get("/")).text)
        assert token
        answer = await self.http.post("/sign-out/", data={"csrfmiddlewaretoken": token[1]})
        assert "You’re signed out" in answer.text

    async def step(self) -> None:
        write = self.writes and len(self.steps) % 4 == 3
        began = time.monotonic()
        try:
            outcome = await (self.write() if write else self.look())
        except httpx.TransportError as error:
            outcome = f"{type(error).__name__}: {error}"
        self.steps.append(Step(write, began, time.monotonic(), outcome))


def outcome_of(answer: httpx.Response) -> str:
    text = answer.text
    for words, outcome in (
        ("Contact details saved.", "saved"),
        ("The new contact details were sent.", "sent"),
        ("You’re signed out", "signed out"),
        ("Use the link from your building", "signed out"),
        ("We’re busy ", "busy"),
    ):
        if words in text:
            return outcome
    return "page" if answer.status_code == 200 and PAGE.search(text) else f"{answer.status_code}"


GOOD = ("page", "saved", "sent")


class Crowd:
    """So many residents at work, for as long as the context lasts. Half of them change things."""

    def __init__(self, url: str, size: int = 20) -> None:
        homes = [home for home in seeds.homes() if home.shows != "portal API not allowed"]
        # Of the residents of a home only one writes, so that what is read back is its own.
        self.members = [
            Member(url, homes[n % len(homes)], n, n < len(homes) and writable(homes[n]))
            for n in range(size)
        ]

    async def __aenter__(self) -> Self:
        await asyncio.gather(*(member.sign_in() for member in self.members))
        self.over = False
        self.tasks = [asyncio.create_task(self.work(member)) for member in self.members]
        await self.goes_on()
        return self

    async def work(self, member: Member) -> None:
        await asyncio.sleep(PAUSE * member.number / len(self.members))
        while not self.over:
            await member.step()
            await asyncio.sleep(PAUSE)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.rest()
        for member in self.members:
            await member.http.aclose()

    async def rest(self) -> None:
        """Lets everybody end what is under way."""
        self.over = True
        await asyncio.gather(*self.tasks)

    async def goes_on(self, steps: int = 3) -> None:
        """Waits until everybody has had this many more requests answered well."""
        goals = [good(member) + steps for member in self.members]

        def reached() -> bool:
            for task in self.tasks:
                if task.done():
                    task.result()
            return all(good(m) >= goal for m, goal in zip(self.members, goals, strict=True))

        await until(reached)

    @property
    def steps(self) -> list[Step]:
        return [step for member in self.members for step in member.steps]

    @property
    def failures(self) -> list[Step]:
        return [step for step in self.steps if step.outcome not in GOOD]

    @property
    def writes(self) -> list[Step]:
        return [step for step in self.steps if step.write]


def good(member: Member) -> int:
    return sum(1 for step in member.steps if step.outcome in GOOD)


def writable(home: seeds.Home) -> bool:
    return home.unit.status == "ENABLED" and home.unit.contact is not None
