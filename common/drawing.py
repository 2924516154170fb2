"""Pages of any length, drawn so that nobody else has to wait for them."""

import asyncio
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, override

# Rows that take no longer than a page does anyway; two thousand take half a second.
FEW = 100


async def draw(
    request: HttpRequest, template: str, context: dict[str, Any], rows: int, status: int = 200
) -> HttpResponse:
    """Return the page: drawn at once, or in a thread where it has very many rows."""
    if rows <= FEW:
        return render(request, template, context, status=status)
    return await in_thread(lambda: render(request, template, context, status=status))


async def in_thread(make: Callable[[], HttpResponse]) -> HttpResponse:
    """Return what `make` makes in a thread, in the language of the page."""
    language = get_language()

    def made() -> HttpResponse:
        # A thread knows nothing of it.
        with override(language):
            return make()

    return await asyncio.to_thread(made)
