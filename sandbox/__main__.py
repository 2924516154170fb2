"""`python -m sandbox` serves the emulator; with one of the options for links it prints them."""

import argparse
import os
import sys

from sandbox.links import links, vendor_links


def main() -> int:
    """Return the exit status: 1 where the port can't be had, else 0."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument(
        "--port",
        type=int,
        default=os.environ.get("SANDBOX_PORT") or "9000",
        help="port to listen on (default: SANDBOX_PORT, else 9000); 0 picks one and prints it",
    )
    parser.add_argument("--links", metavar="URL", help="print the demo links of the portal at URL")
    parser.add_argument(
        "--vendor-links", action="store_true", help="print links in RUCKUS' own shape"
    )
    options = parser.parse_args()
    if options.links or options.vendor_links:
        for name, link in vendor_links() if options.vendor_links else links(options.links):
            print(f"{name}: {link}")
        return 0
    # Imported late: FastAPI takes a second to load, and the links don't need it.
    from sandbox.server import serve  # noqa: PLC0415

    return serve(options.host, options.port)


if __name__ == "__main__":
    sys.exit(main())
