"""A home's link is replaced by a resident, and the new one opens the home."""

from playwright.sync_api import expect

from sandbox.seeds import Home
from tests.browser.modes import once_without_script
from tests.browser.resident import FULL, Resident, code_page
from tests.servers import SandboxProcess

EDIT = "residentEditUnit"


def ask(resident: Resident) -> None:
    """Come to the question, as a person does."""
    resident.go("/help/")
    resident.press("Someone else has our link")
    expect(resident.heading("Someone else has our link?")).to_be_visible()
    resident.press("Replace our link")
    expect(resident.heading("Replace our link?")).to_be_visible()


def enter(resident: Resident, home: Home, secret: str) -> None:
    """Type a code or a link where the property asks for one."""
    resident.go(code_page(home))
    resident.fill("Access code or link", secret)
    resident.press("Open my Wi-Fi")


def test_a_link_is_replaced_and_the_new_one_opens_the_home(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    resident.expect_status(401)
    resident.sign_in(FULL)
    ask(resident)
    resident.reads("c•••@example.com")
    resident.press("Yes, replace our link")
    expect(resident.heading("A new link is on its way")).to_be_visible()
    resident.reads("The old link may still work for a moment.")
    assert len(sandbox.calls(EDIT)) == 1

    # Signed out here, and the old link opens nothing any more.
    resident.go("/contact/")
    resident.reads("You’re signed out")
    enter(resident, FULL, FULL.secret)
    expect(resident.summary()).to_contain_text("That link or code didn’t work.")

    [message] = sandbox.messages()
    assert message["to"] == "casey@example.com"
    enter(resident, FULL, message["link"])
    resident.is_at("/")
    expect(resident.heading("Unit 2338")).to_be_visible()

    # Once a day.
    resident.go("/help/link/replace/")
    resident.reads("You can’t replace it here right now")
    assert len(sandbox.messages()) == 1


@once_without_script
def test_a_double_click_replaces_the_link_once(resident: Resident, sandbox: SandboxProcess) -> None:
    resident.expect_status(401, 409)
    resident.sign_in(FULL)
    sandbox.switches(latency=0.3)
    ask(resident)
    resident.page.get_by_role("button", name="Yes, replace our link").dblclick()
    # Whatever the second click is told, it is the truth.
    told = resident.page.get_by_text("A new link is on its way")
    told = told.or_(resident.page.get_by_text("It was replaced here less than a day ago"))
    expect(told.or_(resident.page.get_by_text("You’re signed out")).first).to_be_visible()
    assert len(sandbox.calls(EDIT)) == 1
    assert len(sandbox.messages()) == 1
