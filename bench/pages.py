"""What the pages weigh in a browser, and what Lighthouse makes of them."""

import json
import os
import re
import shutil
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

from bench import data
from bench.servers import ROOT

LIGHTHOUSE = "lighthouse@13"
TOOLS = ROOT / "var" / "bench"
PAGES = {
    "welcome": f"/p/{data.property_id(0)}/",
    "home": "/",
    "devices": f"/wifi/unit/{data.user_id(0, 0)}/devices/",
    "person": f"/wifi/linked/{data.user_id(0, 2)}/",
    "reset": f"/wifi/unit/{data.user_id(0, 0)}/reset/",
    "connect": f"/wifi/unit/{data.user_id(0, 0)}/connect/",
    "letters": f"/wifi/unit/{data.user_id(0, 0)}/letters/",
    "contact": "/contact/",
    "help": "/help/",
}


def chromium() -> str | None:
    names = ("chromium", "chromium-browser", "chrome", "chromium-headless-shell")
    return next(filter(None, map(shutil.which, names)), None)


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


def weigh(url: str, cookie: str) -> dict[str, Any]:
    """Return the bytes and requests of a first visit to the home page, a repeat, and fragments."""
    from playwright.sync_api import sync_playwright

    path = chromium()
    if path is None:
        return {"note": "no Chromium on this machine"}
    pairs = [pair.partition("=") for pair in cookie.partition(": ")[2].split("; ")]
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 390, "height": 844})
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
        browser.close()
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


def lighthouse(url: str, cookie: str) -> dict[str, Any]:
    """Return Lighthouse's performance scores (0 to 100) for a phone, or why there are none."""
    path, npm = chromium(), shutil.which("npm")
    if path is None or npm is None:
        return {"note": "Chromium or npm is missing"}
    program = TOOLS / "node_modules" / ".bin" / "lighthouse"
    if not program.exists():
        TOOLS.mkdir(parents=True, exist_ok=True)
        command = [npm, "install", "--no-save", "--no-audit", "--no-fund", "--prefix", str(TOOLS)]
        done = subprocess.run(
            [*command, LIGHTHOUSE], capture_output=True, text=True, timeout=240, check=False
        )
        if done.returncode:
            return {"note": "npm could not install lighthouse: " + done.stderr.strip()[-200:]}
    scores: dict[str, Any] = {}
    for name, address in PAGES.items():
        scores[name] = score(str(program), path, url + address, cookie)
    return {"scores": scores, "version": LIGHTHOUSE}


def score(program: str, browser: str, address: str, cookie: str) -> dict[str, Any]:
    headers = json.dumps({"Cookie": cookie.partition(": ")[2]})
    done = subprocess.run(
        [
            program,
            address,
            "--quiet",
            "--output=json",
            "--only-categories=performance",
            "--chrome-flags=--headless=new --no-sandbox",
            f"--extra-headers={headers}",
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "CHROME_PATH": browser},
    )
    if done.returncode:
        return {"note": done.stderr.strip()[-200:]}
    report = json.loads(done.stdout)
    audits = report["audits"]
    return {
        "performance": round(100 * (report["categories"]["performance"]["score"] or 0)),
        "first_paint_ms": round(audits["first-contentful-paint"]["numericValue"]),
        "largest_paint_ms": round(audits["largest-contentful-paint"]["numericValue"]),
        "blocking_ms": round(audits["total-blocking-time"]["numericValue"]),
        "layout_shift": round(audits["cumulative-layout-shift"]["numericValue"], 3),
        "bytes": round(audits["total-byte-weight"]["numericValue"]),
        "address": Path(address).name,
    }
