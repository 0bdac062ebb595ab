"""What somebody put together is not lost by dropping another mix, or by closing the page."""

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.web.conftest import MIX, choose_mix, wait_for_answer

pytestmark = pytest.mark.browser

OTHER_MIX = MIX.parent / "alone-with-colors-mix-no-bass.ogg"


@pytest.fixture
def stacked(page: Page) -> str:
    """The name of a mix with a stem accepted into it."""
    page.get_by_role("button", name="into the mix").first.click()
    expect(page.locator(".layer")).to_have_count(1)
    wait_for_answer(page)
    return page.locator(".mix-name").inner_text()


def test_a_stack_that_another_mix_took_the_place_of_comes_back(page: Page, stacked: str) -> None:
    choose_mix(page, OTHER_MIX)
    expect(page.locator(".layer")).to_have_count(0)
    expect(
        page.get_by_role("status").filter(has_text="a stem that you accepted, was put aside")
    ).to_be_visible()
    page.get_by_role("button", name="Bring it back").click()
    expect(page.get_by_role("heading", name=stacked)).to_be_visible()
    expect(page.locator(".layer")).to_have_count(1)
    wait_for_answer(page)
    expect(page.get_by_role("button", name="Bring it back")).to_be_hidden()
    page.get_by_role("button", name="Take off the last").click()
    expect(page.get_by_role("heading", name=MIX.name)).to_be_visible()


def test_it_comes_back_to_the_beginning_too_and_can_be_let_go(page: Page, stacked: str) -> None:
    page.get_by_role("link", name="Counterpart").click()
    expect(page.get_by_text(stacked)).to_be_visible()
    page.get_by_role("button", name="Let it go").click()
    expect(page.get_by_text(stacked)).to_be_hidden()


def test_a_mix_into_which_nothing_was_accepted_is_simply_replaced(page: Page) -> None:
    choose_mix(page, OTHER_MIX)
    expect(page.get_by_role("button", name="Bring it back")).to_be_hidden()


@pytest.mark.parametrize("is_exported", [False, True])
def test_closing_the_page_asks_unless_the_stack_was_exported(
    page: Page, stacked: str, is_exported: bool
) -> None:
    assert stacked.endswith(".wav")
    if is_exported:
        with page.expect_download():
            page.get_by_role("button", name="Export WAV").click()
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.reload()
    assert asked == ([] if is_exported else ["beforeunload"])
