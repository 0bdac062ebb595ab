"""A loop goes round under the mix and stays on the beat, though its file is a little longer than its bar."""

import io
from typing import Any

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Page

from tests.web.conftest import MIX, PageOpener, choose_mix
from tests.web.heard import SAMPLE_RATE, sound_of, wait_for_started

pytestmark = pytest.mark.browser

BAR_SECONDS = 2.0
# 1.015 bars at 120 bpm: what rings on after the bar.
FILE_SECONDS = 2.03
MIX_SECONDS = 13.0
# Three times as much as the hum changes from one sample to the next.
HUM_STEP = 0.005


def click_track() -> bytes:
    """A loop of one bar with a click at its start, and a hum that goes on after the bar."""
    times = np.arange(round(FILE_SECONDS * SAMPLE_RATE)) / SAMPLE_RATE
    sound = 0.05 * np.sin(2 * np.pi * 220 * times)
    sound[:40] = 0.9
    file = io.BytesIO()
    soundfile.write(file, sound, SAMPLE_RATE, format="WAV", subtype="FLOAT")
    return file.getvalue()


def answer_with_loop(page: Page) -> dict[str, Any]:
    """What the service answers about the demo's mix, with the first stem made to be that loop."""
    with MIX.open("rb") as mix:
        answer = page.request.post(
            page.url + "match?type=drums&limit=2",
            multipart={"mix": {"name": MIX.name, "mimeType": "audio/ogg", "buffer": mix.read()}},
        ).json()
    first = answer["matches"][0]
    first["stem"] |= {"kind": "loop", "seconds": FILE_SECONDS, "bpm": 120.0, "bpm_confidence": 1.0}
    first["placement"] = {"mix_start": 1.0, "stem_start": 0.0, "seconds": BAR_SECONDS}
    return dict(answer)


def play_loop(page: Page) -> None:
    answer = answer_with_loop(page)
    page.route("**/match?*", lambda route: route.fulfill(json=answer))
    page.route("**/stems/*/audio", lambda route: route.fulfill(body=click_track(), content_type="audio/wav"))
    choose_mix(page)
    page.locator(".result .play").first.click()
    wait_for_started(page, 1)


def test_a_loop_that_is_longer_than_its_bar_comes_in_on_every_bar(open_page: PageOpener) -> None:
    page = open_page()
    play_loop(page)
    laid = sound_of(page, -1)
    clicks = np.flatnonzero((laid[1:] > 0.5) & (laid[:-1] <= 0.5)) / SAMPLE_RATE
    assert clicks == pytest.approx(np.arange(1.0, MIX_SECONDS, BAR_SECONDS), abs=0.002)
    # What hums on after the bar fades out under the next turn: only the clicks jump, up and down.
    assert np.count_nonzero(np.abs(np.diff(laid)) > HUM_STEP) == 2 * len(clicks)
