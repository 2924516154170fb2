"""Who may send more than a form holds: signed-in staff, to the one page that takes a file."""

from typing import Any

from django.conf import settings
from django.db import Error
from django.http import parse_cookie
from django.urls import Resolver404, resolve

from common import keys
from staff.session import StaffSessionStore

UPLOADS = ("staff:from-file",)


async def may_upload(scope: dict[str, Any]) -> bool:
    """Return whether the request may be as large as an upload, before any of its body is read."""
    try:
        if resolve(scope["path"]).view_name not in UPLOADS:
            return False
    except Resolver404:
        return False
    header = dict(scope["headers"]).get(b"cookie", b"").decode("latin-1")
    cookie = parse_cookie(header).get(settings.STAFF_COOKIE_NAME)
    if not cookie:
        return False
    try:
        await keys.ready()
        return bool(await StaffSessionStore(cookie).aget("second_factor"))
    except Error:
        return False
