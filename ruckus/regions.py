"""Where the vendor's API lives."""

REGIONS = {
    "na": "https://api.ruckus.cloud",
    "eu": "https://api.eu.ruckus.cloud",
    "asia": "https://api.asia.ruckus.cloud",
}


def addresses(region: str = "") -> list[str]:
    """Return all addresses that may serve residents, those of the region first.

    The vendor documents `api.*`, and its own sample asks `residence.ruckus.cloud`. Whether the
    other regions have that form as well is not known.
    """
    first, *others = sorted(REGIONS, key=lambda name: name != region)
    ordered = [REGIONS[first], _residence(first)]
    ordered += [REGIONS[name] for name in others]
    return ordered + [_residence(name) for name in others]


def region_of(address: str) -> str | None:
    """Return the region whose documented address this is."""
    return next((name for name, known in REGIONS.items() if known == address), None)


def token_address(region: str) -> str:
    """Return where the vendor's pages say that an account gets its access token.

    Its own sample asks the address of the API for it instead.
    """
    return REGIONS[region].replace("//api.", "//")


def _residence(region: str) -> str:
    return REGIONS[region].replace("//api.", "//residence.")
