"""The set-up check: what works, and what to do where in RUCKUS One."""

from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from common.doctor.installation import check_installation
from common.languages import in_order
from ruckus.doctor.finding import Finding, Level
from staff import audit
from staff.door.signed_in import properties_of, property_page, staff_page
from staff.homes import set_up
from staff.models import Property, RuckusAccount
from staff.request import StaffRequest


def number_of(findings: list[Finding], level: Level) -> int:
    """Return how many findings are of this level."""
    return sum(finding.level is level for finding in findings)


@require_http_methods(["GET", "HEAD"])
@staff_page
async def everything(request: StaffRequest) -> HttpResponse:
    """List what was found of all properties; to owners, on demand, of the portal itself, too."""
    properties = [
        (each, number_of(set_up.kept(each), Level.TO_DO))
        for each in in_order([each async for each in properties_of(request.member).order_by("id")])
    ]
    portal = None
    if request.member.is_owner and request.GET.get("portal"):
        # It walks over files and opens connections of its own, each for so many seconds at most.
        portal = await sync_to_async(check_installation, thread_sensitive=False)()
    context = {
        "properties": properties,
        "portal": portal,
        "accounts": await RuckusAccount.objects.acount(),
        "people": await User.objects.acount(),
        "place": "set-up",
    }
    return render(request, "staff/set_up_all.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@property_page
async def property_set_up(request: StaffRequest, property: Property) -> HttpResponse:
    """Show what the last check of a property found, or check it again."""
    if request.method == "POST":
        await audit.note(request.member, audit.What.SET_UP_CHECKED, property=property)
        await set_up.check_set_up(property, request.member)
        return redirect("staff:set-up", property.id)
    findings = set_up.kept(property)
    to_do = number_of(findings, Level.TO_DO)
    context = {
        "property": property,
        "place": "set-up",
        "to_do": [each for each in findings if each.level is not Level.OK],
        "well": [each for each in findings if each.level is Level.OK],
        "number": to_do,
        "accounts": await RuckusAccount.objects.acount(),
        "people": await User.objects.acount(),
    }
    return render(request, "staff/set_up.html", context)
