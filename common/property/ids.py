"""Ids of properties: one property, however a link spells it."""

from common.property import served
from ruckus.links import property_id


def bare_id(value: str) -> str:
    """Return what all spellings of an id have in common."""
    return served.bare(value)


def served_property(value: str) -> str:
    """Return the id in the one spelling that the vendor gets: lower case, with dashes.

    Raise ValueError for what can't be an id, and for a property that this portal does not serve.
    """
    known = property_id(value)
    if not served.is_served(known):
        raise ValueError("this portal does not serve the property")
    return known


def property_here(value: str) -> str:
    """Return the id as `served_property` does, if the property answers on the host that was asked.

    Raise ValueError otherwise: on the host of another it can't be told from one that does not exist.
    """
    known = served_property(value)
    if not served.answers_here(known):
        raise ValueError("the property answers on other hosts")
    return known
