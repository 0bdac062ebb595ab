"""What comes late, when something else is wanted by then, changes nothing."""

from collections.abc import Sequence

import pytest
from playwright.sync_api import Page, Route, expect

from tests.web.conftest import MIX, PageOpener, choose_mix, type_button, wait_for_answer

pytestmark = pytest.mark.browser

OTHER_MIX = MIX.parent / "alone-with-colors-mix-no-bass.ogg"
# Long enough for what was let go to be decoded, mixed and shown.
LATE_MS = 1500

# `hold = "decodeAudioData"` lets the next call wait until `letGo()`.
HOLD = """
for (const name of ["decodeAudioData", "startRendering"]) {
  const original = OfflineAudioContext.prototype[name];
  OfflineAudioContext.prototype[name] = async function (...given) {
    if (window.hold === name) {
      window.hold = null;
      await new Promise((resolve) => (window.letGo = resolve));
    }
    return original.apply(this, given);
  };
}
"""


@pytest.fixture
def held_page(open_page: PageOpener) -> Page:
    """The page with a mix, in a browser that lets a sound wait."""
    page = open_page()
    page.add_init_script(HOLD)
    page.reload()
    choose_mix(page)
    return page


def hold_next(page: Page, name: str) -> None:
    page.evaluate("(name) => { window.hold = name; window.letGo = null; }", name)


def let_go(page: Page) -> None:
    page.evaluate(
        "async () => { while (!window.letGo) await new Promise((on) => setTimeout(on, 20)); letGo(); }"
    )
    page.wait_for_timeout(LATE_MS)


