"""The diary of the home, and deleting it."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import Error
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from common import diary
from common.diary import Entry
from common.property.ids import bare_id
from common.request import ResidentRequest
from residents.door.signed_in import signed_in
from residents.home import device_names
from residents.home.diary_words import days_of
from residents.home.doings import kind_of_device
from residents.home.kind import Kind
from residents.home.people import name_of
from residents.views.wifi import number_in
from ruckus.errors import ApiError, NotAllowed, NotSignedIn


@require_safe
@signed_in
async def diary_page(request: ResidentRequest) -> HttpResponse:
    """Show what happened in the home, a page at a time, the newest first."""
    if not request.home.link:
        raise Http404
    page = min(number_in(request, "page"), diary.MOST // diary.AT_ONCE)
    context: dict[str, Any] = {"days_kept": settings.DIARY_DAYS, "page": page, "later": page - 1}
    try:
        entries, more = await diary.read(request.home.link, page * diary.AT_ONCE)
    except Error:
        return render(request, "diary.html", context | {"missing": True})
    people = await people_in(request, entries)
    context |= {"days": days_of(entries, people), "earlier": page + 1 if more else 0}
    return render(request, "diary.html", context)


async def people_in(request: ResidentRequest, entries: Iterable[Entry]) -> dict[str, str]:
    """Return the names of people by their ids, asked for only where an entry has one.

    Names are not stored here, and an entry can be read without.
    """
    if all(entry.details.get("kind") != Kind.LINKED for entry in entries):
        return {}
    try:
        users = await request.api.fetch_unit_users()
    except (NotSignedIn, NotAllowed):
        raise
    except ApiError:
        return {}
    return {bare_id(user.id): name_of(user) for user in users}


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def delete(request: ResidentRequest) -> HttpResponse:
    """Ask, then delete the diary, and the names of devices if they are to go, too."""
    if not request.home.link:
        raise Http404
    if request.method != "POST":
        return render(request, "delete.html")
    names = "1" if request.POST.get("names") else ""
    if names:
        await device_names.delete_all(request.home)
    await diary.delete(request.home.link, on=kind_of_device(request), names=names)
    if names:
        messages.success(request, _("Names and diary deleted."))
    else:
        messages.success(request, _("Diary deleted."))
    return redirect("diary")
