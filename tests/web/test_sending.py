"""How a mix gets to the service: once, no larger than need be, and with a word where it cannot."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from playwright.sync_api import CDPSession, Page, expect
from starlette.types import ASGIApp, Receive, Scope, Send

from service.app import create_app
from tests.web.conftest import MIX, PageOpener, choose_mix, settings_for, titles, type_button, wait_for_answer
from tests.web.served import serve
from tests.web.test_late_answers import hold_requests, wait_for_requests

pytestmark = pytest.mark.browser

LOGIN = "<!doctype html><title>Log in</title>"


def test_an_answer_that_is_a_login_page_is_told_of(open_page: PageOpener) -> None:
    page = open_page()
    page.route("**/match?*", lambda route: route.fulfill(status=200, content_type="text/html", body=LOGIN))
    page.set_input_files("input[type=file]", MIX)
    expect(page.get_by_text("What answered is not the service")).to_be_visible()
    page.unroute("**/match?*")
    page.get_by_role("button", name="Try again").click()
    wait_for_answer(page)


def test_a_login_page_in_place_of_a_later_answer_is_told_of_too(page: Page) -> None:
    page.route("**/match?*", lambda route: route.fulfill(status=200, content_type="text/html", body=LOGIN))
    type_button(page, "drums").click()
    expect(page.get_by_text("What answered is not the service")).to_be_visible()


def test_another_question_lets_the_mix_be_sent_to_its_end(open_page: PageOpener) -> None:
    page = open_page()
    held = hold_requests(page, "**/match?*")
    page.set_input_files("input[type=file]", MIX)
    expect(page.locator(".progress, [role=status]").filter(has_text="mix").first).to_be_visible()
    wait_for_requests(page, held, 1)
    type_button(page, "drums").click()
    page.wait_for_timeout(500)
    assert len(held) == 1
    held[0].continue_()
    wait_for_requests(page, held, 2)
    assert "sha256=" in held[1].request.url
    assert "type=drums" in held[1].request.url
    held[1].continue_()
    wait_for_answer(page)
    assert set(page.locator(".result .stem-type").all_inner_texts()) == {"drums"}


def test_another_mix_ends_the_sending_of_the_one_before(open_page: PageOpener) -> None:
    page = open_page()
    failed: list[str] = []
    page.on("requestfailed", lambda request: failed.append(request.url))
    held = hold_requests(page, "**/match?*")
    page.set_input_files("input[type=file]", MIX)
    wait_for_requests(page, held, 1)
    page.set_input_files("input[type=file]", MIX.parent / "alone-with-colors-mix-no-bass.ogg")
    wait_for_requests(page, held, 2)
    assert len(failed) == 1
    held[1].continue_()
    wait_for_answer(page)
    expect(page.get_by_role("heading", name="alone-with-colors-mix-no-bass.ogg")).to_be_visible()
    assert titles(page)


def test_of_a_large_file_as_much_is_sent_as_the_service_hears(page: Page, tmp_path: Path) -> None:
    """The demo's mix, eight times over, as the 24 bits in stereo that a sequencer exports."""
    sound, rate = soundfile.read(MIX, dtype="float32", always_2d=True)
    large = tmp_path / "large.wav"
    soundfile.write(large, np.tile(np.repeat(sound[:, :1], 2, axis=1), (8, 1)), rate, subtype="PCM_24")
    assert large.stat().st_size > 16_000_000
    with page.expect_response("**/match?*") as answered:
        choose_mix(page, large)
    sent = int(answered.value.request.all_headers()["content-length"])
    assert sent < large.stat().st_size / 2
    query = json.loads(answered.value.body())["query"]
    assert query["filename"] == "large.wav"
    assert query["seconds"] == pytest.approx(8 * len(sound) / rate, abs=0.01)


def test_how_many_are_shown_is_forgotten_with_the_list(page: Page) -> None:
    page.get_by_role("button", name="Show more").click()
    wait_for_answer(page)
    for name in ("bass", "any"):
        with page.expect_request("**/match?*") as asked:
            type_button(page, name).click()
        assert "limit=10" in asked.value.url
        wait_for_answer(page)
    page.get_by_role("button", name="Show more").click()
    wait_for_answer(page)
    with page.expect_request("**/match?*") as asked:
        choose_mix(page, MIX.parent / "alone-with-colors-mix-no-bass.ogg")
    assert "limit=10" in asked.value.url


class Counting:
    """Counts the questions that reach the service."""

    def __init__(self, app: ASGIApp, asked: list[str]) -> None:
        self._app = app
        self._asked = asked

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST":
            self._asked.append(scope["path"])
        await self._app(scope, receive, send)


def test_an_upload_that_is_too_slow_is_told_of_at_once(open_page: PageOpener, demo_data: Path) -> None:
    """A browser that gets a 408 sends it all again, twice, before it tells anybody."""
    asked: list[str] = []
    app = create_app(settings_for(demo_data, upload_seconds=1))
    app.add_middleware(Counting, asked=asked)
    with serve(app) as url:
        page = open_page(url=url, strict=False)
        network: CDPSession = page.context.new_cdp_session(page)
        slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 100_000}
        network.send("Network.enable")
        network.send("Network.emulateNetworkConditions", slow)
        noise = np.random.default_rng(0).uniform(-0.5, 0.5, 600_000).astype(np.float32)
        wav = io.BytesIO()
        soundfile.write(wav, noise, 44_100, format="WAV", subtype="PCM_16")
        page.set_input_files(
            "input[type=file]", {"name": "slow.wav", "mimeType": "audio/wav", "buffer": wav.getvalue()}
        )
        expect(page.get_by_text("The upload took longer than 1 s")).to_be_visible()
    assert asked == ["/match"]
