"""Everything that is done often goes without a mouse."""

import pytest
from playwright.sync_api import Page, expect

from tests.web.conftest import type_button, wait_until

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


def test_space_plays_after_a_click_on_the_waveform(page: Page) -> None:
    page.locator(".mix-wave").click(position={"x": 300, "y": 30})
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    assert page.evaluate("window.scrollY") == 0


def test_a_key_that_is_held_down_is_pressed_once(page: Page) -> None:
    page.keyboard.press("ArrowDown")
    for _ in range(4):
        page.keyboard.down("f")
    page.keyboard.up("f")
    expect(page.get_by_role("button", name="Kept 1")).to_be_visible()
    for _ in range(3):
        page.keyboard.down("ArrowDown")
    assert selected_row(page) == 4


def test_the_chosen_row_never_lies_under_the_player(page: Page) -> None:
    for width, height in ((1280, 560), (390, 760)):
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("window.scrollTo(0, 0)")
        for _ in range(10):
            page.keyboard.press("ArrowDown")
            wait_until(
                page,
                """() => {
                  const [row, player] = [".result[aria-current=true]", ".transport"].map(
                    (place) => document.querySelector(place).getBoundingClientRect());
                  return row.top >= 0 && row.bottom <= player.top;
                }""",
            )
        for _ in range(10):
            page.keyboard.press("ArrowUp")


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


def test_brackets_begin_and_end_the_region_at_the_cursor(page: Page) -> None:
    page.locator(".mix-wave").click(position={"x": 0, "y": 30})
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("[")
    expect(page.get_by_role("button", name="Remove Region")).to_be_visible()
    start = page.locator(".chip").inner_text().split("–")[0]
    assert start != "Region 0:00.0"
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("]")
    expect(page.locator(".chip")).to_contain_text(f"{start}–")
    expect(page.locator(".chip")).not_to_contain_text("0:13.0")


def test_arrows_move_by_bars(page: Page) -> None:
    tempo = page.get_by_label("Tempo", exact=True).first
    tempo.fill("120")
    tempo.press("Enter")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".clock")).to_contain_text("0:04.0")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".clock")).to_contain_text("0:02.0")


