"""What a view of a signed-in resident is given, and who is kept out of it."""

import functools
from collections.abc import Callable, Coroutine
from typing import Any

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from common.property import known, served
from common.property.brand import brand_of
from common.request import ResidentRequest
from residents.door.session import current_home, remember_token_style
from ruckus.errors import NotSignedIn

NEVER_STORE = "no-store, private"

View = Callable[..., Coroutine[Any, Any, HttpResponseBase]]


def signed_in(view: View) -> View:
    """Give the view `request.home`, `request.api` and `request.brand`, and its page `no-store`.

    Raise NotSignedIn without a session, which the middleware turns into a page. A form that was
    made while the browser was signed in to another home is refused, and a property that has shut
    its portal gets a page that says so.
    """

    @functools.wraps(view)
    async def wrapped(request: ResidentRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        home = await current_home(request)
        if home is None:
            raise NotSignedIn("session")
        request.home = home
        timezone.activate(served.time_zone_of(home.property_id))
        # Where its calls go to.
        await known.ready()
        request.brand = await brand_of(home)
        request.api = home.api()
        response: HttpResponseBase
        if not request.brand.api_allowed:
            response = render(request, "closed.html", status=403)
        elif request.method == "POST" and request.POST.get("home") != home.mark:
            response = render(request, "other_home.html", status=409)
        else:
            response = await view(request, *args, **kwargs)
            await remember_token_style(request, home)
        if not response.has_header("Cache-Control"):
            response.headers["Cache-Control"] = NEVER_STORE
        return response

    return wrapped
