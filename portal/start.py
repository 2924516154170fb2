"""Say what keeps the portal from starting, a line each: `python -m portal.start`, as gunicorn asks it."""

import os

from django.conf import settings

from common.environment import WrongSettings, told_plainly
from common.property import served


def check() -> None:
    """Raise WrongSettings where the portal could not serve anybody, or its properties can't be read."""
    hosts = served.book().hosts or settings.ALLOWED_HOSTS
    if not hosts:
        raise WrongSettings(
            ["Set ALLOWED_HOSTS to the host name that residents use, like wifi.example.org."]
        )


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    with told_plainly(status=2):
        check()
