"""What the pages weigh in a browser, and how long a slow phone takes."""

import re
import shutil
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench import data


def chromium() -> str | None:
    names = ("chromium", "chromium-browser", "chrome", "chromium-headless-shell")
    return next(filter(None, map(shutil.which, names)), None)


# A bad connection in an elevator; CDP counts in bytes and milliseconds.
SLOW_NETWORK = {
    "offline": False,
    "latency": 400,
    "downloadThroughput": 400_000 / 8,
    "uploadThroughput": 400_000 / 8,
}
PAINTED = "() => performance.getEntriesByName('first-contentful-paint').length > 0"
SCREEN = {"width": 390, "height": 844}


class Wire:
    """The requests of a page that went over the wire, headers included, as the browser counts them."""

    def __init__(self, page: Any) -> None:
        self.names: dict[str, str] = {}
        self.sizes: list[tuple[str, int]] = []
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.responseReceived", self.received)
        session.on("Network.loadingFinished", self.finished)

    def received(self, event: Any) -> None:
        self.names[event["requestId"]] = re.sub(r"^https?://[^/]*", "", event["response"]["url"])

    def finished(self, event: Any) -> None:
        # What came from the cache has none.
        if event["encodedDataLength"]:
            name = self.names.get(event["requestId"], "?")
            self.sizes.append((name, round(event["encodedDataLength"])))

    def take(self) -> dict[str, Any]:
        """Return what there was since the last time."""
        sizes, self.sizes = self.sizes, []
        total = sum(size for _, size in sizes)
        return {"bytes": total, "requests": len(sizes), "each": dict(sizes)}


@contextmanager
def phones() -> Iterator[Any]:
    """Yield a browser whose contexts are phones, or None where there is no Chromium."""
    from playwright.sync_api import sync_playwright

    path = chromium()
    if path is None:
        yield None
        return
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


def weigh(url: str, cookie: str) -> dict[str, Any]:
    """Return the bytes and requests of a first visit to the home page, a repeat, and fragments."""
    pairs = [pair.partition("=") for pair in cookie.partition(": ")[2].split("; ")]
    with phones() as browser:
        if browser is None:
            return {"note": "no Chromium on this machine"}
        context = browser.new_context(viewport=SCREEN)
        context.add_cookies(
            [{"name": name, "value": value, "url": url} for name, _, value in pairs]
        )
        page = context.new_page()
        wire = Wire(page)
        page.goto(url, wait_until="networkidle")
        found = {"first visit": with_icon(wire.take(), url, page)}
        page.goto(url, wait_until="networkidle")
        found["repeat visit"] = wire.take()
        for words in ("Devices", "QR code", "Help"):
            page.get_by_role("link", name=words, exact=True).first.click()
            page.wait_for_load_state("networkidle")
            page.wait_for_timeout(300)
            found[f"fragment: {words}"] = wire.take()
            page.goto(url, wait_until="networkidle")
            wire.take()
    return found


def slow_phone(url: str, home: int, passphrase: str) -> dict[str, Any]:
    """Return the seconds from the tap on a home's link, in a browser that has never been here."""
    link = f"{url}/p/{data.property_id(home)}/code-of-home-{home:08d}/"
    with phones() as browser:
        if browser is None:
            return {"note": "no Chromium on this machine"}
        page = browser.new_context(viewport=SCREEN).new_page()
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", SLOW_NETWORK)
        session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
        found = {}
        began = time.monotonic()

        def sees(name: str, part: Any) -> None:
            """Wait for a part of the page and for its first paint, which the style sheet holds up."""
            part.wait_for()
            page.wait_for_function(PAINTED)
            found[name] = round(time.monotonic() - began, 2)

        page.goto(link, wait_until="commit")
        button = page.get_by_role("button", name="Open my Wi\N{NON-BREAKING HYPHEN}Fi")
        sees("welcome page", button)
        button.click(no_wait_after=True)
        show = page.get_by_role("button", name="Show passphrase").first
        sees("home page", show)
        show.click(no_wait_after=True)
        sees("passphrase", page.locator("code.code:visible", has_text=passphrase))
    return found


def with_icon(visit: dict[str, Any], url: str, page: Any) -> dict[str, Any]:
    """Add the icon, which a browser without a window does not ask for."""
    icon = page.locator("link[rel=icon]").first.get_attribute("href")
    if icon in visit["each"]:
        return visit
    request = urllib.request.Request(url + icon, headers={"Accept-Encoding": "br, gzip"})
    with urllib.request.urlopen(request) as answer:
        size = len(answer.read()) + len(str(answer.headers)) + 17
    visit["each"][icon] = size
    visit["bytes"] += size
    visit["requests"] += 1
    return visit
