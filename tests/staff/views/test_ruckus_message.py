"""RUCKUS One's own message, sent once more."""

from staff.models import AuditEntry, Home
from tests.staff.views.selecting import ask


async def test_it_is_resent_to_all_that_are_selected(staff, building):
    browser = await staff()
    page = await ask(browser, building, "ruckus")
    assert "It goes to 300 homes" in page.words
    assert "can’t tell whether it arrives" in page.words
    done = await browser.press(page, "Resend to 300 homes")
    assert done.location == f"/staff/p/{building.property.id}/"
    assert building.sandbox.state.management.resent == [unit.guid for unit in building.units]
    assert building.sandbox.calls("resendNotifications") == ["resendNotifications"] * 3
    assert await AuditEntry.objects.filter(what="ruckus message").acount() == 300
    assert await Home.objects.filter(handed_out_how="ruckus").acount() == 300


async def test_what_is_accepted_for_later_is_said_to_be(staff, building):
    browser = await staff()
    building.sandbox.fault(operation="resendNotifications", status=202, apply=True)
    page = await ask(browser, building, "ruckus", "102")
    await browser.press(page, "Resend to 1 home")
    home = await browser.get(f"/staff/p/{building.property.id}/homes/{building.units[1].guid}/")
    assert "asked to send its message to 1 home. It accepted that for later" in home.words
    assert "RUCKUS One’s own message sent" in home.section("History").words


async def test_a_refusal_is_not_a_handing_out(staff, building):
    browser = await staff()
    page = await ask(browser, building, "ruckus", "102")
    building.sandbox.fault(operation="resendNotifications", status=403)
    assert (await browser.press(page, "Resend to 1 home")).status == 502
    assert not await Home.objects.filter(handed_out_how="ruckus").aexists()
