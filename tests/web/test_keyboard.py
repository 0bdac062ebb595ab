"""Everything that is done often goes without a mouse."""

import pytest
from playwright.sync_api import Page, expect

from tests.web.conftest import type_button

pytestmark = pytest.mark.browser


def selected_row(page: Page) -> int:
    return int(page.locator(".result[aria-current=true] .rank").inner_text())


def test_arrows_walk_through_the_results(page: Page) -> None:
    page.keyboard.press("ArrowDown")
    assert selected_row(page) == 1
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert selected_row(page) == 3
    page.keyboard.press("ArrowUp")
    assert selected_row(page) == 2
    assert "Play" in str(page.evaluate("document.activeElement.getAttribute('aria-label')"))


def test_space_plays_and_pauses(page: Page) -> None:
    page.keyboard.press("ArrowDown")
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_f_keeps_and_drops_again(page: Page) -> None:
    page.keyboard.press("ArrowDown")
    page.keyboard.press("f")
    expect(page.get_by_role("button", name="Kept 1")).to_be_visible()
    page.keyboard.press("f")
    expect(page.get_by_role("button", name="Kept 0")).to_be_visible()


def test_numbers_choose_types_and_nought_any(page: Page) -> None:
    page.keyboard.press("2")
    expect(type_button(page, "bass")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("0")
    expect(type_button(page, "any")).to_have_attribute("aria-pressed", "true")


def test_letters_switch_what_is_heard(page: Page) -> None:
    page.keyboard.press("s")
    expect(page.get_by_role("radio", name="Stem")).to_be_checked()
    page.keyboard.press("b")
    expect(page.get_by_role("radio", name="Both")).to_be_checked()
    page.keyboard.press("t")
    expect(page.get_by_role("button", name="To tempo")).to_have_attribute("aria-pressed", "true")


def test_a_question_mark_shows_the_keys_and_escape_hides_them(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()


def test_keys_are_left_alone_while_someone_types(page: Page) -> None:
    page.get_by_label("Key", exact=True).first.focus()
    page.keyboard.type("f2")
    expect(page.get_by_role("button", name="Kept 0")).to_be_visible()
    expect(type_button(page, "bass")).to_have_attribute("aria-pressed", "false")
