"""Residents of one property who all sign in within a minute.

Reads a job as JSON from standard input, writes what came of it to standard output: `residents` come
evenly over `seconds`, each from an address of its own, open the page to sign in at, send their access
code, and see their home. A wait is from the first request to the last byte of the home's page. Run as
`python -m bench.storm`.
"""

import asyncio
import json
import re
import sys
import time
from collections import Counter
from typing import Any

import httpx

from bench import data

FIELD = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
PATIENCE = 120.0


async def sign_in(url: str, home: int) -> str | None:
    """Return what went wrong for a resident, if anything did."""
    address = f"10.{home >> 16 & 255}.{home >> 8 & 255}.{home & 255}"
    headers = {"X-Forwarded-For": address, "Origin": url}
    # To load the certificates of the world for each would take longer than all of this.
    async with httpx.AsyncClient(
        base_url=url, headers=headers, timeout=PATIENCE, trust_env=False, verify=False
    ) as browser:
        door = f"/p/{data.property_id(0)}/"
        form = await browser.get(door)
        token = FIELD.search(form.text)
        if form.status_code != 200 or not token:
            return f"the form: status {form.status_code}"
        code = f"code-of-home-{home:08d}"
        sent = {"csrfmiddlewaretoken": token[1], "secret": code}
        answer = await browser.post(door, data=sent)
        if answer.status_code != 302:
            return f"the code: status {answer.status_code}"
        page = await browser.get(answer.headers["Location"])
        if page.status_code != 200:
            return f"the home: status {page.status_code}"
        return None if data.shows(page.content, home) else "wrong page"


async def storm(job: dict[str, Any]) -> dict[str, Any]:
    waits: list[float] = []
    errors: Counter[str] = Counter()
    began = time.perf_counter()

    async def resident(home: int) -> None:
        await asyncio.sleep(job["seconds"] * home / job["residents"])
        start = time.perf_counter()
        try:
            fault = await sign_in(job["url"], home)
        except httpx.TransportError as error:
            fault = type(error).__name__
        waits.append(time.perf_counter() - start)
        if fault:
            errors[fault] += 1

    await asyncio.gather(*map(resident, range(job["residents"])))
    took = time.perf_counter() - began
    waits.sort()
    return {
        "residents": job["residents"],
        "seconds": job["seconds"],
        "took_seconds": round(took, 1),
        "p50_ms": round(1000 * waits[len(waits) // 2]),
        "p95_ms": round(1000 * waits[int(0.95 * len(waits))]),
        "longest_ms": round(1000 * waits[-1]),
        "errors": errors.total(),
        "kinds_of_error": dict(errors),
    }


if __name__ == "__main__":
    json.dump(asyncio.run(storm(json.load(sys.stdin))), sys.stdout)
