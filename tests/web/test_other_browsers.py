"""What other browsers than this one lack, the page does without."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from service.app import create_app
from tests.service.conftest import create_write_key
from tests.web.conftest import PageOpener, choose_mix, settings_for
from tests.web.heard import count_started, wait_for_started
from tests.web.served import serve
from tests.web.test_errors import use_key
from tests.web.test_journey import parameters_of

pytestmark = pytest.mark.browser

# As in Safari before 17.
WITHOUT_LATENCY = "delete AudioContext.prototype.outputLatency;"
# As a browser does with AIFF and CAF.
DEAF = """
OfflineAudioContext.prototype.decodeAudioData = () => Promise.reject(new DOMException("", "EncodingError"));
"""


def open_changed(open_page: PageOpener, script: str) -> Page:
    """The page in a browser that `script` has taken something from, with the demo's mix dropped on it."""
    page = open_page()
    page.add_init_script(script)
    page.reload()
    choose_mix(page)
    return page


def test_a_browser_that_tells_no_latency_keeps_its_place_and_changes_stems(open_page: PageOpener) -> None:
    page = open_changed(open_page, WITHOUT_LATENCY)
    page.locator(".result .play").first.click()
    wait_for_started(page, 1)
    page.wait_for_timeout(400)
    expect(page.locator(".clock")).to_have_text(re.compile(r"^0:\d\d\.\d "))
    count = count_started(page)
    page.keyboard.press("ArrowDown")
    wait_for_started(page, count)
    page.get_by_role("button", name="Pause", exact=True).click()
    rested = page.locator(".clock").inner_text()
    assert re.match(r"0:\d\d\.\d ", rested)
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_timeout(300)
    assert page.locator(".clock").inner_text() > rested


def test_beside_a_mix_that_the_browser_cannot_play_no_result_offers_to_play(open_page: PageOpener) -> None:
    page = open_changed(open_page, DEAF)
    play = page.locator(".result .play").first
    expect(play).to_be_disabled()
    expect(play).to_have_attribute("title", "This browser cannot play the mix")
    page.keyboard.press("ArrowDown")
    expect(play).to_be_focused()


def test_beside_a_mix_that_the_browser_cannot_play_it_is_said_why_a_file_cannot_be_had(
    open_page: PageOpener, demo_data: Path
) -> None:
    settings = settings_for(demo_data, require_key=True)
    with serve(create_app(settings)) as guarded:
        page = open_page(url=guarded, strict=False)
        page.add_init_script(DEAF)
        page.reload()
        use_key(page, create_write_key(settings))
        choose_mix(page)
        page.route(
            "**/stems/*/audio",
            lambda route: route.fulfill(status=410, body='{"detail": "The file is gone."}'),
        )
        page.locator(".result a[download]").first.click()
        expect(page.locator(".stage-silent")).to_contain_text("The file is gone.")


def test_a_region_of_a_mix_that_the_browser_cannot_play_is_typed(open_page: PageOpener) -> None:
    page = open_changed(open_page, DEAF)
    expect(page.get_by_text("This browser cannot play")).to_be_visible()
    page.get_by_text("Filter…").click()
    page.get_by_label("Region from").fill("4")
    with page.expect_response("**/match?*") as answered:
        page.get_by_role("button", name="Apply").click()
    assert answered.value.ok
    sent = parameters_of(answered.value.url)
    # The mix is 13 s long, as the service said.
    assert (sent["start"], sent["seconds"]) == ("4.000", "9.000")
