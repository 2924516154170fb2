"""Load the settings, or say in one sentence why they can't be loaded."""

import contextlib
import re
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path

import django
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from ruckus.doctor.finding import Finding, ok, to_do

ABOUT = "Settings"
UNLOADED = "They can't be loaded, so the rest of this installation was not checked."
README = "README.md has the table of settings."
_VARIABLE = re.compile(r'(?:env\.\w+|words)\("([A-Z_]+)"')


def load_settings(setup: Callable[[], None] = django.setup) -> Finding:
    """Return whether the settings could be loaded."""
    try:
        if not apps.ready:
            # A warning about an address would repeat the password in it.
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                setup()
    except Exception as error:  # noqa: BLE001  (whatever it is, it must become a sentence)
        # Django looks at some settings when a command ends, and would fail once more.
        with contextlib.suppress(RuntimeError):
            settings.configure()
        return explain(error)
    return ok(ABOUT, "All that is required is set.")


def explain(error: Exception) -> Finding:
    """Return what is wrong with the settings. No value is repeated: it may be a secret."""
    frames = traceback.extract_tb(error.__traceback__)
    if isinstance(error, ImproperlyConfigured) and Path(frames[-1].filename).name == "settings.py":
        # Our own: a sentence that says what to set.
        return to_do(ABOUT, UNLOADED, str(error))
    if isinstance(error, OSError):
        what = f"{error.filename} can't be used: {error.strerror}."
        return to_do(ABOUT, what, "Let the portal's user write there, or set DATABASE_URL.")
    for frame in reversed(frames):
        if found := _VARIABLE.search(frame.line or ""):
            return to_do(ABOUT, f"The value of {found[1]} can't be used.", README)
    return to_do(ABOUT, UNLOADED, f"Look at DATABASE_URL and LOG_LEVEL first. {README}")
