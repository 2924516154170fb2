"""What works between this portal and the vendor, and what to do where it does not.

Nothing here prints, writes or knows of Django: `connect` makes what speaks to an address, and
findings are data. Each call has the time that an Upstream gives it, and a sign-in is made once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from .finding import Finding
from .home import check_home
from .region import Connect, check_region
from .way_in import Configured, Search


@dataclass
class Report:
    """The findings about the way to the vendor, then about the home behind the link."""

    reach: list[Finding]
    home: list[Finding] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)
    sign_ins: int = 0


async def examine(
    connect: Connect,
    configured: Configured,
    addresses: Sequence[str],
    *,
    property_id: str = "",
    codes: Sequence[str] = (),
) -> Report:
    """Return what is found about the first address and, with codes, about a way in at any of them.

    `codes` are the readings of one access code of that property. See Search for how often it signs in.
    """
    first, *others = addresses
    region = await check_region(connect, first)
    report = Report(list(region.findings))
    if not codes or region.stop:
        return report
    usable = [first, *others] if region.usable else others
    if not usable:
        return report
    way_in = await Search(connect, property_id, codes, configured).run(usable)
    report.reach += way_in.findings
    report.settings = way_in.settings
    report.sign_ins = way_in.sign_ins
    if way_in.api is not None:
        report.home = await check_home(way_in.api)
    return report
