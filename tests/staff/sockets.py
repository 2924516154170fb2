"""A browser of staff's in front of a portal that is a process of its own."""

from typing import Any

import httpx
from django.conf import settings

from tests.residents.browser import View
from tests.staff.browser import StaffBrowser


class SocketBrowser(StaffBrowser):
    """Opens the pages of a portal at an address; to be left when it is done."""

    def __init__(self, url: str) -> None:
        super().__init__()
        # Paper and files take as long as the vendor's pace for bulk reads wants.
        self.http = httpx.AsyncClient(base_url=url, trust_env=False, timeout=120)

    async def __aenter__(self) -> "SocketBrowser":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    @property
    def cookie(self) -> str:
        return str(self.http.cookies.get(settings.STAFF_COOKIE_NAME) or "")

    async def send(self, method: str, path: str, data: Any = None, **headers: str) -> View:
        had_session = bool(self.cookie)
        files = {}
        if data is not None:
            files = {name: value for name, value in data.items() if isinstance(value, tuple)}
            data = {name: value for name, value in data.items() if name not in files}
        content = {"params": data} if method == "GET" and data else {"data": data}
        response = await self.http.request(
            method, path, files=files or None, headers=headers or None, **content
        )
        return View(response, path, signed_in=had_session, fragment="HX-Request" in headers)