def test_a_question_mark_shows_the_keys_and_escape_hides_them(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()


def press_at_once(page: Page, *keys: str) -> None:
    """Press keys in one task, so that nothing that the page puts off happens between them."""
    page.evaluate(
        """keys => keys.forEach(key => document.activeElement.dispatchEvent(
            new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true})))""",
        keys,
    )


def test_a_key_right_after_escape_is_not_lost(page: Page) -> None:
    page.keyboard.press("ArrowDown")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    press_at_once(page, "Escape", "f")
    expect(page.get_by_role("button", name="Kept 1")).to_be_visible()
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()


def test_the_help_stays_open_when_asked_for_right_after_it_was_closed(page: Page) -> None:
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    expect(dialog).to_be_visible()
    press_at_once(page, "Escape", "?")
    # What closing puts off has come by then: the event of the dialog, and the page drawn anew.
    page.evaluate("() => new Promise(done => setTimeout(() => requestAnimationFrame(done), 200))")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_the_kept_stems_open_with_the_focus_in_them_and_escape_gives_it_back(page: Page) -> None:
    page.get_by_role("button", name="Kept 0").press("Enter")
    expect(page.get_by_role("button", name="Close kept stems")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("complementary", name="Kept stems")).to_be_hidden()
    expect(page.get_by_role("button", name="Kept 0")).to_be_focused()


def test_keys_are_left_alone_while_someone_types(page: Page) -> None:
    page.get_by_label("Key", exact=True).first.focus()
    page.keyboard.type("f2")
    expect(page.get_by_role("button", name="Kept 0")).to_be_visible()
    expect(type_button(page, "bass")).to_have_attribute("aria-pressed", "false")


def test_keys_of_one_character_are_turned_off_in_the_help_and_stay_off(page: Page) -> None:
    page.keyboard.press("ArrowDown")
    page.keyboard.press("?")
    page.get_by_label("Letters, digits and signs").uncheck()
    page.get_by_role("button", name="Close", exact=True).click()
    for key in ("f", "2", "t", "?"):
        page.keyboard.press(key)
    expect(page.get_by_role("button", name="Kept 0")).to_be_visible()
    expect(type_button(page, "bass")).to_have_attribute("aria-pressed", "false")
    expect(page.get_by_role("button", name="To tempo")).to_have_attribute("aria-pressed", "false")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    page.keyboard.press("ArrowDown")
    assert selected_row(page) == 2
    page.reload()
    page.get_by_role("button", name="Keyboard help").click()
    expect(page.get_by_label("Letters, digits and signs")).not_to_be_checked()
    page.get_by_label("Letters, digits and signs").check()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()


def test_the_position_is_a_slider_that_keeps_its_arrows(page: Page) -> None:
    tempo = page.get_by_label("Tempo", exact=True).first
    tempo.fill("120")
    tempo.press("Enter")
    slider = page.get_by_role("slider", name="Position in the mix")
    slider.focus()
    for key, position in (
        ("ArrowUp", "0:02.0"),
        ("ArrowRight", "0:04.0"),
        ("ArrowDown", "0:02.0"),
        ("ArrowLeft", "0:00.0"),
        ("PageUp", "0:08.0"),
        ("PageDown", "0:00.0"),
        ("End", "0:13.0"),
        ("Home", "0:00.0"),
    ):
        page.keyboard.press(key)
        expect(page.locator(".clock")).to_contain_text(f"{position} ")
        expect(slider).to_be_focused()
    expect(page.locator(".result[aria-current=true]")).to_have_count(0)


def test_arrows_choose_among_what_is_heard(page: Page) -> None:
    both = page.get_by_role("radio", name="Both")
    both.focus()
    for key, name in (
        ("ArrowRight", "Stem"),
        ("ArrowDown", "Mix"),
        ("ArrowLeft", "Stem"),
        ("ArrowUp", "Both"),
    ):
        page.keyboard.press(key)
        expect(page.get_by_role("radio", name=name)).to_be_checked()
        expect(page.get_by_role("radio", name=name)).to_be_focused()
    expect(page.locator(".clock")).to_contain_text("0:00.0 ")
    expect(page.locator(".result[aria-current=true]")).to_have_count(0)
    page.keyboard.press("Tab")
    expect(page.get_by_role("slider", name="Balance")).to_be_focused()


@pytest.mark.parametrize(
    "modifiers",
    ["ctrlKey: true, altKey: true, modifierAltGraph: true", "modifierAltGraph: true", "altKey: true"],
    ids=["AltGr on Windows", "AltGr on Linux", "Option on a Mac"],
)
def test_brackets_are_typed_as_the_layout_has_them(page: Page, modifiers: str) -> None:
    page.locator(".mix-wave").click(position={"x": 300, "y": 30})
    page.evaluate(
        f"""() => document.body.dispatchEvent(
          new KeyboardEvent("keydown", {{ key: "[", code: "Digit8", bubbles: true, {modifiers} }})
        )"""
    )
    expect(page.get_by_role("button", name="Remove Region")).to_be_visible()


def test_letters_with_a_modifier_belong_to_the_browser(page: Page) -> None:
    page.keyboard.press("Alt+t")
    page.keyboard.press("Control+t")
    expect(page.get_by_role("button", name="To tempo")).to_have_attribute("aria-pressed", "false")


def test_the_focus_stays_among_the_filters_when_a_chip_comes_or_goes(page: Page) -> None:
    form = page.locator(".filter-details summary")
    page.get_by_role("button", name="goes with").click()
    expect(form).to_be_focused()
    page.get_by_role("button", name="Remove Goes with").press("Enter")
    expect(page.get_by_role("button", name="Remove Goes with")).to_have_count(0)
    expect(form).to_be_focused()
