"""The portal's addresses: what machines ask for, and those of its apps."""

from django.urls import include, path

from portal import probes

urlpatterns = [
    path("healthz/", probes.health, name="health"),
    path("robots.txt", probes.robots, name="robots"),
    path("", include("residents.urls")),
]

handler400 = "residents.views.errors.bad_request"
handler403 = "residents.views.errors.forbidden"
handler404 = "residents.views.errors.not_found"
handler500 = "residents.views.errors.server_error"
