"""Which screens a test runs on, where not all four are asked for."""

import pytest


def only(*names: str) -> pytest.MarkDecorator:
    """Run the test in these modes alone (see resident.MODES)."""
    return pytest.mark.parametrize("mode", names, indirect=True)


with_script = only("phone", "desktop")
# One of each pair: both screens, with a script and without.
two_of_four = only("phone", "desktop-without-script")
on_a_phone = only("phone", "phone-without-script")
once = only("phone")
once_without_script = only("phone-without-script")
