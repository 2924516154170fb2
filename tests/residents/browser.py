"""A resident's browser without JavaScript, or with htmx's headers, in front of the whole portal."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpResponse
from django.test import AsyncClient

from sandbox import seeds
from tests.residents import html

POLICY = {
    "default-src": {"'none'"},
    "script-src": {"'self'"},
    "style-src": {"'self'"},
    "img-src": {"'self'"},
    "connect-src": {"'self'"},
    "manifest-src": {"'self'"},
    "form-action": {"'self'"},
    "base-uri": {"'none'"},
    "frame-ancestors": {"'none'"},
}
FOR_ALL = ("/healthz/", "/robots.txt")
HTMX = {"HX-Request": "true"}


def policy_of(response: HttpResponse) -> dict[str, set[str]]:
    """The content security policy; its order means nothing and changes with each process."""
    directives = response.headers["Content-Security-Policy"].split(";")
    return {words[0]: set(words[1:]) for words in (each.split() for each in directives)}


async def whole(streamed: Any) -> HttpResponse:
    """An answer that comes bit by bit, once all of it is there."""
    content = b"".join([part async for part in streamed])
    response = HttpResponse(content, status=streamed.status_code, headers=streamed.headers)
    response.cookies = streamed.cookies
    return response


class View:
    """An answer of the portal, checked as any answer of it can be."""

    def __init__(self, response: Any, path: str, *, signed_in: bool, fragment: bool) -> None:
        self.response = response
        self.path = path
        self.status: int = response.status_code
        self.headers = response.headers
        self.content: bytes = response.content
        self.fragment = fragment
        self.root = html.Node("", {})
        self.check_headers(signed_in)
        if self.content and self.headers["Content-Type"].startswith("text/html"):
            self.root = html.parse(self.text)
            html.check(self.root, fragment=fragment, nonce=self.nonce)

    def check_headers(self, signed_in: bool) -> None:
        assert self.headers["X-Content-Type-Options"] == "nosniff"
        assert self.headers["X-Frame-Options"] == "DENY"
        assert self.headers["Referrer-Policy"] == "same-origin"
        assert self.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert self.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "camera=()" in self.headers["Permissions-Policy"]
        assert self.headers["X-Request-Id"].isalnum()
        policy = policy_of(self.response)
        self.nonce = next(
            (
                source[len("'nonce-") : -1]
                for source in policy["style-src"]
                if source.startswith("'nonce-")
            ),
            None,
        )
        policy["style-src"].discard(f"'nonce-{self.nonce}'")
        assert policy == POLICY
        if self.headers["Content-Type"] != "image/png":
            assert "no-store" in self.headers["Cache-Control"]
        # Other refusals are the same for everybody.
        if signed_in and self.status in (200, 302, 401, 409, 422, 503):
            assert "Cookie" in self.headers["Vary"]
        if self.status == 503:
            assert int(self.headers["Retry-After"]) > 0

    @property
    def text(self) -> str:
        return self.content.decode()

    @property
    def words(self) -> str:
        """What can be read in the page's main part, or in all of a fragment."""
        mains = self.root.all("main")
        return (mains[0] if mains else self.root).words

    @property
    def title(self) -> str:
        return self.root.one("title").words

    @property
    def heading(self) -> str:
        return self.root.one("h1").words

    @property
    def location(self) -> str:
        return self.headers.get("Location", "")

    def form(self, button: str) -> html.Node:
        """The form with this button."""
        found = [
            form
            for form in self.root.all("form")
            if any(each.words == button for each in form.all("button"))
        ]
        assert len(found) == 1, f"{len(found)} forms with {button!r} on {self.path}"
        return found[0]

    def link(self, words: str) -> str:
        """Where the link with these words leads."""
        found = {node.attrs["href"] for node in self.root.all("a") if node.words == words}
        assert len(found) == 1, f"{found} with {words!r} on {self.path}"
        return found.pop()

    def title_of(self, section: html.Node) -> str:
        """What a section is called."""
        (named,) = self.root.all(id=section.attrs["aria-labelledby"])
        return named.words

    def section(self, title: str) -> html.Node:
        """The section with this name."""
        found = [
            section
            for section in self.root.all("section", "aside", aria_labelledby=True)
            if self.title_of(section) == title
        ]
        assert len(found) == 1, f"{len(found)} sections {title!r} on {self.path}"
        return found[0]

    @property
    def sections(self) -> list[str]:
        return [
            self.title_of(node)
            for node in self.root.all("section")
            if "wifi" in node.attrs.get("class", "").split()
        ]

    @property
    def devices(self) -> dict[str, html.Node]:
        """The rows of devices by what tells each of them from all others."""
        return {
            " ".join(
                part.words for part in row.all("strong", "span") if self.names_device(part)
            ): row
            for row in self.root.all("li", "div")
            if row.attrs.get("class") == "row" and row.all("strong")
        }

    @staticmethod
    def names_device(part: html.Node) -> bool:
        return part.tag == "strong" or "mac" in part.attrs.get("class", "").split()

    @property
    def brand(self) -> str:
        """What the header calls the property, in words or as its logo."""
        shown = self.root.one("p", class_="brand")
        return shown.words or shown.one("img").attrs["alt"]

    @property
    def people(self) -> list[str]:
        """The people whose pages the page leads to."""
        return [node.words for node in self.root.all("span") if node.attrs.get("class") == "who"]

    @property
    def errors(self) -> list[str]:
        """What the summary on top lists."""
        summaries = [
            n for n in self.root.all("div") if "summary" in n.attrs.get("class", "").split()
        ]
        return [item.words for summary in summaries for item in summary.all("li")]


