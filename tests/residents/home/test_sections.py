"""The order of the sections of a home."""

from residents.home.sections import sort_key
from ruckus.resident_types import UnitUser


def test_sections_go_by_kind_and_then_by_name_whatever_its_case() -> None:
    users = [
        UnitUser(id="4", type="LINKED", name="Zoe"),
        UnitUser(id="3", type="LINKED", name="carl"),
        UnitUser(id="2", type="LINKED", name="Bert"),
        UnitUser(id="1", type="LINKED", name="anna"),
        UnitUser(id="5", type="GUEST", name="Zoe"),
        UnitUser(id="6", type="UNIT", name="Zoe"),
    ]
    assert [user.id for user in sorted(users, key=sort_key)] == ["6", "5", "1", "2", "3", "4"]
