"""The settings of a host whose clock is 90 seconds ahead."""

import time
from datetime import timedelta

from django.utils import timezone

from tests.browser.settings import *  # noqa: F403

AHEAD = 90.0
right_time, right_now = time.time, timezone.now

time.time = lambda: right_time() + AHEAD
timezone.now = lambda: right_now() + timedelta(seconds=AHEAD)