class Browser:
    """Opens pages, follows links, fills in forms."""

    def __init__(self, agent: str = "", **defaults: Any) -> None:
        self.agent = agent
        self.client = AsyncClient(
            enforce_csrf_checks=True, raise_request_exception=True, **defaults
        )
        self.home: seeds.Home | None = None

    @property
    def cookie(self) -> str:
        """The session cookie, "" without one."""
        morsel = self.client.cookies.get(settings.SESSION_COOKIE_NAME)
        return morsel.value if morsel else ""

    async def send(self, method: str, path: str, data: Any = None, **headers: str) -> View:
        had_session = bool(self.cookie)
        send = getattr(self.client, method.lower())
        if self.agent:
            headers["User-Agent"] = self.agent
        more = {"headers": headers} if headers else {}
        if data is not None:
            more["data"] = data
        response = await send(path, **more)
        if response.streaming:
            response = await whole(response)
        return View(
            response,
            path,
            signed_in=had_session and urlsplit(path).path not in FOR_ALL,
            fragment=headers.get("HX-Request") == "true"
            and headers.get("HX-History-Restore-Request") != "true",
        )

    async def get(self, path: str, **headers: str) -> View:
        return await self.send("GET", path, **headers)

    async def htmx(self, path: str, target: str = "main") -> View:
        """What htmx would be given for this element."""
        return await self.get(path, **HTMX, **{"HX-Target": target})

    async def follow(self, view: View) -> View:
        """Goes where a redirect leads."""
        assert view.status == 302, f"{view.status}: {view.words[:300]}"
        return await self.get(view.location)

    async def submit(self, view: View, button: str, **typed: str) -> View:
        """Presses the button of a form, with these fields filled in."""
        return await self.submit_with(view, button, typed)

    async def submit_with(
        self, view: View, button: str, typed: dict[str, str], headers: dict[str, str] | None = None
    ) -> View:
        form = view.form(button)
        data = html.values(form)
        pressed = next(each for each in form.all("button") if each.words == button)
        if "name" in pressed.attrs:
            data[pressed.attrs["name"]] = pressed.attrs.get("value", "")
        unknown = typed.keys() - data.keys()
        assert not unknown, f"the form has no {unknown}"
        action = form.attrs.get("action") or view.path
        method = form.attrs.get("method", "get").upper()
        return await self.send(method, action, data | typed, **(headers or {}))

    async def sign_in(self, home: seeds.Home) -> View:
        """Opens the link and presses the button; the home page."""
        from urllib.parse import quote

        self.home = home
        page = await self.get(f"/p/{home.property_id}/{quote(home.secret, safe='')}/")
        return await self.follow(await self.submit(page, "Open my Wi-Fi"))
