"""What has the focus may go with what it did: the focus stays near, and never falls back to the beginning."""

import pytest
from playwright.sync_api import Page, expect

from tests.web.conftest import MIX, PageOpener, choose_mix, type_button, wait_for_answer
from tests.web.test_late_answers import hold_requests, wait_for_requests

pytestmark = pytest.mark.browser


def press(page: Page, button: str) -> None:
    page.get_by_role("button", name=button).first.press("Enter")


def test_more_like_a_stem_begins_at_its_heading_and_ends_at_the_list(page: Page) -> None:
    press(page, "More like Black Mountain, drums")
    expect(page.get_by_role("heading", name="More like Black Mountain, drums")).to_be_focused()
    wait_for_answer(page)
    press(page, "Back to all results")
    expect(page.get_by_role("status")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator(".result .play").first).to_be_focused()


def test_more_results_begin_at_the_first_of_them(page: Page) -> None:
    before = page.locator(".result").count()
    held = hold_requests(page, "**/match?*")
    press(page, "Show more")
    more = page.get_by_role("button", name="Show more")
    page.wait_for_selector(".results[aria-busy=true]")
    expect(more).to_be_focused()
    expect(more).to_be_disabled()
    wait_for_requests(page, held, 1)
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    assert len(held) == 1
    held[0].continue_()
    expect(page.locator(".result .play").nth(before)).to_be_focused()
    expect(more).to_be_enabled()


def test_who_went_on_while_more_was_asked_for_is_left_alone(page: Page) -> None:
    before = page.locator(".result").count()
    held = hold_requests(page, "**/match?*")
    press(page, "Show more")
    wait_for_requests(page, held, 1)
    page.locator(".result .play").nth(2).focus()
    held[0].continue_()
    wait_for_answer(page)
    assert page.locator(".result").count() > before
    expect(page.locator(".result .play").nth(2)).to_be_focused()


def test_the_last_results_begin_at_the_first_of_them_too(page: Page) -> None:
    type_button(page, "drums").click()
    type_button(page, "bass").click()
    wait_for_answer(page)
    more = page.get_by_role("button", name="Show more")
    for _ in range(8):
        before = page.locator(".result").count()
        more.press("Enter")
        wait_for_answer(page)
        expect(page.locator(".result .play").nth(before)).to_be_focused()
        if more.count() == 0:
            return
    raise AssertionError("There is always more.")


def test_what_is_accepted_and_taken_off_leaves_the_focus_where_it_is_seen(page: Page) -> None:
    accept = page.get_by_role("button", name="Accept Black Mountain, drums into the mix")
    accept.press("Enter")
    page.get_by_role("list", name="Accepted stems").wait_for()
    expect(page.get_by_role("status")).to_be_focused()
    wait_for_answer(page)
    expect(page.get_by_role("status")).to_be_focused()
    press(page, "Take off the last")
    expect(page.get_by_role("heading", name=MIX.name)).to_be_focused()


def test_a_key_that_accepts_leaves_the_focus_at_the_list(page: Page) -> None:
    page.keyboard.press("ArrowDown")
    page.keyboard.press("a")
    page.get_by_role("list", name="Accepted stems").wait_for()
    expect(page.get_by_role("status")).to_be_focused()


def test_the_focus_stays_in_a_row_that_another_answer_moves(open_page: PageOpener) -> None:
    page = open_page()
    # As in Safari, where what is moved loses the focus.
    page.add_init_script("delete Element.prototype.moveBefore;")
    page.reload()
    with page.expect_response("**/match?*") as answered:
        choose_mix(page)
    found = answered.value.json()
    second = page.locator(".result").nth(1)
    name = str(second.get_attribute("id"))
    second.locator(".play").focus()

    found["matches"].reverse()
    page.route("**/match?*", lambda route: route.fulfill(json=found))
    page.keyboard.press("2")
    wait_for_answer(page)
    assert page.locator(".result").nth(1).get_attribute("id") != name
    expect(page.locator(f"#{name} .play")).to_be_focused()


def test_a_row_that_another_answer_lacks_leaves_the_focus_at_the_list(page: Page) -> None:
    page.locator(".result .play").nth(1).focus()
    page.keyboard.press("2")
    page.keyboard.press("1")
    wait_for_answer(page)
    assert set(page.locator(".result .stem-type").all_inner_texts()) == {"bass"}
    expect(page.get_by_role("status")).to_be_focused()


def test_a_click_beside_all_controls_leaves_the_focus_nowhere(page: Page) -> None:
    page.locator(".result .play").nth(1).focus()
    page.locator(".header").click(position={"x": 600, "y": 10})
    assert page.evaluate("document.activeElement === document.body")
    page.keyboard.press("2")
    page.keyboard.press("1")
    wait_for_answer(page)
    assert set(page.locator(".result .stem-type").all_inner_texts()) == {"bass"}
    assert page.evaluate("document.activeElement === document.body")


def test_removing_all_filters_leaves_the_focus_at_the_list(page: Page) -> None:
    page.get_by_text("Filter…").click()
    page.get_by_label("Tag").fill("no such tag")
    page.get_by_role("button", name="Apply").click()
    press(page, "Remove all filters")
    page.wait_for_selector(".result")
    expect(page.get_by_role("status")).to_be_focused()


def test_a_chip_that_is_removed_leaves_the_focus_at_the_filters(page: Page) -> None:
    press(page, "near")
    expect(page.locator(".filter-details summary")).to_be_focused()
    press(page, "goes with")
    expect(page.locator(".filter-details summary")).to_be_focused()
    press(page, "Remove Goes with")
    expect(page.locator(".filter-details summary")).to_be_focused()


def test_asking_again_leaves_the_focus_at_the_list(open_page: PageOpener) -> None:
    page = open_page(strict=False)
    page.route("**/match?*", lambda route: route.abort())
    page.set_input_files("input[type=file]", MIX)
    page.get_by_role("button", name="Try again").wait_for()
    page.unroute("**/match?*")
    press(page, "Try again")
    page.wait_for_selector(".result")
    expect(page.get_by_role("status")).to_be_focused()


def test_a_problem_that_is_dismissed_leaves_the_focus_at_the_mix(open_page: PageOpener) -> None:
    page = open_page()
    choose_mix(page)
    page.evaluate(
        """() => {
          const data = new DataTransfer();
          data.items.add(new File(["gone"], "folder"));
          File.prototype.arrayBuffer = () => Promise.reject(new DOMException("It is gone.", "NotFoundError"));
          const dropped = { dataTransfer: data, cancelable: true, bubbles: true };
          window.dispatchEvent(new DragEvent("drop", dropped));
        }"""
    )
    press(page, "Dismiss")
    expect(page.get_by_role("heading", name=MIX.name)).to_be_focused()


def test_a_mix_that_was_chosen_by_keyboard_takes_the_focus(open_page: PageOpener) -> None:
    page = open_page()
    with page.expect_file_chooser() as chooser:
        press(page, "Choose a file")
    chooser.value.set_files(MIX)
    expect(page.get_by_role("heading", name=MIX.name)).to_be_focused()
