"""The one-time link: password and authenticator are set together, and recovery codes shown once."""

import time
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from staff import audit
from staff.audit import What
from staff.door import attempts, people, second_factor, session
from staff.door.forms import WelcomeForm
from staff.door.signed_in import member_of
from staff.request import StaffRequest


@require_http_methods(["GET", "HEAD", "POST"])
async def welcome(request: StaffRequest, token: str) -> HttpResponse:
    """Set up whom the link was made for, and sign them in."""
    user = await people.invited(token)
    if user is None:
        return link_is_over(request)
    offer = second_factor.offer(user, request.POST.get("key", ""))
    context: dict[str, Any] = {"user": user, "offer": offer}
    if request.method != "POST":
        return render(request, "staff/welcome.html", {"form": WelcomeForm(user=user), **context})
    form = WelcomeForm(request.POST, user=user)
    step = None
    if form.is_valid():
        step = second_factor.step_of(offer.key, form.cleaned_data["code"])
        if step is None:
            form.refuse(_("Enter the code that shows now"), "code")
    if step is None:
        return render(request, "staff/welcome.html", {"form": form, **context}, status=422)
    done = await people.set_up(token, form.cleaned_data["password"], offer.key, step)
    if done is None:
        return link_is_over(request)
    user, codes = done
    await session.sign_in(request, user, time.time())
    await audit.note(user, What.SIGNED_IN)
    # The page that follows is that of a member.
    member = await member_of(request)
    context = {"codes": codes, "is_new": True, "member": member}
    response = render(request, "staff/recovery_codes.html", context)
    attempts.remember(response, user)
    return response


def link_is_over(request: StaffRequest) -> HttpResponse:
    """Return the page for a link that was used or replaced, is over, or was never one."""
    return render(request, "staff/link_is_over.html", status=410)
