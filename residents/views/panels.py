"""What opens inside a section of the home page, or on a page of its own without scripts."""

from common.request import ResidentRequest


def panel(request: ResidentRequest, template: str) -> str:
    """Return the template, or the part of it that opens inside a section of the home page."""
    inside = request.htmx and (request.htmx.target or "").startswith("panel-")
    return f"{template}#panel" if inside else template
