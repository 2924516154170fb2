"""What stands before each operation of the vendor's: faults, then what admits the call, then the call."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from sandbox import faults
from sandbox.state import Refused, State


def state_of(request: Request) -> State:
    """Return the world that the request is about."""
    found: State = request.app.state.sandbox
    return found


class VendorRoute(APIRoute, ABC):
    """An operation of one of the vendor's APIs. `place` is the parameter of its paths that names the property."""

    place = ""

    @abstractmethod
    def admit(self, request: Request) -> Response | None:
        """Return the refusal, or None for a call that may go on."""

    @abstractmethod
    def problem(self, request: Request, status: int, detail: str, *reasons: str) -> Response:
        """Return the error body of this API."""

    def invalid(self, request: Request, error: RequestValidationError) -> Response:
        """Return the answer to what does not fit the schema."""
        # The vendor's refusals name no field, and must not repeat what was sent.
        reasons = [str(item["msg"]) for item in error.errors()]
        return self.problem(request, 400, "The request is not valid.", *reasons)

    async def unlisted(self, request: Request) -> Response | None:
        """Return the answer to a call that the schema does not list, None for any other."""
        return None

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return FastAPI's handler with all that in front of it."""
        call = super().get_route_handler()
        operation = str(self.operation_id)

        async def handle(request: Request) -> Response:
            state = state_of(request)
            property_id = request.path_params.get(self.place)
            request.scope["sandbox.call"].update(operation=operation, property=property_id)
            fault = faults.take(state.faults, operation, property_id)
            if wait := state.switches.latency + (fault.latency if fault else 0):
                await asyncio.sleep(wait)
            state.settle()
            if fault and not fault.applies:
                # Read to its end, so that a client never fails while it is still sending.
                await request.body()
                return fault.answer()
            answer = self.admit(request)
            if answer is None:
                try:
                    answer = await self.unlisted(request) or await call(request)
                except RequestValidationError as error:
                    answer = self.invalid(request, error)
                except HTTPException as error:
                    answer = self.problem(request, error.status_code, str(error.detail))
                except Refused as error:
                    answer = self.problem(request, 400, "The request was refused.", *error.reasons)
            return fault.answer(answer) if fault else answer

        return handle
