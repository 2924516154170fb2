"""What machines ask for."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe


@require_safe
async def health(request: HttpRequest) -> HttpResponse:
    """Return that this worker serves, without asking anybody else."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@require_safe
async def robots(request: HttpRequest) -> HttpResponse:
    """Return that search engines are to stay out: links hold secrets."""
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain; charset=utf-8")
