"""The people of staff, for owners: who they are, what they may do, and their one-time links."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.languages import in_order, sort_key
from common.property.ids import bare_id
from staff.door import people as staff
from staff.door.forms import PersonForm
from staff.door.password_again import asks_password_again
from staff.door.signed_in import MANAGER, OWNER, owner_page
from staff.models import Property
from staff.request import StaffRequest


def with_roles() -> Any:
    """Return all of staff, with whether each has set up everything."""
    return (
        User.objects.filter(groups__name__in=[OWNER, MANAGER])
        .select_related("person", "invitation")
        .prefetch_related("groups", "properties")
        .distinct()
        .order_by("pk")
    )


def described(user: User) -> dict[str, Any]:
    """Return what pages say of a member of staff, read by `with_roles`."""
    invitation, person = getattr(user, "invitation", None), getattr(user, "person", None)
    return {
        "user": user,
        "name": user.get_full_name() or user.username,
        "is_owner": OWNER in [group.name for group in user.groups.all()],
        "is_set_up": bool(person and person.encrypted_key),
        "link_ends": invitation.ends if invitation else None,
        "properties": in_order(user.properties.all()),
    }


async def found(user_id: int) -> User:
    """Return a member of staff. Raise Http404."""
    user: User | None = await with_roles().filter(pk=user_id).afirst()
    if user is None:
        raise Http404
    return user


async def another(request: StaffRequest, user_id: int) -> User:
    """Return a member of staff who isn't the one who asks. Raise Http404."""
    if user_id == request.member.user.pk:
        raise Http404
    return await found(user_id)


@require_safe
@owner_page
async def people(request: StaffRequest) -> HttpResponse:
    """List everybody."""
    everybody = [described(user) async for user in with_roles()]
    everybody.sort(key=lambda each: sort_key(each["name"]))
    return render(request, "staff/people.html", {"people": everybody})


@require_http_methods(["GET", "HEAD", "POST"])
@owner_page
@asks_password_again
async def add(request: StaffRequest) -> HttpResponse:
    """Add somebody, and show their one-time link this once."""
    form = PersonForm(request.POST if "email" in request.POST else None)
    if form.is_valid():
        values = form.cleaned_data
        try:
            user, token = await staff.add(
                request.member, values["email"], values["name"], values["role"]
            )
        except staff.IsThere:
            form.refuse(_("Somebody with this email address is there already"), "email")
        else:
            return link_page(request, user, token)
    status = 422 if form.is_bound else 200
    return render(request, "staff/add_person.html", {"form": form}, status=status)


def link_page(request: StaffRequest, user: User, token: str) -> HttpResponse:
    """Show a one-time link, which is nowhere else and can't be shown again."""
    link = staff.link_of(token)
    if link.startswith("/"):
        link = request.build_absolute_uri(link)
    context = {"user": user, "link": link, "hours": staff.LINK_HOURS}
    return render(request, "staff/person_link.html", context)


@require_safe
@owner_page
async def person(request: StaffRequest, user_id: int) -> HttpResponse:
    """Show what somebody may do."""
    user = await found(user_id)
    context = described(user)
    given = {place.pk for place in context["properties"]}
    others = Property.objects.exclude(pk__in=given).order_by("pk")
    context["others"] = in_order([place async for place in others])
    context["is_me"] = user.pk == request.member.user.pk
    return render(request, "staff/person.html", context)


@require_POST
@owner_page
@asks_password_again
async def role(request: StaffRequest, user_id: int) -> HttpResponse:
    """Make an owner of a manager, or the reverse."""
    user = await another(request, user_id)
    wanted = request.POST.get("role")
    if wanted not in (OWNER, MANAGER):
        raise Http404
    try:
        await staff.change_role(request.member, user, wanted)
    except staff.LastOwner:
        messages.error(request, _("Nobody else could look after people: one owner must stay."))
    else:
        messages.success(request, _("Role changed. They need to sign in again."))
    return redirect("staff:person", user_id)


@require_POST
@owner_page
async def give(request: StaffRequest, user_id: int, property_id: str) -> HttpResponse:
    """Let somebody work with a property."""
    user, place = await found(user_id), await property_of(property_id)
    await staff.give(request.member, user, place)
    messages.success(request, _("Property given."))
    return redirect("staff:person", user_id)


@require_POST
@owner_page
async def take(request: StaffRequest, user_id: int, property_id: str) -> HttpResponse:
    """Let somebody work with a property no more."""
    user, place = await found(user_id), await property_of(property_id)
    await staff.take(request.member, user, place)
    messages.success(request, _("Property taken away."))
    return redirect("staff:person", user_id)


async def property_of(property_id: str) -> Property:
    place = await Property.objects.filter(pk=bare_id(property_id)).afirst()
    if place is None:
        raise Http404
    return place


@require_http_methods(["GET", "HEAD", "POST"])
@owner_page
@asks_password_again
async def new_link(request: StaffRequest, user_id: int) -> HttpResponse:
    """Make a new one-time link for somebody, whose password and authenticator end."""
    user = await another(request, user_id)
    if "sure" not in request.POST:
        return render(request, "staff/new_link.html", described(user))
    return link_page(request, user, await staff.reset(request.member, user))


@require_http_methods(["GET", "HEAD", "POST"])
@owner_page
@asks_password_again
async def remove(request: StaffRequest, user_id: int) -> HttpResponse:
    """Remove somebody from staff."""
    user = await another(request, user_id)
    if "sure" not in request.POST:
        return render(request, "staff/remove_person.html", described(user))
    try:
        await staff.remove(request.member, user)
    except staff.LastOwner:
        messages.error(request, _("Nobody else could look after people: one owner must stay."))
        return redirect("staff:person", user_id)
    messages.success(request, _("They’re removed and signed out."))
    return redirect("staff:people")
