"""The portal's addresses are those of its one app."""

from django.urls import include, path

urlpatterns = [path("", include("residents.urls"))]

handler400 = "residents.views.errors.bad_request"
handler403 = "residents.views.errors.forbidden"
handler404 = "residents.views.errors.not_found"
handler500 = "residents.views.errors.server_error"
