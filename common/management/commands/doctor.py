"""Say what works, what does not, and what to do about it, for whoever runs the portal."""

import logging
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.doctor.loading import load_settings
from common.doctor.report import Diagnosis, as_json, as_text
from ruckus.doctor.finding import Level

MOST = 20_000
"""Characters read of standard input."""


class Command(BaseCommand):
    help = (
        "Check this installation, RUCKUS One and, with a resident's link on standard input, a property and a "
        "unit. Nothing is changed. Exit status: 0 all is well, 1 there is something to do, "
        "2 something could not be checked."
    )
    # It is for when the checks fail, too.
    requires_system_checks: list[str] = []  # noqa: RUF012

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "link",
            nargs="?",
            choices=["-"],
            help="- reads a resident's link from standard input, out of ps",
        )
        parser.add_argument(
            "--property", default="", help="the venue's id, if the link does not name it"
        )
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        # The findings say it in better words than the log.
        logging.disable(logging.CRITICAL)
        try:
            diagnosis = self.diagnosis(options)
        finally:
            logging.disable(logging.NOTSET)
        self.stdout.write(as_json(diagnosis) if options["json"] else as_text(diagnosis))
        if diagnosis.status:
            sys.exit(diagnosis.status)

    def diagnosis(self, options: dict[str, Any]) -> Diagnosis:
        """Return what all checks say. Raise CommandError where the link is no use."""
        loading = load_settings()
        # They need settings.
        from common.doctor import installation, vendor  # noqa: PLC0415
        from common.property import served  # noqa: PLC0415

        loaded = loading.level is Level.OK
        link = vendor.NO_LINK
        if options["link"]:
            names = sorted(served.named()) if loaded else []
            try:
                link = vendor.read_link(self.read(), options["property"], names)
            except vendor.UnfitLink as error:
                raise CommandError(str(error), returncode=2) from None
        here = [loading, *(installation.check_installation() if loaded else [])]
        current = vendor.configured(loaded=loaded, property_id=link.property_id)
        report = vendor.ask_vendor(current, link)
        if link.codes and loaded:
            here += vendor.check_served(link.property_id)
        return Diagnosis(
            {
                "This installation": here,
                "RUCKUS One": report.reach,
                "The home behind the link": report.home,
            },
            report.settings,
            report.sign_ins,
        )

    def read(self) -> str:
        """Return what stands on standard input."""
        if sys.stdin.isatty():
            self.stderr.write("Paste a resident's link, press Enter, then Ctrl-D.")
        return sys.stdin.read(MOST)
