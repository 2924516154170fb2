"""What residents do, written down in the diary of their home."""

from django.http import HttpRequest

from common import diary
from common.diary import Event
from common.request import ResidentRequest

# The kind of device that a browser says it runs on; the first word in the User-Agent decides.
AGENTS = (
    ("iPhone", "iphone"),
    ("iPad", "ipad"),
    ("Android", "android"),
    ("Windows", "windows"),
    ("Macintosh", "mac"),
    ("CrOS", "chromebook"),
    ("Linux", "linux"),
)


def kind_of_device(request: HttpRequest) -> str:
    """Return the kind of device that a request came from, "" where it can't be told."""
    agent = request.headers.get("User-Agent", "")
    return next((kind for word, kind in AGENTS if word in agent), "")


async def note(request: ResidentRequest, event: Event, **details: str) -> None:
    """Write down what was done in this request."""
    await diary.write(request.home.link, event, **noted(request, **details))


def noted(request: ResidentRequest, **details: str) -> dict[str, str]:
    """Return what is known of what was done in this request, and on what kind of device."""
    details["on"] = kind_of_device(request)
    return {name: value for name, value in details.items() if value}
