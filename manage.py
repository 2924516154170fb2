#!/usr/bin/env python3
"""Run Django's commands for the portal."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    if sys.argv[1:2] == ["doctor"]:
        # Without settings Django knows no command of ours, and this one says what is wrong with them.
        from common.management.commands.doctor import Command  # noqa: PLC0415

        Command().run_from_argv(sys.argv)
        return
    # After the line above, which they need.
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    from common.environment import told_plainly  # noqa: PLC0415

    with told_plainly(status=2):
        settings.INSTALLED_APPS  # noqa: B018, which loads them
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
