"""Pages that ask for the password again: a browser left open gives nobody more than what it shows."""

import functools
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from staff.door import attempts, passwords, session
from staff.door.forms import PasswordAgainForm
from staff.door.signed_in import View
from staff.request import StaffRequest

FIELD = "password_again"
OWN_FIELDS = (FIELD, "csrfmiddlewaretoken")
# No page holds what was typed into them: whoever sent them types them once more.
SECRET_FIELDS = ("secret", "password")


def asks_password_again(view: View) -> View:
    """Run the view if the password was typed within the last five minutes, else ask for it first.

    It stands below `@staff_page` and its like. What was sent with a form waits in the page that
    asks, and goes on to the view with the password; files have to be chosen and secrets typed again.
    """

    @functools.wraps(view)
    async def wrapped(request: StaffRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not await session.typed_lately(request):
            if request.method != "POST":
                where = {"next": request.get_full_path()}
                return redirect(reverse("staff:password") + "?" + urlencode(where))
            if refusal := await ask(request, request.get_full_path()):
                return refusal
        return await view(request, *args, **kwargs)

    return wrapped


async def ask(request: StaffRequest, action: str) -> HttpResponse | None:
    """Return the page that asks for the password, or None once it was typed right."""
    if FIELD not in request.POST:
        return page(request, PasswordAgainForm(), action)
    form = PasswordAgainForm(request.POST)
    if not form.is_valid():
        return page(request, form, action, 422)
    user = request.member.user
    counts = attempts.of_password(request, user.username)
    if wait := await attempts.start(counts):
        form.ask_to_wait(wait, FIELD)
        return wait_first(page(request, form, action, 429), wait)
    try:
        right = await passwords.is_right(user, form.cleaned_data[FIELD], passwords.KNOWN)
    except passwords.Busy:
        await attempts.take_back(counts)
        form.tell_busy(FIELD)
        return wait_first(page(request, form, action, 503), passwords.BUSY_SECONDS)
    if not right:
        form.refuse_password(FIELD)
        return page(request, form, action, 401)
    await attempts.take_back(counts)
    await session.remember_typed(request)
    return None


def wait_first(response: HttpResponse, seconds: int) -> HttpResponse:
    response.headers["Retry-After"] = str(seconds)
    return response


def page(
    request: StaffRequest, form: PasswordAgainForm, action: str, status: int = 200
) -> HttpResponse:
    kept = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in OWN_FIELDS + SECRET_FIELDS
        for value in values
    ]
    context = {"form": form, "action": action, "kept": kept}
    return render(request, "staff/password_again.html", context, status=status)
