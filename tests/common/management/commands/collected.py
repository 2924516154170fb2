"""The portal's own settings, with static files in a folder of a test's."""

import os

from portal.settings import *  # noqa: F403

STATIC_ROOT = os.environ["STATIC_ROOT"]
