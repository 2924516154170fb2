"""Say what keeps the portal from starting, a line each: `python -m portal.start`, as gunicorn asks it."""

import os

from django.conf import settings

from common.environment import WrongSettings, told_plainly


def check() -> None:
    """Raise WrongSettings where the portal could not serve anybody."""
    if not settings.ALLOWED_HOSTS:
        raise WrongSettings(
            ["Set ALLOWED_HOSTS to the host name that residents use, like wifi.example.org."]
        )


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    with told_plainly(status=2):
        check()
