"""The settings of a later release: one migration more."""

from tests.browser.settings import *  # noqa: F403
from tests.browser.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.cluster.later"]
