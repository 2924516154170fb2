"""Links from a table that somebody else made: read in memory, checked row by row, kept nowhere."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated
from unicodedata import normalize

import msgspec
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.utils.translation import override

from ruckus.links import LONGEST_CODE
from staff.links.reading import codes_in
from staff.models import Home, Property

DELIMITERS = ",;\t|"
# Rows are checked while nobody else is served.
MOST_ROWS = 5000
# What columns are called, letters and digits alone, the surest name first.
UNIT_IDS = ("unitid", "homeid", "unitguid", "id")
HOMES = (
    "home",
    "unit",
    "unitnumber",
    "homenumber",
    "unitname",
    "homename",
    "apartment",
    "flat",
    "room",
    "number",
    "name",
)
LINKS = (
    "link",
    "accesscode",
    "accesscodeorlink",
    "code",
    "url",
    "portallink",
    "residentlink",
    "residentportal",
    "secret",
)
# What our own tables and forms call these columns, in the language of who made them.
OUR_HOMES = (noop("Home"),)
OUR_LINKS = (noop("Link"), noop("Access code or link"))
PREFIX = re.compile(r"(?:unit|home|apartment|apt|flat|room|#|no\.?)\s*", re.IGNORECASE)

Code = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_CODE)]
# A home, and the readings of its access code, the likeliest first.
Given = tuple[Home, tuple[str, ...]]


class Unreadable(Exception):
    """The file is no table of links; says why."""


@dataclass(frozen=True)
class Problem:
    """What is wrong in a row. Rows are numbered as a spreadsheet does it."""

    row: int
    column: str
    words: str


@dataclass
class Checked:
    """What a file holds: homes with their codes, and what is wrong."""

    ready: list[Given] = field(default_factory=list, repr=False)
    problems: list[Problem] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Return how many rows have a problem."""
        return len({problem.row for problem in self.problems})

    @property
    def all_rows(self) -> int:
        """Return how many rows there are."""
        return len(self.ready) + self.rows


