"""The portal's own settings, with the collected static files in the place that the tests say."""

import os
from pathlib import Path

from portal.settings import *  # noqa: F403
from portal.settings import LANGUAGES, LOCALE_PATHS

STATIC_ROOT = Path(os.environ["STATIC_ROOT"])

# A language that nobody speaks, whose sentences are longer by almost half (see tests/pseudo.py).
if "PSEUDO_LOCALE" in os.environ:
    LANGUAGES = [*LANGUAGES, ("eo", "Pseudo")]
    LOCALE_PATHS = [*LOCALE_PATHS, Path(os.environ["PSEUDO_LOCALE"])]
