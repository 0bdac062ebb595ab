"""Who walks through the results loads what they stay at, and hears nothing under another's name."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.web.conftest import PageOpener, choose_mix
from tests.web.heard import count_started, loudest_heard, wait_for_started
from tests.web.test_late_answers import hold_requests, wait_for_requests

pytestmark = pytest.mark.browser

SOUNDS = "**/stems/*/audio"
# Longer than somebody has to stay at a stem for it to be fetched.
MOMENT_MS = 700


def id_of_row(page: Page, row: int) -> str:
    return str(page.locator(".result").nth(row).get_attribute("id")).removeprefix("result-")


def stems_of(asked: list[Route]) -> list[str]:
    return [route.request.url.split("/stems/")[1].split("/")[0] for route in asked]


def wait_until_true(page: Page, condition: Callable[[], bool]) -> None:
    for _ in range(200):
        if condition():
            return
        page.wait_for_timeout(50)
    raise AssertionError("It did not come to that.")


def test_what_is_passed_on_the_way_is_not_fetched(page: Page) -> None:
    asked = hold_requests(page, SOUNDS)
    page.evaluate(
        "() => { for (let step = 0; step < 6; step++)"
        " window.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', cancelable: true })); }"
    )
    first, last = id_of_row(page, 0), id_of_row(page, 5)
    wait_until_true(page, lambda: stems_of(asked)[-1:] == [last])
    assert set(stems_of(asked)) <= {first, last}


def test_a_stem_that_is_left_before_it_came_is_given_up_and_fetched_again_when_it_is_wanted(
    page: Page,
) -> None:
    failed: list[str] = []
    page.on("requestfailed", lambda request: failed.append(request.url))
    asked = hold_requests(page, SOUNDS)
    for step, key in enumerate(("ArrowDown", "ArrowDown", "ArrowUp"), start=1):
        page.keyboard.press(key)
        wait_for_requests(page, asked, step)
        page.wait_for_timeout(MOMENT_MS)
    assert [url.split("/stems/")[1].split("/")[0] for url in failed] == [
        id_of_row(page, row) for row in (0, 1)
    ]
    assert stems_of(asked) == [id_of_row(page, row) for row in (0, 1, 0)]
    asked[-1].continue_()
    expect(page.locator(".stem-lane:not(.is-loading)")).to_be_visible()
    expect(page.locator(".stage-hint")).to_contain_text("falls on")


def test_while_a_stem_is_fetched_the_one_before_is_not_heard_in_its_place(page: Page) -> None:
    page.get_by_role("radio", name="Stem").click()
    page.locator(".result .play").first.click()
    wait_for_started(page, 1)
    wait_until_true(page, lambda: loudest_heard(page) > 0.001)
    held = hold_requests(page, SOUNDS)
    page.keyboard.press("ArrowDown")
    wait_until_true(page, lambda: loudest_heard(page) < 1e-6)
    wait_for_requests(page, held, 1)
    expect(page.locator(".stage-hint")).to_contain_text("Loading")
    count = count_started(page)
    held[-1].continue_()
    wait_for_started(page, count)
    expect(page.locator(".stage-hint")).to_contain_text("falls on")


def test_a_voice_that_is_stopped_while_it_fades_in_does_not_click(open_page: PageOpener) -> None:
    """As when a loop is switched off and on at once: no step at the loudspeaker is larger than a fade's."""
    page = open_page()
    page.add_init_script(RECORD)
    page.reload()
    choose_mix(page)
    page.get_by_role("button", name="Play", exact=True).click()
    wait_for_started(page, 0)
    page.evaluate(
        "async () => { const loop = document.querySelector('.switch');"
        " for (let turn = 0; turn < 6; turn++) {"
        " loop.click(); await new Promise((on) => setTimeout(on, 6)); } }"
    )
    page.wait_for_timeout(MOMENT_MS)
    steps = page.evaluate("Promise.all(window.automated.map(stepOf))")
    assert len(steps) >= 6
    assert max(steps) <= 0.01


# Notes what each gain of a voice is told to do; `stepOf` is its largest step in one sample, played back.
RECORD = """
window.automated = [];
const known = new Map();
for (const name of ["setValueAtTime", "linearRampToValueAtTime", "cancelScheduledValues"]) {
  const original = AudioParam.prototype[name];
  AudioParam.prototype[name] = function (...given) {
    if (!known.has(this)) automated[known.set(this, automated.length).get(this)] = [];
    automated[known.get(this)].push([name, ...given]);
    return original.apply(this, given);
  };
}
window.stepOf = async (steps) => {
  const rate = 44100;
  const begin = steps[0].at(-1);
  const context = new OfflineAudioContext(1, rate / 2, rate);
  const source = new ConstantSourceNode(context);
  const gain = new GainNode(context, { gain: 0 });
  source.connect(gain).connect(context.destination);
  for (const [name, ...given] of steps) {
    const when = Math.max(0, given.pop() - begin);
    gain.gain[name](...given, when);
  }
  source.start();
  const sound = (await context.startRendering()).getChannelData(0);
  return sound.reduce((most, each, at) => Math.max(most, Math.abs(each - (at ? sound[at - 1] : 0))), 0);
};
"""
