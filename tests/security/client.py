"""A browser over a plain socket, behind what pretends to be a proxy that speaks TLS."""

from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from sandbox.seeds import Home
from tests.residents import html


class Answer:
    """What came back, with its forms."""

    def __init__(self, response: httpx.Response, path: str) -> None:
        self.path = path
        self.status = response.status_code
        self.headers = response.headers
        self.body = response.content
        self.text = response.text

    @property
    def root(self) -> html.Node:
        return html.parse(self.text)

    def form(self, button: str) -> html.Node:
        """The form with this button."""
        forms = self.root.all("form")
        return next(f for f in forms if any(b.words == button for b in f.all("button")))


class Client:
    """Keeps cookies as a browser would, and remembers every header field that it was sent."""

    def __init__(self, url: str, **headers: str) -> None:
        self.http = httpx.Client(base_url=url, trust_env=False, timeout=30)
        self.origin = url.replace("http:", "https:")
        self.headers = {"X-Forwarded-Proto": "https", **headers}
        self.cookies: dict[str, str] = {}
        self.seen: list[str] = []

    def send(self, method: str, path: str, data: Any = None, **headers: str) -> Answer:
        sent = {**self.headers, **headers}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if method == "POST":
            sent["Origin"] = self.origin
        response = self.http.request(method, path, data=data, headers=sent)
        # The client must not keep them: it would never send a Secure cookie to this address.
        self.http.cookies.clear()
        for line in response.headers.get_list("Set-Cookie"):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
                if morsel["max-age"] == "0" or not morsel.value:
                    del self.cookies[name]
        self.seen += [f"{name}: {value}" for name, value in response.headers.multi_items()]
        return Answer(response, path)

    def get(self, path: str, **headers: str) -> Answer:
        return self.send("GET", path, **headers)

    def submit(self, page: Answer, button: str, **typed: str) -> Answer:
        """Press the button of a form, with these fields filled in."""
        form = page.form(button)
        action = urljoin(page.path, form.attrs.get("action") or page.path)
        method = form.attrs.get("method", "get").upper()
        return self.send(method, action, html.values(form) | typed)

    def follow(self, answer: Answer) -> Answer:
        assert answer.status == 302, (answer.status, answer.text[:500])
        return self.get(urlsplit(answer.headers["Location"]).path)

    def try_code(self, property_id: str, code: str) -> Answer:
        """Type an access code into the property's welcome page."""
        page = self.get(f"/p/{property_id}/")
        return self.submit(page, "Open my Wi-Fi", secret=code)

    def sign_in(self, home: Home) -> Answer:
        """The home page."""
        return self.follow(self.try_code(home.property_id, home.secret))

    def close(self) -> None:
        self.http.close()
