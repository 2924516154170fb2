"""Load the settings, or say in one sentence why they can't be loaded."""

import contextlib
from collections.abc import Callable

import django
from django.apps import apps
from django.conf import settings

from common.environment import WrongSettings
from common.property import served
from ruckus.doctor.finding import Finding, ok, to_do
from ruckus.words import as_it_is, say, together

ABOUT = say("Settings")
# Translators: The settings.
UNLOADED = say("They can't be loaded, so the rest of this installation was not checked.")
README = say("README.md has the table of settings.")


def load_settings(setup: Callable[[], None] = django.setup) -> Finding:
    """Return whether the settings could be loaded."""
    try:
        if not apps.ready:
            setup()
        served.book()
    except Exception as error:  # noqa: BLE001  (whatever it is, it must become a sentence)
        # Django looks at some settings when a command ends, and would fail once more.
        with contextlib.suppress(RuntimeError):
            settings.configure()
        return explain(error)
    return ok(ABOUT, say("All that is required is set."))


def explain(error: Exception) -> Finding:
    """Return what is wrong with the settings. No value is repeated: it may be a secret."""
    if isinstance(error, WrongSettings):
        return to_do(ABOUT, UNLOADED, as_it_is(" ".join(error.problems)))
    if isinstance(error, OSError):
        # Translators: {error} is what the operating system says, in English.
        what = say(
            "{file} can't be used: {error}.", file=str(error.filename), error=str(error.strerror)
        )
        return to_do(ABOUT, what, say("Let the portal's user write there, or set DATABASE_URL."))
    unforeseen = say("An error that nobody foresaw: {error}.", error=type(error).__name__)
    return to_do(ABOUT, UNLOADED, together(unforeseen, README))
