import asyncio
from typing import Any

import httpx
import pytest

from sandbox import seeds
from sandbox.app import create_app
from sandbox.state import State


class Clock:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Caller:
    """Calls the sandbox in this process, as a stranger or, after `sign_in`, as a resident."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.state: State = app.state.sandbox
        self.home = seeds.homes()[0]
        self.headers: dict[str, str] = {}

    def sign_in(self, home: seeds.Home) -> "Caller":
        other = Caller(self.app)
        other.home = home
        answer = other.post("/units/logins", json={"hashedSecret": home.secret})
        assert answer.status_code == 200
        other.headers = {"Authorization": f"Bearer {answer.json()['token']}"}
        return other

    def send(self, method: str, path: str, *, whole: bool = False, **more: Any) -> httpx.Response:
        """The answer; `path` is below the home's property unless it is the whole of it."""

        async def call() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as http:
                headers = self.headers | more.pop("headers", {})
                url = path if whole else f"/residents/properties/{self.home.property_id}{path}"
                return await http.request(method, url, headers=headers, **more)

        return asyncio.run(call())

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.send("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.send("POST", path, **more)

    def put(self, path: str, **more: Any) -> httpx.Response:
        return self.send("PUT", path, **more)

    def delete(self, path: str, **more: Any) -> httpx.Response:
        return self.send("DELETE", path, **more)

    def users(self, **query: Any) -> list[dict[str, Any]]:
        answer = self.post("/units/users/query", json={"pageSize": 100} | query)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["content"]
        return found

    def user(self, kind: str) -> dict[str, Any]:
        return next(user for user in self.users() if user["type"] == kind)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def app() -> Any:
    return create_app()


@pytest.fixture
def stranger(app: Any, clock: Clock) -> Caller:
    app.state.sandbox = State(clock=clock)
    return Caller(app)


def _home(name: str) -> seeds.Home:
    return next(home for home in seeds.homes() if home.shows == name)


@pytest.fixture
def home() -> Any:
    """Finds a seeded home by what it shows."""
    return _home


@pytest.fixture
def resident(stranger: Caller) -> Caller:
    """The resident of the home with full branding."""
    return stranger.sign_in(_home("full branding"))
