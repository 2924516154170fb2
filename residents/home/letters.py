"""A passphrase in large letters: in groups of four, each character with its name."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

GROUP = 4
# A space can't be seen, so that another sign stands for it.
SPACE = "␣"
NAMES = {
    " ": gettext_lazy("space"),
    "!": gettext_lazy("exclamation mark"),
    '"': gettext_lazy("double quote"),
    "#": gettext_lazy("hash"),
    "$": gettext_lazy("dollar"),
    "%": gettext_lazy("percent"),
    "&": gettext_lazy("ampersand"),
    "'": gettext_lazy("single quote"),
    "(": gettext_lazy("left parenthesis"),
    ")": gettext_lazy("right parenthesis"),
    "*": gettext_lazy("asterisk"),
    "+": gettext_lazy("plus"),
    ",": gettext_lazy("comma"),
    "-": gettext_lazy("hyphen"),
    ".": gettext_lazy("period"),
    "/": gettext_lazy("slash"),
    ":": gettext_lazy("colon"),
    ";": gettext_lazy("semicolon"),
    "<": gettext_lazy("less than"),
    "=": gettext_lazy("equals"),
    ">": gettext_lazy("greater than"),
    "?": gettext_lazy("question mark"),
    "@": gettext_lazy("at sign"),
    "[": gettext_lazy("left bracket"),
    "\\": gettext_lazy("backslash"),
    "]": gettext_lazy("right bracket"),
    "^": gettext_lazy("caret"),
    "_": gettext_lazy("underscore"),
    "`": gettext_lazy("backtick"),
    "{": gettext_lazy("left brace"),
    "|": gettext_lazy("vertical bar"),
    "}": gettext_lazy("right brace"),
    "~": gettext_lazy("tilde"),
}


@dataclass(frozen=True)
class Letter:
    """A character with what to call it."""

    character: str

    @property
    def shown(self) -> str:
        return SPACE if self.character == " " else self.character

    @property
    def marked(self) -> bool:
        """Return whether it has a color of its own, as numbers and symbols have."""
        return not self.character.isalpha()

    @property
    def name(self) -> str:
        if self.character.isdecimal():
            return _("number %(digit)s") % {"digit": self.character}
        if self.character.isupper():
            return _("capital %(letter)s") % {"letter": self.character}
        if self.character.islower():
            return _("small %(letter)s") % {"letter": self.character}
        return str(NAMES.get(self.character, self.character))


def groups_of(passphrase: str) -> list[list[Letter]]:
    """Return the letters of a passphrase, four by four."""
    letters = [Letter(character) for character in passphrase]
    return [letters[at : at + GROUP] for at in range(0, len(letters), GROUP)]
