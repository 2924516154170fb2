"""Waiting for what another process does."""

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

PATIENCE = 240.0
"""Seconds: what takes longer than this, on however busy a machine, does not happen."""


async def until(condition: Callable[[], Any], patience: float = PATIENCE) -> None:
    """Waits until the condition, or what it promises, is true. Raises TimeoutError."""
    async with asyncio.timeout(patience):
        while True:
            found = condition()
            if await found if inspect.isawaitable(found) else found:
                return
            await asyncio.sleep(0.02)
