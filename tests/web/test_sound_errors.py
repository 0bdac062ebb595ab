"""A browser that does not play says so, and one that is interrupted goes on when it is told to."""

import pytest
from playwright.sync_api import Page, expect

from tests.web.conftest import PageOpener, wait_until
from tests.web.heard import count_started, wait_for_started
from tests.web.test_other_browsers import open_changed

pytestmark = pytest.mark.browser

REFUSES = "AudioContext.prototype.resume = () => Promise.reject(new DOMException('', 'InvalidStateError'));"
SAYS_NOTHING = "AudioContext.prototype.resume = () => new Promise(() => {});"
# `contexts` are those that play.
KEEPS = """
window.contexts = [];
const Original = AudioContext;
window.AudioContext = class extends Original {
  constructor(...given) { super(...given); window.contexts.push(this); }
};
"""
# What is long is over in a tenth of its time.
HURRIES = """
const later = setTimeout;
window.setTimeout = (what, ms) => later(what, ms > 5000 ? ms / 10 : ms);
"""


def press_play(page: Page) -> None:
    page.get_by_role("button", name="Play", exact=True).click()


@pytest.mark.parametrize("script", [REFUSES, SAYS_NOTHING], ids=["refuses", "says nothing"])
def test_a_sound_that_does_not_start_is_told_of(open_page: PageOpener, script: str) -> None:
    page = open_changed(open_page, script)
    press_play(page)
    expect(page.get_by_text("This browser does not start the sound")).to_be_visible()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    assert count_started(page) == 0


def test_what_was_interrupted_says_so_and_goes_on_when_play_is_pressed(open_page: PageOpener) -> None:
    page = open_changed(open_page, KEEPS)
    press_play(page)
    wait_for_started(page, 0)
    page.wait_for_timeout(300)
    page.evaluate("contexts[0].suspend()")
    expect(page.get_by_text("The sound was interrupted")).to_be_visible()
    rested = page.locator(".clock").inner_text()
    press_play(page)
    wait_for_started(page, 1)
    expect(page.get_by_text("The sound was interrupted")).to_be_hidden()
    page.wait_for_timeout(300)
    assert page.locator(".clock").inner_text() > rested


def test_a_context_rests_once_nothing_plays_any_more(open_page: PageOpener) -> None:
    page = open_changed(open_page, KEEPS + HURRIES)
    press_play(page)
    wait_for_started(page, 0)
    page.get_by_role("button", name="Pause", exact=True).click()
    wait_until(page, "contexts[0].state === 'suspended'")
    expect(page.get_by_text("The sound was interrupted")).to_be_hidden()
