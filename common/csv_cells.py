"""Cells of a CSV file that no spreadsheet takes for a formula."""

import re

# What the program that opens the file would compute, or read as the end of a cell.
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
# Where lists are written with a semicolon, a spreadsheet ends cells there and begins the next one.
INNER = re.compile(r"([;,\t|\r\n][\s\"]*)(?=[=+\-@])")


def harmless(cell: str) -> str:
    """Return a cell that is text for every spreadsheet: an apostrophe comes before a formula.

    So does one inside of it, behind what may be read as the end of a cell.
    """
    cell = INNER.sub(r"\1'", cell)
    return f"'{cell}" if cell.startswith(DANGEROUS) else cell
