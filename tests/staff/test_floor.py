"""What all of staff's pages stand on."""

import pytest


@pytest.mark.parametrize("path", ["/staff/nothing-here/"])
async def test_nothing_is_there_for_staff_and_strangers(staff, stranger, path):
    browser = await staff()
    page = await browser.get(path)
    assert (page.status, page.heading) == (404, "There is a problem")
