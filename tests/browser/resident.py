"""A resident with a browser: what the tests do on the pages, in the words of the pages."""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Response, expect

from sandbox.seeds import Home, homes

HOMES = {home.shows: home for home in homes()}
FULL = HOMES["full branding"]
PLAIN = HOMES["no portal profile"]


@dataclass(frozen=True)
class Mode:
    """A screen, and whether scripts run."""

    width: int
    height: int
    script: bool

    @property
    def options(self) -> dict[str, Any]:
        """What a browser context of this mode is made with."""
        return {
            "viewport": {"width": self.width, "height": self.height},
            "java_script_enabled": self.script,
            "has_touch": self.width < 500,
            "locale": "en-US",
            "timezone_id": "America/New_York",
        }


MODES = {
    "phone": Mode(390, 844, True),
    "phone-without-script": Mode(390, 844, False),
    "desktop": Mode(1280, 800, True),
    "desktop-without-script": Mode(1280, 800, False),
    "narrow": Mode(320, 640, True),
}


def written(words: str) -> str:
    """Words as the pages write them: the hyphen of "Wi-Fi" doesn't break."""
    return words.replace("Wi-Fi", "Wi\N{NON-BREAKING HYPHEN}Fi")


def link(home: Home) -> str:
    """The path of the link that opens the home."""
    return f"/p/{home.property_id}/{quote(home.secret, safe='')}/"


def code_page(home: Home) -> str:
    """The path of the page that asks for the home's access code."""
    return f"/p/{home.property_id}/"


def name_of(kind: str, index: int = 0, home: Home = FULL) -> str:
    """The id of the home's first (or next) unit user of this type."""
    return [user.id for user in home.unit.users if user.type == kind][index]


UNIT, GUEST = name_of("UNIT"), name_of("GUEST")
RILEY, DEVON = name_of("LINKED", 0), name_of("LINKED", 1)


@dataclass
class Resident:
    """One person with one browser context, and what the browser complained of."""

    context: BrowserContext
    page: Page
    url: str
    mode: Mode
    # What was asked and answered, for all residents of the session together.
    traffic: list[Response]
    # The statuses above 399 that the test is about.
    expected: set[int] = field(default_factory=set)
    offline: bool = False
    complaints: list[str] = field(default_factory=list)
    statuses: list[tuple[int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.set_default_timeout(20_000)
        self.context.on("console", self._complain)
        self.context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        self.context.on("response", self._answered)

    def _complain(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _answered(self, response: Response) -> None:
        self.traffic.append(response)
        if response.status >= 400:
            self.statuses.append((response.status, response.url))

    @property
    def script(self) -> bool:
        """Whether scripts run in this browser."""
        return self.mode.script

    def expect_status(self, *statuses: int) -> None:
        """Answers with these statuses are what the test is about."""
        self.expected.update(statuses)

    def go_offline(self) -> None:
        """The network is gone until `go_online`."""
        self.offline = True
        self.context.set_offline(True)

    def go_online(self) -> None:
        """The network is back."""
        self.context.set_offline(False)

    def unexpected(self) -> list[str]:
        """What went wrong in the browser and was not part of the test."""
        allowed = [f"status of {status} " for status in self.expected]
        allowed += [f"Response Status Error Code {status} from " for status in self.expected]
        if self.offline:
            # htmx logs the failed request and its end.
            allowed += ["net::ERR_INTERNET_DISCONNECTED", "htmx:sendError", "htmx:afterRequest"]
        found = [f"{status} {url}" for status, url in self.statuses if status not in self.expected]
        found += [text for text in self.complaints if not any(part in text for part in allowed)]
        return found

    # Going places

    def go(self, path: str = "/") -> Response:
        """Open an address of the portal."""
        answer = self.page.goto(self.url + path)
        assert answer is not None
        return answer

    def open_link(self, home: Home) -> None:
        """Come in by the home's link, as a person does; ends on the home page."""
        self.go(link(home))
        self.press("Open my Wi-Fi")
        self.is_at("/")

    def sign_in(self, home: Home = FULL) -> None:
        """Come in without looking at the welcome page, which takes less time; ends at home."""
        form = self.context.request.get(self.url + code_page(home)).text()
        token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', form)
        assert token is not None
        values = {"csrfmiddlewaretoken": token[1], "secret": home.secret}
        answer = self.context.request.post(self.url + code_page(home), form=values, max_redirects=0)
        assert answer.status == 302
        self.go("/")

    def is_at(self, path: str) -> None:
        """The address is this one."""
        expect(self.page).to_have_url(self.url + path)

    @property
    def path(self) -> str:
        """Where the resident is, without the portal's address."""
        return self.page.url.removeprefix(self.url)

    # On a page

    def heading(self, words: str | re.Pattern[str]) -> Locator:
        """The h1 with these words."""
        name = written(words) if isinstance(words, str) else words
        return self.page.get_by_role("heading", level=1, name=name, exact=isinstance(words, str))

    def reads(self, words: str) -> None:
        """These words can be seen; they stand once in sight."""
        # A property writes its own texts with the usual hyphen.
        either = re.compile(re.escape(words).replace(r"Wi\-Fi", "Wi[-\N{NON-BREAKING HYPHEN}]Fi"))
        found = self.page.get_by_text(either).and_(self.page.locator(":not(#said)"))
        expect(found).to_be_visible()

    def section(self, title: str) -> Locator:
        """The section of the Wi-Fi with this title."""
        return self.page.get_by_role("region", name=written(title), exact=True)

    def press(self, name: str, within: Locator | None = None) -> None:
        """Press the button or follow the link with this name."""
        root = within or self.page
        name = written(name)
        root.get_by_role("button", name=name, exact=True).or_(
            root.get_by_role("link", name=name, exact=True)
        ).click()

    def fill(self, label: str, words: str) -> None:
        """Type into a field, once the page has the focus where it wants it."""
        expect(self.page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)
        self.page.get_by_label(label).fill(words)

    def passphrase(self, title: str) -> Locator:
        """The passphrase of a section, as the page shows it in clear."""
        return self.section(title).locator("code.code")

    def summary(self) -> Locator:
        """The box on top of a form that says what is wrong."""
        return self.page.locator(".summary")

    def visit(self, title: str) -> Locator:
        """Go where the section with this title is: on the home page, or on a person's own."""
        self.go("/")
        if not title.endswith(" Wi-Fi"):
            self.press(title)
            expect(self.heading(title)).to_be_visible()
        return self.section(title)

    def change(self, title: str, name: str) -> None:
        """Follow a link that lies behind "Change passphrase" of a section."""
        section = self.visit(title)
        section.locator("summary", has_text="Change passphrase").click()
        self.press(name, section)

    def open_devices(self, title: str) -> Locator:
        """Open the device list of a section, and return where it is shown."""
        self.press("Devices", self.visit(title))
        lists = self.page.locator("section[id^=devices-]")
        shown = lists.filter(has=self.page.get_by_role("heading", name=written(title)))
        expect(shown).to_be_visible()
        return shown

    def said(self) -> Locator:
        """What a screen reader was told last."""
        return self.page.locator("#said")

    def focused(self) -> Locator:
        """What has the focus."""
        return self.page.locator(":focus")
