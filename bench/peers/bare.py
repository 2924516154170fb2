"""The home page as FastAPI, Jinja2 and aiohttp make it, with nothing around it.

No session (the token stands in the cookie), no encryption, CSRF, CSP, i18n, cache, breaker or log.
Its template is the portal's own page with the values of a home taken out (see bench/markup.py).
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import jinja2
from fastapi import Cookie, FastAPI
from fastapi.responses import HTMLResponse

API = os.environ["RUCKUS_API_URL"]
template = jinja2.Environment(autoescape=True, keep_trailing_newline=True).from_string(
    Path(os.environ["BENCH_TEMPLATE"]).read_text()
)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, aiohttp.ClientSession]]:
    app.state.http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
    yield {}
    await app.state.http.close()


application = FastAPI(lifespan=lifespan)


@application.get("/healthz/")
async def health() -> str:
    return "ok"


@application.get("/")
async def home(token: str = Cookie(), property_id: str = Cookie()) -> HTMLResponse:
    base = f"{API}/residents/properties/{property_id}"
    headers = {"Authorization": f"Bearer {token}"}
    http: aiohttp.ClientSession = application.state.http

    async def unit() -> dict[str, object]:
        async with http.get(f"{base}/units", headers=headers) as answer:
            return await answer.json(content_type=None)

    async def users() -> dict[str, object]:
        query = {"page": 0, "pageSize": 100}
        async with http.post(f"{base}/units/users/query", headers=headers, json=query) as answer:
            return await answer.json(content_type=None)

    found, page = await asyncio.gather(unit(), users())
    return HTMLResponse(template.render(unit=found, users=page["content"]))
