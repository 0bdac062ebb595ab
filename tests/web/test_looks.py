"""Accessible, and in shape, at three widths in both themes."""

import json
import os
from pathlib import Path

import pytest
from playwright.sync_api import Page

from service.app import create_app
from tests.web.browser import AXE
from tests.web.conftest import MIX, PageOpener, choose_mix, settings_for
from tests.web.served import serve

pytestmark = pytest.mark.browser

WIDTHS = (390, 820, 1440)
THEMES = ("light", "dark")
LARGEST_FIRST_LOAD = 200_000


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA and good practice."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    # Without `preload` it writes no style sheets of its own into the page, whose policy forbids that.
    found = page.evaluate("() => axe.run({ preload: false }).then((result) => result.violations)")
    return [f"{each['id']}: {json.dumps([node['target'] for node in each['nodes']])}" for each in found]


def keep_screenshot(page: Page, name: str) -> None:
    """For looking at: in the folder COUNTERPART_SCREENSHOTS, if there is one."""
    folder = os.environ.get("COUNTERPART_SCREENSHOTS")
    if folder is not None:
        page.screenshot(path=Path(folder) / f"{name}.png")


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_each_state_is_accessible_and_nothing_sticks_out(
    open_page: PageOpener, width: int, theme: str
) -> None:
    page = open_page(width, theme)
    page.wait_for_selector(".start-library:not(:empty)")
    keep_screenshot(page, f"start-{width}-{theme}")
    assert violations(page) == []
    choose_mix(page)
    page.keyboard.press("ArrowDown")
    page.wait_for_selector(".stem-lane:not(.is-loading):not(.is-empty)")
    page.wait_for_timeout(500)
    keep_screenshot(page, f"results-{width}-{theme}")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("theme", THEMES)
def test_what_opens_over_the_page_is_accessible(open_page: PageOpener, theme: str) -> None:
    page = open_page(1280, theme)
    choose_mix(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("f")
    page.get_by_text("Filter…").click()
    keep_screenshot(page, f"filters-{theme}")
    assert violations(page) == []
    page.get_by_text("Filter…").click()
    page.get_by_role("button", name="Kept 1").click()
    assert violations(page) == []
    page.get_by_role("button", name="Close kept stems").click()
    page.keyboard.press("?")
    keep_screenshot(page, f"help-{theme}")
    assert violations(page) == []


@pytest.mark.parametrize("theme", THEMES)
def test_what_one_comes_to_later_is_accessible(open_page: PageOpener, theme: str) -> None:
    page = open_page(390, theme)
    choose_mix(page)
    page.get_by_role("button", name="goes with").click()
    page.get_by_text("Filter…").click()
    page.get_by_label("Region to").fill("8")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_selector(".results[aria-busy=false] .result")
    keep_screenshot(page, f"region-{theme}")
    assert violations(page) == []
    page.get_by_role("button", name="More like").first.click()
    page.wait_for_selector(".similar-head")
    page.wait_for_selector(".results[aria-busy=false]")
    keep_screenshot(page, f"similar-{theme}")
    assert violations(page) == []
    page.get_by_role("button", name="Back to all results").click()
    page.get_by_role("button", name="into the mix").first.click()
    page.get_by_role("list", name="Accepted stems").wait_for()
    page.wait_for_selector(".results[aria-busy=false]")
    keep_screenshot(page, f"stack-{theme}")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("theme", THEMES)
def test_what_goes_wrong_is_shown_accessibly(open_page: PageOpener, tmp_path: Path, theme: str) -> None:
    with serve(create_app(settings_for(tmp_path))) as empty:
        page = open_page(390, theme, url=empty)
        page.get_by_text("No library yet.").wait_for()
        keep_screenshot(page, f"empty-{theme}")
        assert violations(page) == []
    with serve(create_app(settings_for(tmp_path, require_key=True))) as guarded:
        page = open_page(390, theme, url=guarded, strict=False)
        page.get_by_label("API key").wait_for()
        keep_screenshot(page, f"key-{theme}")
        assert violations(page) == []
    page = open_page(820, theme, strict=False)
    page.route("**/match?*", lambda route: route.abort())
    page.set_input_files("input[type=file]", MIX)
    page.get_by_role("button", name="Try again").wait_for()
    keep_screenshot(page, f"error-{theme}")
    assert violations(page) == []


def test_the_first_load_is_light(open_page: PageOpener) -> None:
    page = open_page()
    page.wait_for_selector(".start-library:not(:empty)")
    loaded = page.evaluate(
        "() => performance.getEntriesByType('resource').filter((each) => each.name.includes('/assets/'))"
        ".map((each) => each.encodedBodySize)"
    )
    assert 0 < sum(loaded) <= LARGEST_FIRST_LOAD
