"""Accounts of RUCKUS One: connected, given another token, disconnected. For owners."""

from collections.abc import Callable, Coroutine
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from common.languages import in_order
from staff import audit
from staff.accounts import connecting, words
from staff.accounts.api import credentials, management_api
from staff.accounts.forms import ConnectForm, SecretForm
from staff.accounts.trial import Trial, try_out
from staff.door.password_again import asks_password_again
from staff.door.signed_in import owner_page
from staff.homes import jobs
from staff.models import Property, RuckusAccount
from staff.request import StaffRequest

AccountView = Callable[..., Coroutine[Any, Any, HttpResponse]]


async def account_or_404(pk: int) -> RuckusAccount:
    """Return the account. Raise Http404."""
    found = await RuckusAccount.objects.filter(pk=pk).afirst()
    if found is None:
        raise Http404
    return found


@require_http_methods(["GET", "HEAD"])
@owner_page
async def accounts(request: StaffRequest) -> HttpResponse:
    """List the connected accounts; without one, lead to where the first is connected."""
    found = RuckusAccount.objects.annotate(number=Count("properties")).order_by("pk")
    context = {
        "accounts": [
            (each, words.region_name(each)) for each in in_order([each async for each in found])
        ],
        "place": "set-up",
    }
    if not context["accounts"]:
        return redirect("staff:connect")
    return render(request, "staff/accounts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@owner_page
@asks_password_again
async def connect(request: StaffRequest) -> HttpResponse:
    """Connect an account, once it has shown that it is of use."""
    form = ConnectForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"form": form, "place": "set-up"}
    if request.method != "POST":
        return render(request, "staff/connect.html", context)
    if not form.is_valid():
        return render(request, "staff/connect.html", context, status=422)
    account = form.account()
    if await connecting.is_connected(account):
        form.refuse(_("This account is connected already. Give it a new token instead."), "tenant")
        return render(request, "staff/connect.html", context, status=422)
    return await try_and_keep(request, form, account, audit.What.ACCOUNT_CONNECTED)


@require_http_methods(["GET", "HEAD", "POST"])
@owner_page
@asks_password_again
async def new_token(request: StaffRequest, pk: int) -> HttpResponse:
    """Give an account another token, once that has shown that it is of use."""
    account = await account_or_404(pk)
    form = SecretForm(request.POST if request.method == "POST" else None)
    context = {"form": form, "account": account, "place": "set-up"}
    if request.method != "POST":
        return render(request, "staff/connect.html", context)
    if not form.is_valid():
        return render(request, "staff/connect.html", context, status=422)
    return await try_and_keep(request, form, account, audit.What.ACCOUNT_CHANGED)


async def try_and_keep(
    request: StaffRequest, form: SecretForm, account: RuckusAccount, what: audit.What
) -> HttpResponse:
    """Try an account; keep it, and read its homes, if it is of use, or show why it isn't."""
    typed = form.credentials(account)
    trial = await try_out(account.region, typed)
    if step := trial.failed:
        form.refuse(words.problem(trial, step), "secret")
        return render(request, "staff/connect.html", problem(form, account, trial), status=422)
    await audit.note(request.member, what, detail=account.name)
    new = await connecting.keep(account, typed, trial)
    await read_all(request, new)
    messages.success(request, words.enough(account.tried))
    return redirect("staff:account", account.pk)


def problem(form: SecretForm, account: RuckusAccount, trial: Trial) -> dict[str, Any]:
    """Return the context of the page that says what was tried."""
    return {
        "form": form,
        "account": account if account.pk else None,
        "tried": words.lines(trial.region, trial.tried, trial.seconds),
        "other_region": words.REGIONS.get(trial.other_region, ""),
        "place": "set-up",
    }


async def read_all(request: StaffRequest, properties: list[Property]) -> None:
    """Have the homes of properties that are new here read in the background."""
    for each in properties:
        await jobs.start(each, jobs.Kind.READ_HOMES, request.member.user)


@require_http_methods(["GET", "HEAD"])
@owner_page
async def account(request: StaffRequest, pk: int) -> HttpResponse:
    """Show an account: what was tried with it, and its properties."""
    found = await account_or_404(pk)
    properties = found.properties.annotate(number=Count("homes")).order_by("id")
    context = {
        "account": found,
        "region": words.region_name(found),
        "tried": words.lines(found.region, found.tried),
        "enough": words.enough(found.tried),
        "properties": in_order([each async for each in properties]),
        "place": "set-up",
    }
    return render(request, "staff/account.html", context)


@require_POST
@owner_page
async def test(request: StaffRequest, pk: int) -> HttpResponse:
    """Try an account again, and say what came of it."""
    found = await account_or_404(pk)
    await audit.note(request.member, audit.What.SET_UP_CHECKED, detail=found.name)
    await connecting.keep_trial(found, await try_out(found.region, credentials(found)))
    return redirect("staff:account", pk)


@require_POST
@owner_page
async def properties(request: StaffRequest, pk: int) -> HttpResponse:
    """Look for properties that are new in an account."""
    found = await account_or_404(pk)
    listed = await management_api(found).fetch_properties()
    new = await connecting.keep_properties(found, listed)
    await read_all(request, new)
    said = ngettext("%(count)d new property.", "%(count)d new properties.", len(new))
    messages.success(request, said % {"count": len(new)})
    return redirect("staff:account", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@owner_page
@asks_password_again
async def disconnect(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask, then forget an account and all that is stored of its properties."""
    found = await account_or_404(pk)
    if request.method != "POST":
        number = await found.properties.acount()
        context = {"account": found, "number": number, "place": "set-up"}
        return render(request, "staff/disconnect.html", context)
    await audit.note(request.member, audit.What.ACCOUNT_REMOVED, detail=found.name)
    await connecting.disconnect(found)
    messages.success(request, _("The account is disconnected."))
    return redirect("staff:accounts")
