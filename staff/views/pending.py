"""Stands where a page will be."""

from typing import Any, NoReturn

from django.http import Http404, HttpRequest


async def pending(request: HttpRequest, *args: Any, **kwargs: Any) -> NoReturn:
    raise Http404
