"""Pages of any length, drawn so that nobody else has to wait for them."""

import asyncio
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, override

from staff.request import StaffRequest

# Rows that take no longer than a page does anyway.
FEW = 100


async def draw(
    request: StaffRequest, template: str, context: dict[str, Any], rows: int, status: int = 200
) -> HttpResponse:
    """Return the page: drawn at once, or in a thread where it has very many rows."""
    if rows <= FEW:
        return render(request, template, context, status=status)
    language = get_language()

    def drawn() -> HttpResponse:
        # A thread knows nothing of the page's language.
        with override(language):
            return render(request, template, context, status=status)

    return await asyncio.to_thread(drawn)
