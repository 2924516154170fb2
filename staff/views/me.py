"""What a member of staff changes about themselves: password, authenticator, recovery codes."""

import time
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from staff.door import people, second_factor, session
from staff.door.forms import NewCodeForm, NewPasswordForm
from staff.door.password_again import asks_password_again
from staff.door.signed_in import staff_page
from staff.models import RecoveryCode
from staff.request import StaffRequest


@require_safe
@staff_page
async def me(request: StaffRequest) -> HttpResponse:
    """Show what can be changed."""
    left = await RecoveryCode.objects.filter(person_id=request.member.user.pk).acount()
    return render(request, "staff/me.html", {"codes_left": left})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
@asks_password_again
async def new_password(request: StaffRequest) -> HttpResponse:
    """Change the password; everybody else who is signed in with the old one is out."""
    user = request.member.user
    form = NewPasswordForm(request.POST if "password" in request.POST else None, user=user)
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "staff/new_password.html", {"form": form}, status=status)
    await people.change_password(user, form.cleaned_data["password"])
    await session.sign_in(request, user, time.time())
    messages.success(request, _("Password changed. You’re signed out everywhere else."))
    return redirect("staff:me")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
@asks_password_again
async def new_authenticator(request: StaffRequest) -> HttpResponse:
    """Move to another authenticator app, whose code shows that it has the key."""
    user = request.member.user
    offer = second_factor.offer(user, request.POST.get("key", ""))
    form = NewCodeForm(request.POST if "code" in request.POST else None)
    context: dict[str, Any] = {"form": form, "offer": offer}
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "staff/authenticator.html", context, status=status)
    step = second_factor.step_of(offer.key, form.cleaned_data["code"])
    if step is None:
        form.refuse(_("Enter the code that shows now"), "code")
        return render(request, "staff/authenticator.html", context, status=422)
    await people.change_key(user, offer.key, step)
    await session.sign_in(request, user, time.time())
    messages.success(request, _("Your new authenticator works. The old one doesn’t any more."))
    return redirect("staff:me")


@require_POST
@staff_page
@asks_password_again
async def new_recovery_codes(request: StaffRequest) -> HttpResponse:
    """Make new recovery codes, and show them this once."""
    codes = await people.change_recovery_codes(request.member.user)
    return render(request, "staff/recovery_codes.html", {"codes": codes})
