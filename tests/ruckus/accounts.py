"""An account, and a stand-in for the vendor's API for staff on the other side of the wire."""

import json

import httpx

from ruckus.account import Account, Credentials
from ruckus.management import ManagementApi
from ruckus.wire import Upstream

CREDENTIALS = Credentials("tenant-1", "the-client", "the-s3cret")
VENUE = "3098b44538af5850babe972f4cae43e6"
PROPERTY = "3098b445-38af-5850-babe-972f4cae43e6"
UNIT = "7d3a3c52-9a34-4a0e-8b0e-0b9f2c6a1e55"
TOKEN_PATH = "/oauth2/token/tenant-1"


class Clock:
    """Time that passes when told to."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


class Wire:
    """A transport: tokens are tok3n-1, tok3n-2 and so on, all else is answered so, the last one for ever."""

    def __init__(self, *answers, life=3600):
        self.answers = list(answers)
        self.tokens = 0
        self.token_answers = []
        self.life = life
        self.requests = []
        self.token_requests = []

    async def __call__(self, request):
        if request.url.path.startswith("/oauth2/"):
            self.token_requests.append(request)
            if self.token_answers:
                return self.token_answers.pop(0)
            self.tokens += 1
            data = {"access_token": f"tok3n-{self.tokens}"}
            return httpx.Response(200, json=data | ({"expires_in": self.life} if self.life else {}))
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if callable(answer):
            answer = answer(request)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, httpx.Response):
            # A response can be read once only.
            content = answer.content
            return httpx.Response(answer.status_code, headers=answer.headers, content=content)
        return httpx.Response(200, json=answer)

    @property
    def bodies(self):
        return [json.loads(request.content) for request in self.requests]


def upstream(wire):
    return Upstream("https://api.example", transport=httpx.MockTransport(wire))


def made(*answers, life=3600, credentials=CREDENTIALS, clock=None, **more):
    """The API over a wire that answers so, and the wire."""
    wire = Wire(*answers, life=life)
    account = Account(credentials, clock=clock or Clock())
    return ManagementApi(upstream(wire), account, **more), wire
