"""Names as people give them, not as the demo has them: nothing makes the page wider than the window."""

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.web.conftest import MIX, PageOpener, wait_for_answer
from tests.web.test_other_browsers import DEAF

pytestmark = pytest.mark.browser

WIDTHS = (320, 390, 1280)
IN_WORDS = {
    "song": "Midnight Drive to the Coast (Extended Club Mix)",
    "licence": "Creative Commons Attribution-NonCommercial-ShareAlike 4.0 International",
}
UNBROKEN = {
    "song": "Midnight_Drive_to_the_Coast_Extended_Club_Mix_Final_Master_24bit_48kHz",
    "licence": "Creative_Commons_Attribution_NonCommercial_ShareAlike_4_0_International",
}
# Wider than what is around it, by more than a pixel that was rounded.
OVERFLOW = "(element) => element.scrollWidth - element.clientWidth > 1"


def sticks_out(place: Locator) -> bool:
    return bool(place.evaluate(OVERFLOW))


def rename(page: Page, names: dict[str, str]) -> None:
    """Let all stems that are found have these names."""

    def answer(route: Route) -> None:
        answered = route.fetch()
        found = answered.json()
        for match in found["matches"]:
            match["stem"] |= {**names, "path": f"{names['song']}/{names['song']}.wav"}
        route.fulfill(response=answered, json=found)

    page.route("**/match?*", answer)


def choose_long_mix(page: Page, names: dict[str, str]) -> None:
    page.set_input_files(
        "input[type=file]",
        {"name": f"{names['song']}.ogg", "mimeType": "audio/ogg", "buffer": MIX.read_bytes()},
    )
    page.wait_for_selector(".result-list:not(.is-stale) .result")


def open_long(open_page: PageOpener, width: int, names: dict[str, str]) -> Page:
    page = open_page(width)
    rename(page, names)
    choose_long_mix(page, names)
    return page


@pytest.mark.parametrize("names", [IN_WORDS, UNBROKEN], ids=["in words", "unbroken"])
@pytest.mark.parametrize("width", WIDTHS)
def test_long_names_fit_into_the_results_and_what_is_kept(
    open_page: PageOpener, width: int, names: dict[str, str]
) -> None:
    page = open_long(open_page, width, names)
    page.keyboard.press("ArrowDown")
    page.wait_for_selector(".stem-lane:not(.is-loading):not(.is-empty)")
    assert not sticks_out(page.locator("html"))
    page.keyboard.press("f")
    page.get_by_role("button", name="Kept 1").click()
    drawer = page.get_by_role("complementary", name="Kept stems")
    expect(drawer.get_by_role("link", name="Download")).to_be_in_viewport(ratio=1)
    assert not sticks_out(drawer)
    assert drawer.evaluate("(drawer) => drawer.scrollLeft") == 0


@pytest.mark.parametrize("names", [IN_WORDS, UNBROKEN], ids=["in words", "unbroken"])
@pytest.mark.parametrize("width", WIDTHS)
def test_long_names_fit_where_one_comes_to_later(
    open_page: PageOpener, width: int, names: dict[str, str]
) -> None:
    page = open_long(open_page, width, names)
    page.get_by_role("button", name="More like").first.click()
    page.wait_for_selector(".similar-head")
    wait_for_answer(page)
    assert not sticks_out(page.locator("html"))
    page.get_by_role("button", name="Back to all results").click()
    page.get_by_role("button", name="into the mix").first.click()
    page.locator(".layer").wait_for()
    wait_for_answer(page)
    assert not sticks_out(page.locator("html"))
    assert not sticks_out(page.locator(".desk"))
    # Nor is it squeezed into a column of single letters beside the buttons.
    assert page.locator(".layer").evaluate("(layer) => layer.offsetWidth") > 150
    page.get_by_text("Filter…").click()
    page.get_by_label("Licence").fill(names["licence"])
    page.get_by_role("button", name="Apply").click()
    wait_for_answer(page)
    assert not sticks_out(page.locator("html"))
    expect(page.locator(".chip-remove")).to_be_in_viewport(ratio=1)


def test_the_name_of_a_mix_that_cannot_be_played_fits(open_page: PageOpener) -> None:
    page = open_page(320)
    page.add_init_script(DEAF)
    page.reload()
    choose_long_mix(page, UNBROKEN)
    expect(page.get_by_text("This browser cannot play")).to_be_visible()
    assert not sticks_out(page.locator("html"))
    assert not sticks_out(page.locator(".desk"))


@pytest.mark.parametrize("width", WIDTHS)
def test_the_filter_form_is_no_wider_than_the_window(open_page: PageOpener, width: int) -> None:
    page = open_page(width)
    choose_long_mix(page, IN_WORDS)
    page.get_by_text("Filter…").click()
    page.get_by_role("button", name="Clear all").scroll_into_view_if_needed()
    form = page.locator(".filter-form")
    assert not sticks_out(form)
    assert not sticks_out(page.locator("html"))
