"""The portal's own settings, with the collected static files in the place that the tests say."""

import os
from pathlib import Path

from portal.settings import *  # noqa: F403

STATIC_ROOT = Path(os.environ["STATIC_ROOT"])