def hold_requests(page: Page, pattern: str) -> list[Route]:
    """The requests that come from now on, none of them answered."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(pattern, hold)
    return held


def wait_for_requests(page: Page, held: Sequence[Route], count: int) -> None:
    """Until so many are held: the browser tells of a request before it lets anybody hold it."""
    for _ in range(200):
        if len(held) >= count:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"There were {len(held)} requests and not {count}.")


def test_the_mix_that_was_opened_last_stays(held_page: Page) -> None:
    hold_next(held_page, "decodeAudioData")
    held_page.set_input_files("input[type=file]", MIX.parent / "sectoid-feelings-mix-no-guitar.ogg")
    choose_mix(held_page, OTHER_MIX)
    expect(held_page.get_by_role("heading", name=OTHER_MIX.name)).to_be_visible()
    let_go(held_page)
    expect(held_page.get_by_role("heading", name=OTHER_MIX.name)).to_be_visible()


def test_a_mix_that_is_being_opened_is_told_of_beside_the_last_one(held_page: Page) -> None:
    hold_next(held_page, "decodeAudioData")
    held_page.set_input_files("input[type=file]", OTHER_MIX)
    expect(held_page.get_by_role("button", name="Opening…")).to_be_visible()
    let_go(held_page)
    expect(held_page.get_by_role("heading", name=OTHER_MIX.name)).to_be_visible()
    expect(held_page.get_by_role("button", name="Another mix")).to_be_visible()


def test_a_mix_is_not_opened_any_more_once_someone_went_back_to_the_beginning(held_page: Page) -> None:
    hold_next(held_page, "decodeAudioData")
    held_page.set_input_files("input[type=file]", OTHER_MIX)
    held_page.get_by_role("link", name="Counterpart").click()
    let_go(held_page)
    expect(held_page.get_by_role("button", name="Choose a file")).to_be_visible()


def test_a_stem_is_not_accepted_into_another_mix(held_page: Page) -> None:
    hold_next(held_page, "startRendering")
    held_page.get_by_role("button", name="into the mix").first.click()
    choose_mix(held_page, OTHER_MIX)
    expect(held_page.get_by_role("heading", name=OTHER_MIX.name)).to_be_visible()
    let_go(held_page)
    expect(held_page.get_by_role("heading", name=OTHER_MIX.name)).to_be_visible()
    expect(held_page.get_by_role("list", name="Accepted stems")).to_be_hidden()


def test_while_a_stem_is_accepted_none_is_taken_off(held_page: Page) -> None:
    held_page.get_by_role("button", name="into the mix").first.click()
    expect(held_page.locator(".layer")).to_have_count(1)
    wait_for_answer(held_page)
    hold_next(held_page, "startRendering")
    held_page.get_by_role("button", name="into the mix").first.click()
    take_off = held_page.get_by_role("button", name="Take off the last")
    expect(take_off).to_be_disabled()
    let_go(held_page)
    expect(held_page.locator(".layer")).to_have_count(2)
    take_off.click()
    expect(held_page.locator(".layer")).to_have_count(1)


def ask_for_kept(page: Page) -> Route:
    """Keep the first result and ask to hear it; the request for its place waits."""
    page.locator(".keep").first.click()
    held = hold_requests(page, "**/match?*song=*")
    page.get_by_role("button", name="Kept 1").click()
    page.locator(".kept-stem").get_by_role("button", name="Hear").click()
    wait_for_requests(page, held, 1)
    return held[0]


def test_what_was_kept_is_not_heard_under_another_mix(held_page: Page) -> None:
    held = ask_for_kept(held_page)
    choose_mix(held_page, OTHER_MIX)
    expect(held_page.get_by_role("heading", name=OTHER_MIX.name)).to_be_visible()
    held.continue_()
    held_page.wait_for_timeout(LATE_MS)
    expect(held_page.locator(".stage-hint")).to_contain_text("Click to go there")
    expect(held_page.get_by_role("button", name="Pause", exact=True)).to_be_hidden()


def test_what_was_kept_does_not_take_over_from_what_was_played_since(held_page: Page) -> None:
    held = ask_for_kept(held_page)
    held_page.get_by_role("button", name="Close kept stems").click()
    held_page.locator(".result .play").nth(3).click()
    chosen = held_page.locator(".result[aria-current=true] .rank")
    expect(chosen).to_have_text("4")
    held.continue_()
    held_page.wait_for_timeout(LATE_MS)
    expect(chosen).to_have_text("4")
    expect(held_page.get_by_role("button", name="Pause", exact=True)).to_be_visible()


def test_an_answer_leaves_what_is_being_typed_alone(held_page: Page) -> None:
    held = hold_requests(held_page, "**/match?*")
    choose_again(held_page)
    wait_for_requests(held_page, held, 1)
    tempo = held_page.get_by_label("Tempo", exact=True).first
    tempo.focus()
    held_page.keyboard.type("12")
    held[0].continue_()
    wait_for_answer(held_page)
    expect(tempo).to_have_value("12")
    held_page.keyboard.type("8")
    held_page.keyboard.press("Enter")
    expect(tempo).to_have_value("128")
    tempo.fill("")
    tempo.press("Enter")
    expect(tempo).not_to_have_value("")


def choose_again(page: Page) -> None:
    page.set_input_files("input[type=file]", OTHER_MIX)
    expect(page.get_by_role("heading", name=OTHER_MIX.name)).to_be_visible()


def test_the_outline_of_one_stem_is_not_painted_under_another(open_page: PageOpener) -> None:
    page = open_page()
    held = hold_requests(page, "**/stems/*/peaks")
    choose_mix(page)
    type_button(page, "drums").click()
    page.wait_for_selector(".result-list:not(.is-stale) .result:first-child .stem-type:text('drums')")
    page.wait_for_timeout(300)
    first, second = [
        str(row.get_attribute("id")).removeprefix("result-") for row in page.locator(".result").all()[:2]
    ]
    page.keyboard.press("ArrowDown")
    page.wait_for_timeout(300)
    page.keyboard.press("ArrowDown")
    page.wait_for_timeout(300)
    painted = painted_lane(page)
    let_peaks_come(held, second)
    page.wait_for_timeout(500)
    assert painted_lane(page) != painted
    painted = painted_lane(page)
    let_peaks_come(held, first)
    page.wait_for_timeout(500)
    assert painted_lane(page) == painted


def let_peaks_come(held: list[Route], stem: str) -> None:
    for route in held:
        if f"/{stem}/" in route.request.url:
            route.continue_()


def painted_lane(page: Page) -> str:
    return str(page.locator(".stem-wave").evaluate("(canvas) => canvas.toDataURL()"))
