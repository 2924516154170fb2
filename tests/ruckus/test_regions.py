import pytest

from ruckus.regions import token_address


@pytest.mark.parametrize(
    ("region", "address"),
    [
        ("na", "https://ruckus.cloud"),
        ("eu", "https://eu.ruckus.cloud"),
        ("asia", "https://asia.ruckus.cloud"),
    ],
)
def test_each_region_has_a_place_for_access_tokens(region, address):
    assert token_address(region) == address
