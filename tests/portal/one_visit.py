"""One visit to the portal as its environment has it: sign in, look, sign out; told as JSON.

A process of its own, for settings are read once. Standard output has the answers and what the
database held; standard error has the portal's own log.
"""

import asyncio
import json
import re
import sys
from typing import Any
from urllib.parse import quote

import django
import httpx


async def visit(base: str) -> dict[str, Any]:
    from common import redis, upstream
    from common.models import Session
    from portal.asgi import application
    from ruckus.wire import Upstream
    from sandbox import seeds
    from sandbox.app import create_app
    from sandbox.state import State

    app = create_app(State())
    upstream.make_upstream = lambda: Upstream("http://sandbox", transport=httpx.ASGITransport(app))
    home = seeds.homes()[0]
    steps: list[dict[str, Any]] = []
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(application), base_url=base
    ) as browser:

        async def step(method: str, path: str, **data: str) -> httpx.Response:
            headers = {"Referer": f"{base}/"} if data else {}
            answer = await browser.request(method, path, data=data or None, headers=headers)
            steps.append(
                {
                    "path": path if home.secret not in path else "a link",
                    "status": answer.status_code,
                    "headers": answer.headers.multi_items(),
                    "heading": "".join(re.findall("<h1>(.*?)</h1>", answer.text)),
                    "sessions": [
                        [str(value) for value in row.values()]
                        async for row in Session.objects.values()
                    ],
                }
            )
            return answer

        def token(page: httpx.Response) -> str:
            return re.findall('name="csrfmiddlewaretoken" value="([^"]+)"', page.text)[0]

        page = await step("GET", f"/p/{home.property_id}/{quote(home.secret, safe='')}/")
        await step(
            "POST",
            f"/p/{home.property_id}/",
            csrfmiddlewaretoken=token(page),
            secret=home.secret,
        )
        page = await step("GET", "/")
        cookies = dict(browser.cookies)
        await step("POST", "/sign-out/", csrfmiddlewaretoken=token(page))
        for name, value in cookies.items():
            browser.cookies.set(name, value)
        await step("GET", "/contact/")
        if base.startswith("https:"):
            # Plain HTTP is sent to HTTPS; the platform's probe is not.
            plain = base.replace("https:", "http:")
            await step("GET", f"{plain}/help/")
            await step("GET", f"{plain}/healthz/")
    await upstream.close_upstream()
    await redis.close()
    return {"steps": steps, "cookies": cookies, "secrets": [home.secret, *app.state.sandbox.tokens]}


def main() -> None:
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    # The names that collectstatic gives are another test's.
    storage = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES = {"staticfiles": {"BACKEND": storage}}
    call_command("migrate", interactive=False, verbosity=0)
    json.dump(asyncio.run(visit(sys.argv[1])), sys.stdout)


if __name__ == "__main__":
    main()
