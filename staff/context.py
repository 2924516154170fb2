"""What every page of staff is given."""

from typing import Any

from django.http import HttpRequest


def page(request: HttpRequest) -> dict[str, Any]:
    """Return who is signed in, if it is a member of staff."""
    return {"member": getattr(request, "member", None)}