def decoded(data: bytes) -> str:
    """Return the text of a file, whatever program wrote it. Raise Unreadable."""
    if data.startswith(b"PK\x03\x04") or data.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable(_("This is a workbook. Save it as CSV in Excel, then upload that."))
    encodings = ["utf-8-sig", "cp1252"]
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\0" in data[:200]:
        # Latin letters have a zero on one side.
        encodings = ["utf-16-le" if data[1:2] == b"\0" else "utf-16-be"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable(_("We can’t read this file. Save it as CSV in UTF-8, then upload that."))


def plain(name: str) -> str:
    """Return the name of a column as it is compared."""
    return re.sub(r"[\W_]", "", normalize("NFKC", name).casefold())


def column(header: Sequence[str], names: Sequence[str]) -> int | None:
    """Return which column has the first of these names, if any has one."""
    plain_header = [plain(name) for name in header]
    return next((plain_header.index(name) for name in names if name in plain_header), None)


def names_in(ours: Sequence[str]) -> list[str]:
    """Return what tables of ours call a column, in each of the portal's languages, as is compared."""
    found = []
    for code, _name in settings.LANGUAGES:
        with override(code):
            found += [plain(_(name)) for name in ours]
    return found


def home_names() -> list[str]:
    """Return what the column of homes may be called.

    Our own name for it comes first: "Name" is somebody's in our table.
    """
    return [*names_in(OUR_HOMES), *HOMES]


def link_names() -> list[str]:
    """Return what the column of links may be called."""
    return [*names_in(OUR_LINKS), *LINKS]


def table(text: str) -> list[list[str]]:
    """Return the rows of a table, its header first, with the delimiter that it was made with.

    Raise Unreadable where there are no columns for home and link.
    """
    delimiters = list(DELIMITERS)
    if match := re.match(r"sep=(.)\r?\n", text, re.IGNORECASE):
        # A line that Excel writes for itself, and doesn't count.
        delimiters, text = [match[1]], text[match.end() :]
    wanted = (link_names(), (*UNIT_IDS, *home_names()))
    for delimiter in delimiters:
        try:
            rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
        except csv.Error:
            continue
        columns = [column(rows[0], names) for names in wanted if rows]
        if columns and None not in columns:
            return rows
    raise Unreadable(
        _("The first row must name the columns: “home” or “unit id”, and “link” or “access code”.")
    )


async def checked(property: Property, data: bytes) -> Checked:
    """Return what a file holds for the homes of the property. Raise Unreadable."""
    rows = table(decoded(data))
    homes = Homes([home async for home in property.homes.all()])
    if len(rows) > MOST_ROWS + 1:
        raise Unreadable(_("This file has too many rows. Upload 5,000 at a time."))
    header = rows[0]
    by_id, by_name = column(header, UNIT_IDS), column(header, home_names())
    link = column(header, link_names())
    found = Checked()
    seen_homes: dict[int, int] = {}
    seen_codes: dict[str, int] = {}

    def cell(row: Sequence[str], number: int | None) -> str:
        return row[number].strip() if number is not None and number < len(row) else ""

    def wrong(number: int, where: int | None, words: str) -> None:
        found.problems.append(Problem(number, header[where] if where is not None else "", words))

    for number, row in enumerate(rows[1:], 2):
        if not any(each.strip() for each in row):
            continue
        where = by_id if cell(row, by_id) else by_name if by_name is not None else by_id
        home = homes.find(cell(row, by_id), cell(row, by_name))
        if isinstance(home, str):
            wrong(number, where, home)
        elif home.pk in seen_homes:
            words = _("Unit %(home)s is also in row %(row)d.")
            wrong(number, where, words % {"home": home, "row": seen_homes[home.pk]})
            home = ""
        else:
            seen_homes[home.pk] = number
        text = cell(row, link)
        codes = codes_in(property, text, "" if isinstance(home, str) else home.unit_id)
        if not text:
            wrong(number, link, _("Empty. Enter a link or an access code."))
        elif not codes:
            wrong(number, link, _("There’s no access code of this property in it."))
        elif codes[0] in seen_codes:
            words = _("The same link is in row %(row)d.")
            wrong(number, link, words % {"row": seen_codes[codes[0]]})
        else:
            seen_codes[codes[0]] = number
            if not isinstance(home, str):
                found.ready.append((home, codes))
    found.ready.sort(key=lambda given: given[0].sort_key)
    return found


class Homes:
    """The homes of a property, by what a table may call them."""

    def __init__(self, homes: Sequence[Home]) -> None:
        self.by_id = {bare(home.unit_id): home for home in homes}
        self.by_name: dict[str, list[Home]] = {}
        for home in homes:
            self.by_name.setdefault(bare_name(home.name), []).append(home)

    def find(self, unit_id: str, name: str) -> Home | str:
        """Return the home, or what is wrong with what names it."""
        if unit_id:
            return self.by_id.get(bare(unit_id)) or _("No home here has this id.")
        if not name:
            return _("Empty. Enter the home.")
        found = self.by_name.get(bare_name(name), [])
        if len(found) > 1:
            return _("Several homes have this name. Add a column “unit id”.")
        return found[0] if found else _("“%(name)s” isn’t a home here.") % {"name": name[:40]}


def bare(unit_id: str) -> str:
    return unit_id.replace("-", "").lower()


def bare_name(name: str) -> str:
    """Return a home's name without what people write in front of it."""
    name = name.strip()
    return (PREFIX.sub("", name, count=1) if PREFIX.match(name) else name).strip().casefold()


def written(given: Sequence[Given]) -> str:
    """Return homes and codes as the page's form holds them, which is the only place where they are."""
    return msgspec.json.encode([(home.pk, codes) for home, codes in given]).decode()


async def read(property: Property, text: str) -> list[Given]:
    """Return the homes of the property and the codes that a form holds. Raise ValueError."""
    try:
        pairs = dict(msgspec.json.decode(text, type=list[tuple[int, tuple[Code, ...]]]))
    except msgspec.MsgspecError as error:
        raise ValueError("not what the page has written") from error
    homes = [home async for home in property.homes.all() if home.pk in pairs]
    return [(home, pairs[home.pk]) for home in homes]
