"""The audit log: what was done, filtered, page by page or as CSV."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_safe

from common.csv_cells import harmless
from common.forms import PortalForm
from common.languages import in_order
from common.property.ids import bare_id
from staff import audit as log
from staff.audit import What
from staff.door.signed_in import properties_of, staff_page
from staff.models import AuditEntry, Property
from staff.request import StaffRequest

PAGE = 50
# Rows that are read from the database at once for a download.
CHUNK = 500
ICONS: dict[str, str] = {
    What.SIGNED_IN: "door-open",
    What.SIGN_IN_REFUSED: "triangle-alert",
    What.PERSON_ADDED: "users",
    What.PERSON_CHANGED: "users",
    What.PERSON_REMOVED: "users",
    What.ACCOUNT_CONNECTED: "plug",
    What.ACCOUNT_CHANGED: "plug",
    What.ACCOUNT_REMOVED: "plug",
    What.HOMES_READ: "refresh-cw",
    What.CHECK_STARTED: "list-checks",
    What.CHECK_STOPPED: "list-checks",
    What.SET_UP_CHECKED: "list-checks",
    What.LINK_SHOWN: "eye",
    What.LINK_COPIED: "copy",
    What.LINK_TESTED: "shield-check",
    What.LINK_EMAILED: "mail",
    What.EMAIL_FAILED: "triangle-alert",
    What.LINK_TEXTED: "message-square",
    What.LETTER_PRINTED: "printer",
    What.CARD_PRINTED: "id-card",
    What.LINK_EXPORTED: "download",
    What.LINK_PASTED: "file-text",
    What.RUCKUS_MESSAGE: "mail",
    What.LINK_REPLACED: "refresh-cw",
    What.MOVE_OUT_STARTED: "log-out",
    What.MOVE_OUT_STEP: "log-out",
    What.MOVE_OUT_ENDED: "log-out",
    What.LOG_DOWNLOADED: "download",
}


def date_field(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        error_messages={"invalid": gettext_lazy("Enter a date like 2026-03-31")},
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class AuditFilter(PortalForm):
    """What is looked for; nothing has to be filled in."""

    # It is in the address.
    is_kept = False

    property = forms.ChoiceField(
        label=gettext_lazy("Property"),
        required=False,
        error_messages={"invalid_choice": gettext_lazy("Choose one of your properties")},
    )
    what = forms.ChoiceField(
        label=gettext_lazy("What was done"),
        required=False,
        choices=[("", gettext_lazy("Everything")), *What.choices],
        error_messages={"invalid_choice": gettext_lazy("Choose what was done")},
    )
    home = forms.CharField(label=gettext_lazy("Home"), required=False, max_length=255)
    person = forms.CharField(label=gettext_lazy("Person"), required=False, max_length=254)
    since = date_field(gettext_lazy("From"))
    until = date_field(gettext_lazy("To"))

    def __init__(self, *args: Any, properties: list[Property], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.properties = {place.pk: place for place in properties}
        choices = [(place.pk, place.name) for place in properties]
        self.fields["property"].choices = [("", _("All")), *choices]  # type: ignore[attr-defined]

    def narrowed(self, entries: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """Return those of the entries that are looked for."""
        wanted = self.cleaned_data
        if wanted["property"]:
            entries = entries.filter(property_id=wanted["property"])
        if wanted["what"]:
            entries = entries.filter(what=wanted["what"])
        if home := wanted["home"]:
            entries = entries.filter(Q(home_name__iexact=home) | Q(unit_id=home))
        if wanted["person"]:
            entries = entries.filter(who__icontains=wanted["person"])
        if wanted["since"]:
            entries = entries.filter(at__gte=midnight(wanted["since"]))
        if wanted["until"]:
            entries = entries.filter(at__lt=midnight(wanted["until"] + timedelta(days=1)))
        return entries

    def query(self) -> str:
        """Return what is looked for as the query of an address."""
        return urlencode({name: self.data[name] for name in self.fields if self.data.get(name)})


def midnight(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


async def asked(request: StaffRequest) -> tuple[AuditFilter, QuerySet[AuditEntry]]:
    """Return the filter of the address, and what a member may see of what is looked for."""
    properties = in_order([place async for place in properties_of(request.member)])
    data = request.GET.dict()
    if "property" in data:
        data["property"] = bare_id(data["property"])
    form = AuditFilter(data, properties=properties)
    entries = AuditEntry.objects.all()
    if not request.member.is_owner:
        entries = entries.filter(property_id__in=[place.pk for place in properties])
    return form, form.narrowed(entries) if form.is_valid() else entries.none()


@require_safe
@staff_page
async def audit(request: StaffRequest) -> HttpResponse:
    """Show what was done, the latest first, 50 on a page."""
    form, entries = await asked(request)
    number = page_number(request.GET.get("page", ""))
    shown = [entry async for entry in entries[(number - 1) * PAGE : number * PAGE + 1]]
    context = {
        "form": form,
        "rows": [(entry, ICONS.get(entry.what, "history"), said(entry)) for entry in shown[:PAGE]],
        "newer": number - 1,
        "older": number + 1 if len(shown) > PAGE else None,
        "query": form.query(),
        "property": form.properties.get(form.data.get("property", "")),
        "place": "audit",
        "days": settings.AUDIT_DAYS,
    }
    return render(request, "staff/audit.html", context, status=200 if form.is_valid() else 422)


def page_number(text: str) -> int:
    """Return the number of the page, 1 for whatever is none."""
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 7 else 1


def said(entry: AuditEntry) -> str:
    """Return what was done in words."""
    return str(What(entry.what).label) if entry.what in What.values else entry.what


@require_GET
@staff_page
async def as_csv(request: StaffRequest) -> HttpResponseBase:
    """Download what is looked for."""
    form, entries = await asked(request)
    if not form.is_valid():
        return await audit(request)
    of = form.properties.get(form.cleaned_data["property"])
    await log.note(request.member, What.LOG_DOWNLOADED, property=of)
    response = StreamingHttpResponse(lines(entries), content_type="text/csv; charset=utf-8")
    name = f"audit-log-{timezone.localdate():%Y-%m-%d}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


async def lines(entries: QuerySet[AuditEntry]) -> AsyncIterator[bytes]:
    """Yield the file, some hundred rows at a time: no cursor stays open between them."""
    heads = [_("Time"), _("Person"), _("What"), _("Property"), _("Home"), _("Details")]
    # Without the mark Excel takes the file for its own code page.
    yield b"\xef\xbb\xbf" + row(heads)
    entries = entries.order_by("-pk")
    chunk = [entry async for entry in entries[:CHUNK]]
    while chunk:
        yield b"".join(row(cells(entry)) for entry in chunk)
        rest = entries.filter(pk__lt=chunk[-1].pk)
        chunk = [entry async for entry in rest[:CHUNK]]


def cells(entry: AuditEntry) -> list[str]:
    when = timezone.localtime(entry.at).isoformat(timespec="seconds")
    return [when, entry.who, said(entry), entry.property_name, entry.home_name, entry.detail]


def row(values: list[str]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow(map(harmless, values))
    return line.getvalue().encode()
