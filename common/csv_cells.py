"""Cells of a CSV file that no spreadsheet takes for a formula."""

# What the program that opens the file would compute, or read as the end of a cell.
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def harmless(cell: str) -> str:
    """Return a cell that is text for every spreadsheet: an apostrophe comes before a formula."""
    return f"'{cell}" if cell.startswith(DANGEROUS) else cell
