"""The door: password, then the code of the authenticator app or a recovery code, and out again."""

from collections.abc import Awaitable, Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from staff import audit
from staff.audit import What
from staff.door import addresses, attempts, passwords, second_factor, session
from staff.door.forms import CodeForm, RecoveryForm, SignInForm, ThrottledForm
from staff.door.password_again import ask, wait_first
from staff.door.signed_in import MANAGER, OWNER, member_of, staff_page
from staff.request import StaffRequest


@require_http_methods(["GET", "HEAD", "POST"])
async def sign_in(request: StaffRequest) -> HttpResponse:
    """Ask for email address and password. One answer for all that is wrong, after the same time."""
    asked = request.POST if request.method == "POST" else request.GET
    after = addresses.own(asked.get("next", ""))
    if request.method != "POST":
        if await member_of(request):
            return redirect(after)
        return sign_in_page(request, SignInForm(), after)
    form = SignInForm(request.POST)
    if not form.is_valid():
        return sign_in_page(request, form, after, 422)
    email = form.cleaned_data["email"]
    counts = attempts.of_password(request, email)
    if wait := await attempts.start(counts):
        form.ask_to_wait(wait, "password")
        return wait_first(sign_in_page(request, form, after, 429), wait)
    user = await who_may_sign_in(email)
    # Strangers who crowd in front of the door keep no browser waiting that was here before.
    queue = passwords.KNOWN if attempts.is_known(request, email) else passwords.STRANGERS
    try:
        right = await passwords.is_right(user, form.cleaned_data["password"], queue)
    except passwords.Busy:
        await attempts.take_back(counts)
        form.tell_busy("password")
        return wait_first(sign_in_page(request, form, after, 503), passwords.BUSY_SECONDS)
    if not right or user is None:
        form.refuse(_("That email address or password didn’t work. Check both."), "password")
        return sign_in_page(request, form, after, 401)
    await attempts.take_back(counts)
    await session.begin(request, user, after)
    return redirect("staff:code")


async def who_may_sign_in(email: str) -> User | None:
    """Return the member of staff with this address who has set up both factors, or None."""
    return await User.objects.filter(
        username=email,
        is_active=True,
        groups__name__in=[OWNER, MANAGER],
        person__encrypted_key__gt="",
    ).afirst()


def sign_in_page(
    request: StaffRequest, form: SignInForm, after: str, status: int = 200
) -> HttpResponse:
    return render(request, "staff/sign_in.html", {"form": form, "next": after}, status=status)


Take = Callable[[User, str], Awaitable[bool]]


@require_http_methods(["GET", "HEAD", "POST"])
async def code(request: StaffRequest) -> HttpResponse:
    """Ask for the code that the authenticator app shows."""
    return await second_step(
        request, CodeForm, second_factor.take_code, _("Enter the code that shows now")
    )


@require_http_methods(["GET", "HEAD", "POST"])
async def recovery(request: StaffRequest) -> HttpResponse:
    """Ask for a recovery code in place of that."""
    return await second_step(
        request,
        RecoveryForm,
        second_factor.take_recovery_code,
        _("That isn’t one of your codes, or it was used"),
        by_recovery_code=True,
    )


async def second_step(
    request: StaffRequest,
    form_class: type[ThrottledForm],
    take: Take,
    refusal: str,
    *,
    by_recovery_code: bool = False,
) -> HttpResponse:
    """Sign in who has typed the password within the last minutes and shows a second factor."""
    pending = await session.pending(request)
    if pending is None:
        if request.method == "POST":
            messages.info(request, _("That took too long. Enter your password again."))
        return redirect("staff:sign-in")
    user = pending.user
    context: dict[str, Any] = {"user": user, "by_recovery_code": by_recovery_code}
    if request.method != "POST":
        return render(request, "staff/code.html", {"form": form_class(), **context})
    form = form_class(request.POST)
    status = 422
    if form.is_valid():
        counts = attempts.of_code(user)
        if wait := await attempts.start(counts):
            form.ask_to_wait(wait, "code")
            response = render(request, "staff/code.html", {"form": form, **context}, status=429)
            return wait_first(response, wait)
        if await take(user, form.cleaned_data["code"]):
            await attempts.take_back(counts)
            return await signed_in(request, pending, by_recovery_code)
        await audit.note(user, What.SIGN_IN_REFUSED, detail="wrong code after the right password")
        form.refuse(refusal, "code")
        status = 401
    return render(request, "staff/code.html", {"form": form, **context}, status=status)


async def signed_in(
    request: StaffRequest, pending: session.Pending, by_recovery_code: bool
) -> HttpResponse:
    user = pending.user
    await session.sign_in(request, user, pending.typed)
    detail = ""
    if by_recovery_code:
        detail = "recovery code"
        messages.info(
            request,
            _("You used a recovery code. Set up your new phone, or make new codes, on this page."),
        )
    await audit.note(user, What.SIGNED_IN, detail=detail)
    response = redirect("staff:me" if by_recovery_code else pending.after)
    attempts.remember(response, user)
    return response


@require_POST
async def sign_out(request: StaffRequest) -> HttpResponse:
    """End this browser's session."""
    await session.sign_out(request)
    messages.success(request, _("You’re signed out."))
    return redirect("staff:sign-in")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
async def password(request: StaffRequest) -> HttpResponse:
    """Ask for the password again, and lead back to the page that wants it."""
    after = addresses.own(request.GET.get("next", ""))
    return await ask(request, request.get_full_path()) or redirect(after)
