"""Where someone chose the colours of all pages ("high contrast"), what is chosen can still be told."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page

from tests.web.conftest import PATIENCE_MS, choose_mix, type_button

pytestmark = pytest.mark.browser

# Colours that the system gives, as this browser has them.
SYSTEM_COLOURS = """() => {
  const made = document.body.appendChild(document.createElement("i"));
  const colourOf = (name) => {
    made.style.cssText = `forced-color-adjust: none; color: ${name}`;
    return getComputedStyle(made).color;
  };
  const colours = { highlight: colourOf("Highlight"), text: colourOf("HighlightText") };
  made.remove();
  return colours;
}"""


@pytest.fixture
def forced_page(browser: Browser, address: str) -> Iterator[Page]:
    """The page with a mix and its first result chosen, in colours that it has no say in."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 860}, forced_colors="active", reduced_motion="reduce"
    )
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(address)
    choose_mix(page)
    page.keyboard.press("ArrowDown")
    yield page
    context.close()


def style_of(place: Locator, name: str) -> str:
    return str(place.evaluate("(element, name) => getComputedStyle(element)[name]", name))


def colours_of(place: Locator) -> tuple[str, str]:
    return style_of(place, "backgroundColor"), style_of(place, "color")


def test_what_is_pressed_is_highlighted(forced_page: Page) -> None:
    system = forced_page.evaluate(SYSTEM_COLOURS)
    loop, to_tempo = (forced_page.get_by_role("button", name=name) for name in ("Loop", "To tempo"))
    both, stem = (forced_page.get_by_role("radio", name=name) for name in ("Both", "Stem"))
    pairs = (
        (type_button(forced_page, "any"), type_button(forced_page, "bass")),
        (loop, to_tempo),
        (both, stem),
    )
    for on, off in pairs:
        assert colours_of(on) == (system["highlight"], system["text"])
        assert colours_of(off) != colours_of(on)


def test_the_chosen_result_has_a_line_around_it(forced_page: Page) -> None:
    chosen, other = (forced_page.locator(".result").nth(row) for row in (0, 1))
    assert style_of(chosen, "outlineStyle") == "solid"
    assert style_of(other, "outlineStyle") == "none"


def test_the_position_and_the_region_are_seen_on_the_mix(forced_page: Page) -> None:
    system = forced_page.evaluate(SYSTEM_COLOURS)
    forced_page.keyboard.press("[")
    region = forced_page.locator(".region")
    region.wait_for()
    assert style_of(forced_page.locator(".lanes > .cursor"), "backgroundColor") == system["highlight"]
    assert style_of(region, "borderLeftColor") == system["highlight"]
    # See-through, so that the mix under it is seen, but not wholly.
    seen = re.search(r"/ ([\d.]+)\)", style_of(region, "backgroundColor"))
    assert seen is not None
    assert 0.1 < float(seen.group(1)) < 0.5
