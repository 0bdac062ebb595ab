"""What is kept of the results: favourites, files, and the stack of accepted stems."""

import io
from pathlib import Path

import pytest
import soundfile
from playwright.sync_api import Page, expect

from tests.web.conftest import MIX, choose_mix, titles, type_button, wait_for_answer

pytestmark = pytest.mark.browser


def test_what_was_kept_is_heard_with_the_mix(page: Page) -> None:
    page.get_by_role("button", name="Keep Black Mountain, drums").click()
    type_button(page, "drums").click()
    type_button(page, "bass").click()
    wait_for_answer(page)
    page.get_by_role("button", name="Kept 1").click()
    page.get_by_role("button", name="Hear Black Mountain, drums with the mix").click()
    expect(page.locator(".stage-hint")).to_contain_text("Black Mountain, drums: its 0:04.0 falls on 0:02.6")
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()


def test_what_is_kept_is_there_after_a_reload(page: Page) -> None:
    page.get_by_role("button", name="Keep Black Mountain, drums").click()
    page.reload()
    page.get_by_role("button", name="Kept 1").click()
    expect(page.locator(".kept-stem .song")).to_have_text("Black Mountain")


def test_what_is_no_longer_kept_leaves_the_focus_in_the_drawer(page: Page) -> None:
    page.get_by_role("button", name="Keep Black Mountain, drums").click()
    page.get_by_role("button", name="Kept 1").click()
    page.get_by_role("button", name="Keep Black Mountain, drums no longer").click()
    expect(page.get_by_role("button", name="Close kept stems")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("complementary", name="Kept stems")).to_be_hidden()


def test_two_tabs_keep_what_either_keeps(page: Page) -> None:
    other = page.context.new_page()
    other.goto(page.url)
    choose_mix(other)
    page.locator(".keep").nth(0).click()
    expect(other.get_by_role("button", name="Kept 1")).to_be_visible()
    other.locator(".keep[aria-pressed=false]").nth(3).click()
    expect(page.get_by_role("button", name="Kept 2")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Kept 2")).to_be_visible()


def test_a_stem_is_downloaded_as_it_is(page: Page) -> None:
    with page.expect_download() as started:
        page.get_by_role("link", name="Download Black Mountain, drums").click()
    assert started.value.suggested_filename == "drums.ogg"
    original = MIX.parents[1] / "stems/black-mountain/drums.ogg"
    assert Path(started.value.path()).read_bytes() == original.read_bytes()


def test_a_stem_can_be_dragged_out_as_a_file(page: Page) -> None:
    offered = page.evaluate(
        """() => {
          const data = new DataTransfer();
          const row = document.querySelector(".result");
          row.dispatchEvent(new DragEvent("dragstart", { dataTransfer: data, bubbles: true }));
          return data.getData("DownloadURL");
        }"""
    )
    media_type, name, url = offered.split(":", 2)
    assert (media_type, name) == ("audio/ogg", "drums.ogg")
    assert page.request.get(url).ok


def test_an_accepted_stem_is_in_the_mix_that_is_searched_with_next(page: Page) -> None:
    with page.expect_response("**/match?*") as answered:
        page.get_by_role("button", name="Accept Black Mountain, drums into the mix").click()
    assert answered.value.json()["query"]["filename"] == f"{MIX.stem} + drums.wav"
    wait_for_answer(page)
    expect(page.get_by_role("list", name="Accepted stems")).to_contain_text("Black Mountain")
    assert "Black Mountain" not in titles(page)
    page.get_by_role("button", name="Take off the last").click()
    expect(page.get_by_role("heading", name=MIX.name)).to_be_visible()


def test_the_stack_is_exported_as_a_wav_file(page: Page) -> None:
    page.get_by_role("button", name="Accept Black Mountain, drums into the mix").click()
    page.get_by_role("list", name="Accepted stems").wait_for()
    with page.expect_download() as started:
        page.get_by_role("button", name="Export WAV").click()
    sound, rate = soundfile.read(io.BytesIO(Path(started.value.path()).read_bytes()))
    mix, mix_rate = soundfile.read(MIX)
    assert rate == 44_100
    assert abs(len(sound) / rate - len(mix) / mix_rate) < 0.01
    assert 0.1 < abs(sound).max() <= 1.0
