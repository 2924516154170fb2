"""The portal's addresses: what machines ask for, and those of its apps."""

from django.conf import settings
from django.urls import include, path

from portal import probes

urlpatterns = [
    path("healthz/", probes.health, name="health"),
    path("robots.txt", probes.robots, name="robots"),
    *([path(settings.STAFF_PATH[1:], include("staff.urls"))] if settings.STAFF else []),
    path("", include("residents.urls")),
]

handler400 = "portal.errors.bad_request"
handler403 = "portal.errors.forbidden"
handler404 = "portal.errors.not_found"
handler500 = "portal.errors.server_error"
