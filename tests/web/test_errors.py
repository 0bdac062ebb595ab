"""What goes wrong is said in the service's words, with a way on."""

import base64
import io
from pathlib import Path

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Page, expect

from service.app import create_app
from tests.service.conftest import create_write_key
from tests.web.conftest import MIX, PageOpener, choose_mix, settings_for, type_button
from tests.web.served import serve

pytestmark = pytest.mark.browser


def test_a_file_that_is_no_sound_is_refused_in_the_services_words(
    open_page: PageOpener, tmp_path: Path
) -> None:
    page = open_page(strict=False)
    note = tmp_path / "note.wav"
    note.write_text("Dear diary, " * 400)
    page.set_input_files("input[type=file]", note)
    expect(page.get_by_role("alert")).to_contain_text("not audio")
    expect(page.get_by_role("alert")).to_contain_text("Request ")
    choose_mix(page)


def test_a_silent_mix_is_refused_in_the_services_words(open_page: PageOpener) -> None:
    page = open_page(strict=False)
    silence = io.BytesIO()
    soundfile.write(silence, np.zeros(44_100 * 4, np.float32), 44_100, format="WAV")
    page.set_input_files(
        "input[type=file]",
        {"name": "silence.wav", "mimeType": "audio/wav", "buffer": silence.getvalue()},
    )
    expect(page.get_by_role("alert")).to_contain_text("silent")


def test_a_file_that_cannot_be_read_is_said_beside_the_mix_until_it_has_been_seen(
    open_page: PageOpener,
) -> None:
    page = open_page()
    choose_mix(page)
    # A folder that is dropped is a file that cannot be read.
    page.evaluate(
        """() => {
          const data = new DataTransfer();
          data.items.add(new File(["gone"], "folder"));
          const gone = new DOMException("It cannot be read.", "NotFoundError");
          File.prototype.arrayBuffer = () => Promise.reject(gone);
          const dropped = { dataTransfer: data, cancelable: true, bubbles: true };
          window.dispatchEvent(new DragEvent("drop", dropped));
        }"""
    )
    expect(page.get_by_role("alert").filter(has_text="It cannot be read.")).to_be_visible()
    expect(page.get_by_role("heading", name=MIX.name)).to_be_visible()
    page.get_by_role("button", name="Dismiss").click()
    expect(page.get_by_text("It cannot be read.")).to_be_hidden()


def test_without_a_library_the_page_says_how_to_make_one(open_page: PageOpener, tmp_path: Path) -> None:
    with serve(create_app(settings_for(tmp_path))) as empty:
        page = open_page(url=empty)
        expect(page.get_by_text("No library yet.")).to_be_visible()
        expect(page.get_by_text("counterpart index ~/stems")).to_be_visible()


def test_a_service_that_is_gone_can_be_asked_again(open_page: PageOpener) -> None:
    page = open_page(strict=False)
    page.route("**/match?*", lambda route: route.abort())
    page.set_input_files("input[type=file]", MIX)
    expect(page.get_by_role("alert")).to_contain_text("does not answer")
    page.unroute("**/match?*")
    page.get_by_role("button", name="Try again").click()
    page.wait_for_selector(".result")


def test_a_library_that_could_not_be_looked_at_is_there_once_the_service_answers(
    open_page: PageOpener,
) -> None:
    page = open_page(strict=False)
    page.route("**/types", lambda route: route.abort())
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("does not answer")
    page.unroute("**/types")
    page.evaluate(
        """(text) => {
          const data = new DataTransfer();
          data.items.add(new File([Uint8Array.from(atob(text), (each) => each.charCodeAt(0))], "mix.ogg"));
          const dropped = { dataTransfer: data, cancelable: true, bubbles: true };
          window.dispatchEvent(new DragEvent("drop", dropped));
        }""",
        base64.b64encode(MIX.read_bytes()).decode(),
    )
    page.wait_for_selector(".result")
    expect(type_button(page, "drums")).to_be_enabled()


def test_where_the_browser_forbids_storage_the_page_works_and_says_that_it_forgets(
    open_page: PageOpener,
) -> None:
    page = open_page()
    page.add_init_script(
        """for (const name of ["localStorage", "sessionStorage"]) {
          const get = () => { throw new DOMException("denied", "SecurityError"); };
          Object.defineProperty(window, name, { get });
        }"""
    )
    page.reload()
    choose_mix(page)
    page.locator(".keep").first.click()
    page.get_by_role("button", name="Kept 1").click()
    expect(page.get_by_text("This browser stores nothing")).to_be_visible()


def test_a_stem_whose_file_is_gone_is_said_beside_the_mix_which_plays_on(open_page: PageOpener) -> None:
    page = open_page(strict=False)
    choose_mix(page)
    page.route(
        "**/stems/*/audio",
        lambda route: route.fulfill(status=410, body='{"detail": "The file is gone."}'),
    )
    page.locator(".result .play").nth(4).click()
    expect(page.locator(".stage-hint")).to_have_text("The file is gone.")
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()


def use_key(page: Page, key: str) -> None:
    page.get_by_label("API key").fill(key)
    page.get_by_role("button", name="Use it").click()


def test_a_service_that_asks_for_a_key_is_given_one_and_all_works(
    open_page: PageOpener, demo_data: Path
) -> None:
    settings = settings_for(demo_data, require_key=True)
    with serve(create_app(settings)) as guarded:
        page = open_page(url=guarded, strict=False)
        expect(page.get_by_role("alert")).to_contain_text("needs an API key")
        use_key(page, "“quoted”")
        expect(page.get_by_role("alert").last).to_contain_text("plain letters")
        use_key(page, "not-a-key")
        expect(page.get_by_role("alert").first).to_contain_text("not known here")
        use_key(page, create_write_key(settings))
        choose_mix(page)
        page.locator(".result .play").first.click()
        page.wait_for_selector(".stem-lane:not(.is-empty):not(.is-loading)")
        expect(page.locator(".stage-hint")).to_contain_text("falls on")
        with page.expect_download() as started:
            page.locator(".result a[download]").first.click()
        assert Path(started.value.path()).stat().st_size > 1000


def test_where_a_key_is_used_nobody_is_told_to_drag(open_page: PageOpener, demo_data: Path) -> None:
    settings = settings_for(demo_data, require_key=True)
    with serve(create_app(settings)) as guarded:
        page = open_page(url=guarded, strict=False)
        use_key(page, create_write_key(settings))
        choose_mix(page)
        expect(page.locator(".result").first).to_have_attribute("draggable", "false")
        expect(page.locator(".result a[download]").first).to_have_attribute("title", "Download")
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="Keys")).not_to_contain_text("DAW")


def test_a_kept_stem_that_cannot_be_had_is_told_of_without_a_mix_too(
    open_page: PageOpener, demo_data: Path
) -> None:
    settings = settings_for(demo_data, require_key=True)
    with serve(create_app(settings)) as guarded:
        page = open_page(url=guarded, strict=False)
        use_key(page, create_write_key(settings))
        choose_mix(page)
        page.locator(".keep").first.click()
        page.get_by_role("link", name="Counterpart").click()
        page.route(
            "**/stems/*/audio",
            lambda route: route.fulfill(status=410, body='{"detail": "The file is gone."}'),
        )
        page.get_by_role("button", name="Kept 1").click()
        drawer = page.get_by_role("complementary", name="Kept stems")
        drawer.get_by_role("link", name="Download").click()
        expect(drawer.get_by_role("alert")).to_have_text("The file is gone.")
