"""The homes that staff have selected, kept in the form that acts on them."""

from collections.abc import Sequence

from django.http import QueryDict

from staff.homes import found
from staff.models import Home, Property


def written(homes: Sequence[Home]) -> str:
    """Return the homes as a form holds them: the selection stays as it is while homes change."""
    return ",".join(str(home.pk) for home in homes)


async def read(property: Property, data: QueryDict) -> list[Home]:
    """Return the homes of the property that a form holds, or that were chosen in the list, in natural order."""
    if "homes" not in data:
        return [home async for home in found.chosen(property, data)]
    wanted = {word for word in data.get("homes", "").split(",") if word.isdecimal()}
    return [home async for home in property.homes.all() if str(home.pk) in wanted]
