"""Bring the database up to date, then become the command: the image's entry point, which needs no shell."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

ATTEMPTS = 4
MIGRATE = [sys.executable, "manage.py", "migrate", "--noinput", "--verbosity=0"]

os.chdir(Path(__file__).resolve().parent.parent)
for attempt in range(1, ATTEMPTS + 1):
    status = subprocess.run(MIGRATE, check=False).returncode
    if status == 0:
        # In its place, so that the container's signals reach gunicorn itself.
        os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606, no shell is wanted here
    if attempt < ATTEMPTS:
        # Of containers that start at once, the first makes a table and the others fail at it.
        print("The migration failed; trying again", file=sys.stderr, flush=True)
        time.sleep(random.uniform(1, 3))  # noqa: S311, that they do not meet again
sys.exit(status)
