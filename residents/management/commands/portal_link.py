"""Print the links that open a home's portal, for property staff."""

import io
import sys
from typing import Any

import segno
from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.links import portal_links
from common.property.served import portal_url_of


class Command(BaseCommand):
    help = "Print both forms of a home's portal link and draw it as a QR code."
    # It needs no database.
    requires_system_checks: list[str] = []  # noqa: RUF012

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("property", help="the property's id in RUCKUS One")
        parser.add_argument(
            "code", help="the home's access code; - reads it from standard input, out of ps"
        )
        parser.add_argument(
            "--base-url",
            default="",
            help="the address under which residents reach this portal (the property's first host, or PORTAL_URL)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        code = options["code"]
        if code == "-":
            code = sys.stdin.readline().rstrip("\r\n")
        base_url = options["base_url"] or portal_url_of(options["property"])
        if not base_url:
            raise CommandError("Set PORTAL_URL, or give --base-url https://wifi.example.org")
        try:
            path, fragment = portal_links(base_url, options["property"], code)
        except ValueError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(path)
        self.stdout.write(fragment)
        drawn = io.StringIO()
        segno.make(fragment, micro=False).terminal(out=drawn, compact=True)
        self.stdout.write(drawn.getvalue())
