"""The sandbox as a process of its own, for tests that need a real socket."""

import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

ROOT = Path(__file__).resolve().parent.parent


class SandboxProcess:
    """`python -m sandbox` on a free port, for as long as the context lasts.

    `url` is its address. The methods are its controls (see sandbox/control.py).
    """

    url: str

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sandbox", "--port", "0"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()
        if not self.url:
            raise RuntimeError(f"The sandbox ended with {self.process.wait()}")
        self._http = httpx.Client(base_url=f"{self.url}/_sandbox", trust_env=False, timeout=30)
        self._wait()
        return self

    def _wait(self) -> None:
        end = time.monotonic() + 30
        while True:
            try:
                self._send("GET", "/switches")
            except httpx.TransportError:
                if time.monotonic() > end or self.process.poll() is not None:
                    raise
                time.sleep(0.05)
            else:
                return

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()
        self.stop()

    def stop(self) -> None:
        """Ends the process; from then on connections are refused."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()

    def _send(self, method: str, path: str, **more: Any) -> Any:
        answer = self._http.request(method, path, **more)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def messages(self) -> list[dict[str, str]]:
        """The messages about new links that residents were sent, oldest first."""
        found: list[dict[str, str]] = self._send("GET", "/messages")
        return found

    def reset(self) -> None:
        """Back to the seeds and the default switches."""
        self._send("POST", "/reset")

    def management(self, method: str, path: str, **more: Any) -> Any:
        """One of the controls of the API for staff (see sandbox/management/control.py)."""
        return self._send(method, f"/management/{path}", **more)

    def switches(self, **change: Any) -> dict[str, Any]:
        """Sets these switches; answers with all of them."""
        found: dict[str, Any] = self._send("PATCH", "/switches", json=change)
        return found

    def fault(self, kind: str = "status", **more: Any) -> None:
        """The next `count` calls (of `operation`, of `property`) get this fault."""
        self._send("POST", "/faults", json={"kind": kind, **more})

    def clear_faults(self) -> None:
        """Takes back the faults that have not happened yet."""
        self._send("DELETE", "/faults")

    def calls(self, operation: str | None = None) -> list[dict[str, Any]]:
        """The calls since the last reset, oldest first: all, or those of one operation."""
        found: list[dict[str, Any]] = self._send("GET", "/calls")
        return [call for call in found if operation in (None, call["operation"])]

    def clear_calls(self) -> None:
        """Forgets the calls."""
        self._send("DELETE", "/calls")

    def expire(self) -> None:
        """Ends all tokens."""
        self._send("POST", "/expire")

    def settle(self) -> None:
        """Applies the accepted writes now."""
        self._send("POST", "/settle")

    def stored(self) -> dict[str, list[dict[str, Any]]]:
        """The units, users (with passphrases) and devices as they are stored."""
        found: dict[str, list[dict[str, Any]]] = self._send("GET", "/stored")
        return found

    def tokens(self) -> list[str]:
        """The tokens that open something at the moment."""
        found: list[str] = self._send("GET", "/tokens")
        return found

    def unit(self, guid: str) -> dict[str, Any]:
        """This unit as it is stored."""
        return next(unit for unit in self.stored()["units"] if unit["guid"] == guid)

    def user(self, user_id: str) -> dict[str, Any]:
        """This unit user as it is stored."""
        return next(user for user in self.stored()["users"] if user["userId"] == user_id)

    def devices(self, user_id: str) -> list[dict[str, Any]]:
        """The devices of this unit user as they are stored."""
        return [device for device in self.stored()["devices"] if device["userId"] == user_id]

    def change_property(self, property_id: str, **change: Any) -> None:
        """Changes a property; `profile={...}` changes some of its profile, None takes it away."""
        self._send("POST", f"/properties/{property_id}", json=change)

    def change_unit(self, guid: str, **change: Any) -> None:
        """Changes a unit behind the resident's back."""
        self._send("POST", f"/units/{guid}", json=change)

    def change_user(self, user_id: str, **change: Any) -> None:
        """Changes a unit user behind the resident's back."""
        self._send("POST", f"/users/{user_id}", json=change)

    def add_device(self, user_id: str, mac: str, **more: Any) -> str:
        """Lets a device join; its guid."""
        guid: str = self._send("POST", "/devices", json={"user": user_id, "mac": mac, **more})[
            "guid"
        ]
        return guid
