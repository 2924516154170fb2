from typing import Any

import httpx
import pytest

from sandbox.management.accounts import ADMINISTRATOR, DELEGATE, READ_ONLY, Account
from sandbox.seeds import BRANDED
from tests.sandbox.conftest import Caller

QUERY = {"page": 1, "pageSize": 100, "sortOrder": "ASC", "sortField": "name"}
HAL = "application/hal+json"
VENUE = BRANDED.id.replace("-", "")


class Staff:
    """Calls the management API as an account does."""

    def __init__(self, caller: Caller, account: Account, customer: str | None = None) -> None:
        self.caller = caller
        self.account = account
        self.headers = {"Accept": f"{HAL}, application/json"} | (
            {"x-rks-tenantid": customer} if customer else {}
        )

    @property
    def management(self) -> Any:
        return self.caller.state.management

    def sign_in(self) -> "Staff":
        answer = self.ask_for_token()
        assert answer.status_code == 200
        self.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return self

    def ask_for_token(self, tenant_id: str | None = None, **changed: str) -> httpx.Response:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.account.client_id,
            "client_secret": self.account.client_secret,
        }
        path = f"/oauth2/token/{tenant_id or self.account.tenant_id}"
        return self.caller.send("POST", path, whole=True, data=form | changed)

    def send(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = self.headers | more.pop("headers", {})
        return self.caller.send(method, path, whole=True, headers=headers, **more)

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.send("GET", path, **more)

    def units(self, venue: str = VENUE, **changed: Any) -> httpx.Response:
        query = {k: v for k, v in (QUERY | changed).items() if v is not None}
        return self.send("POST", f"/venues/{venue}/units/query", json=query)

    def names(self, **changed: Any) -> list[str]:
        answer = self.units(**changed)
        assert answer.status_code == 200, answer.text
        return [unit["name"] for unit in answer.json()["content"]]

    def control(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self.caller.send(method, f"/_sandbox/management/{path}", whole=True, **more)

    def switch(self, **switches: Any) -> None:
        answer = self.control("PATCH", "switches", json=switches)
        assert answer.status_code == 200, answer.text


@pytest.fixture
def staff(stranger: Caller) -> Staff:
    """An administrator of all properties."""
    return Staff(stranger, ADMINISTRATOR).sign_in()


@pytest.fixture
def reader(stranger: Caller) -> Staff:
    """An account that may only read."""
    return Staff(stranger, READ_ONLY).sign_in()


@pytest.fixture
def provider(stranger: Caller) -> Staff:
    """A service provider, who names no customer."""
    return Staff(stranger, DELEGATE).sign_in()
