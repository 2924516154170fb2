"""Where a new link goes, as it may be shown."""

import pytest

from residents.home.link import destinations, masked_email, masked_phone
from ruckus.resident_types import Contact, Property


@pytest.mark.parametrize(
    ("email", "shown"),
    [
        ("jordan@example.com", "j•••@example.com"),
        ("jo@example.com", "j•••@example.com"),
        # One letter would be all of it.
        ("j@example.com", "•••@example.com"),
        ("@example.com", "•••@example.com"),
        ("a@b@example.com", "a•••@example.com"),
        ("no address", "•••"),
    ],
)
def test_an_address_is_recognized_and_not_told(email, shown):
    assert masked_email(email) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("+1 202 555 0118", "•••• 18"),
        ("(202) 555-0177 ", "•••• 77"),
        ("123456", "•••• 56"),
        ("12345", "••••"),
        ("ask at the door", "••••"),
    ],
)
def test_a_number_is_recognized_and_not_told(phone, shown):
    assert masked_phone(phone) == shown


@pytest.mark.parametrize("sends", [None, False, True])
def test_a_message_goes_where_the_property_sends_and_the_contact_is(sends):
    contact = Contact("Jo", "jordan@example.com", "+12025550118")
    assert destinations(Property(send_email=sends), contact) == ["j•••@example.com"] * bool(sends)
    assert destinations(Property(send_sms=sends), contact) == ["•••• 18"] * bool(sends)
    assert destinations(Property(send_email=sends, send_sms=sends), Contact("Jo", " ")) == []
