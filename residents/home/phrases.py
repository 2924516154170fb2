"""Passphrases that are easy to type on a television."""

from functools import cache

from xkcdpass import xkcd_password

# Five of 1,296 short words: 51 bits, out of reach of whoever records a handshake.
WORDS = 5


@cache
def words() -> list[str]:
    return list(
        xkcd_password.generate_wordlist(
            wordfile=xkcd_password.locate_wordfile("eff-short"), min_length=3, max_length=6
        )
    )


def easy_phrase() -> str:
    """Return a new random phrase of five short words, 19 to 34 characters."""
    return str(xkcd_password.generate_xkcdpassword(words(), numwords=WORDS, delimiter="-"))
