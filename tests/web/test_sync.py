"""Mix and stem really play together: what was started on the page's clock, rendered and measured."""

import numpy as np
import pytest
import soundfile
import soxr  # type: ignore[import-untyped]  # it publishes no types
from numpy.typing import NDArray
from playwright.sync_api import Page, expect

from audio.loudness import integrated_loudness
from tests.web.conftest import DEMO, MIX, type_button, wait_until
from tests.web.heard import (
    HOP_SECONDS,
    SAMPLE_RATE,
    count_started,
    lag_seconds,
    loudest_heard,
    onsets,
    render_started,
    sound_of,
    wait_for_started,
)

pytestmark = pytest.mark.browser

LISTENED_SECONDS = 8.0
TOLERANCE_SECONDS = 0.010
# A voice that is stopped while it fades in has, for a moment, another gain.
FADED_MS = 100


def read_stem(name: str) -> NDArray[np.float32]:
    """A demo stem at the page's rate."""
    sound, rate = soundfile.read(DEMO / "stems" / name, dtype="float32")
    return np.asarray(soxr.resample(sound, rate, SAMPLE_RATE), np.float32)


def play(page: Page, row: int = 0) -> None:
    """Play a result, and wait until mix and stem have started together."""
    page.locator(".result .play").nth(row).click()
    wait_for_started(page, 1)
    expect(page.locator(".stem-lane:not(.is-loading)")).to_be_visible()


def start_together(page: Page) -> None:
    """Pause and play again, now that the stem is there: mix and stem are the last two that start."""
    page.wait_for_timeout(FADED_MS)
    page.get_by_role("button", name="Pause", exact=True).click()
    before = count_started(page)
    page.get_by_role("button", name="Play", exact=True).click()
    wait_for_started(page, before + 1)


def placement(page: Page) -> tuple[float, float]:
    """Second of the stem, second of the mix, as the service says for the first drum stem."""
    with MIX.open("rb") as mix:
        answer = page.request.post(
            page.url + "match?type=drums&limit=1",
            multipart={"mix": {"name": MIX.name, "mimeType": "audio/ogg", "buffer": mix.read()}},
        )
    found = answer.json()["matches"][0]["placement"]
    return found["stem_start"], found["mix_start"]


def test_the_stem_lands_within_ten_milliseconds_of_its_placement(page: Page) -> None:
    play(page)
    start_together(page)
    stem = render_started(page, -1, LISTENED_SECONDS)
    stem_start, mix_start = placement(page)
    begin = round((stem.offset - mix_start + stem_start) * SAMPLE_RATE)
    expected = read_stem("black-mountain/drums.ogg")[begin : begin + round(4 * SAMPLE_RATE)]
    heard = stem.sound[: len(expected)]
    assert abs(lag_seconds(onsets(heard), onsets(expected))) <= TOLERANCE_SECONDS


def test_mix_and_stem_start_at_the_same_second_on_the_same_sample(page: Page) -> None:
    play(page)
    start_together(page)
    mix, stem = render_started(page, -2, 1), render_started(page, -1, 1)
    assert (mix.when, mix.loop_start, mix.loop_end) == (
        stem.when,
        stem.loop_start,
        stem.loop_end,
    )
    assert mix.offset == stem.offset


def test_something_is_heard_and_the_clock_goes_on(page: Page) -> None:
    play(page)
    page.wait_for_timeout(600)
    assert loudest_heard(page) > 0.01
    assert page.locator(".clock").inner_text() > "0:00.1"
    page.get_by_role("button", name="Pause", exact=True).click()
    page.wait_for_timeout(400)
    assert loudest_heard(page) < 1e-4


@pytest.mark.parametrize("loops", [True, False])
def test_another_result_takes_over_on_the_beat(page: Page, loops: bool) -> None:
    tempo = page.get_by_label("Tempo", exact=True).first
    tempo.fill("125")
    tempo.blur()
    if not loops:
        page.get_by_role("button", name="Loop", exact=True).click()
    play(page)
    mix = render_started(page, 0, 0.1)
    for _ in range(3):
        count = count_started(page)
        page.keyboard.press("ArrowDown")
        wait_for_started(page, count)
        expect(page.locator(".stem-lane:not(.is-loading)")).to_be_visible()
        stem = render_started(page, -1, 0.1)
        assert stem.when > mix.when
        # It begins where the mix is by then, or whole bars away from there.
        bars = ((stem.offset - mix.offset) - (stem.when - mix.when)) / (240 / 125)
        assert bars == pytest.approx(round(bars), abs=1e-3)


def test_a_stretched_stem_has_the_mixs_tempo_and_keeps_its_place(page: Page) -> None:
    tempo = page.get_by_label("Tempo", exact=True).first
    tempo.fill("137.5")
    tempo.blur()
    play(page)
    count = count_started(page)
    page.get_by_role("button", name="To tempo").click()
    expect(page.locator(".switch-detail")).to_have_text("×1.100")
    wait_for_started(page, count)
    heard = onsets(sound_of(page, -1))
    original = onsets(read_stem("black-mountain/drums.ogg"))
    stem_start, mix_start = placement(page)
    seconds = np.arange(len(heard)) * HOP_SECONDS
    places = np.round(((seconds - mix_start) * 1.1 + stem_start) / HOP_SECONDS).astype(int)
    both = np.flatnonzero((places >= 0) & (places < len(original)))
    # A tempo that is wrong by 0.5 % would drift apart by 10 ms within two seconds.
    parts = np.array_split(both, 4)
    lags = [lag_seconds(heard[part], original[places[part]], most=0.1) for part in parts]
    assert max(abs(lag) for lag in lags) <= TOLERANCE_SECONDS


def test_a_stem_is_as_loud_as_the_mix(page: Page) -> None:
    play(page)
    start_together(page)
    gain = float(page.evaluate("window.gains.at(-1)"))
    mix, rate = soundfile.read(MIX, dtype="float32")
    wanted = integrated_loudness(mix, rate)
    stem = integrated_loudness(read_stem("black-mountain/drums.ogg"), SAMPLE_RATE)
    assert wanted is not None
    assert stem is not None
    assert stem < wanted - 3
    assert stem + 20 * np.log10(gain) == pytest.approx(wanted, abs=0.5)


def test_a_stem_that_takes_over_leaves_the_gain_of_the_other_alone(page: Page) -> None:
    play(page)
    start_together(page)
    page.wait_for_timeout(FADED_MS)
    page.keyboard.press("ArrowDown")
    # The mix's gain, and those of two stems.
    wait_until(page, "new Set([...faded.values()].flatMap((values) => [...values])).size >= 3")
    gains = page.evaluate("[...faded.values()].map((values) => [...values])")
    assert all(len(each) == 1 for each in gains)


def test_the_end_of_the_mix_can_be_heard_although_it_is_no_whole_bar(page: Page) -> None:
    tempo = page.get_by_label("Tempo", exact=True).first
    tempo.fill("100")
    tempo.press("Enter")
    wave = page.locator(".mix-wave")
    box = wave.bounding_box()
    assert box is not None
    wave.click(position={"x": box["width"] * 12 / 13, "y": 30})
    page.get_by_role("button", name="Play", exact=True).click()
    wait_for_started(page, 0)
    started = page.evaluate(
        "(({ offset, loopStart, loopEnd }) => [offset, loopStart, loopEnd])(started.at(-1))"
    )
    assert started[0] == pytest.approx(12, abs=0.1)
    assert started[1] == 0
    assert started[2] == pytest.approx(13, abs=0.1)


def test_solo_and_balance_turn_the_other_down(page: Page) -> None:
    play(page)
    page.get_by_role("radio", name="Stem").click()
    expect(page.get_by_role("radio", name="Stem")).to_have_attribute("aria-checked", "true")
    page.wait_for_timeout(300)
    assert loudest_heard(page) > 0.005


def test_a_key_that_is_asked_for_is_shifted_to(page: Page) -> None:
    type_button(page, "drums").click()
    type_button(page, "bass").click()
    page.wait_for_selector(".result-list:not(.is-stale) .result:first-child .stem-type:text('bass')")
    row = page.locator(".result").filter(has_not_text="–").first
    row.locator(".play").click()
    wait_for_started(page, 1)
    key = page.get_by_label("Key", exact=True).first
    own = row.locator(".stem-facts div:nth-child(3) dd").inner_text().replace("♯", "#")
    notes = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]
    tonic, mode = own.split()
    key.fill(f"{notes[(notes.index(tonic) + 2) % 12]} {mode}")
    key.blur()
    page.wait_for_timeout(200)
    before = sound_of(page, -1)
    count = count_started(page)
    page.get_by_role("button", name="To key").click()
    wait_for_started(page, count)
    expect(page.locator(".switch-detail")).to_have_text("+2")
    assert semitones_between(before, sound_of(page, -1)) == pytest.approx(2, abs=0.3)


def semitones_between(low: NDArray[np.float32], high: NDArray[np.float32]) -> float:
    """How far the spectrum of `high` lies above that of `low`, in semitones."""
    steps = np.arange(-60, 61)
    spectra = [tenths_of_semitones(sound) for sound in (low, high)]
    scores = [float(np.dot(np.roll(spectra[0], step), spectra[1])) for step in steps]
    return float(steps[int(np.argmax(scores))] / 10)


def tenths_of_semitones(sound: NDArray[np.float32]) -> NDArray[np.float64]:
    """Loudest magnitude in each tenth of a semitone from 60 to 960 Hz, smoothed, their mean taken off."""
    magnitudes = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    hertz = 60 * 2 ** (np.arange(481) / 120)
    edges = np.searchsorted(np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE), hertz)
    loudest = np.sqrt(np.maximum.reduceat(magnitudes, edges)[:-1])
    smooth = np.convolve(loudest, np.hanning(7) / 3, mode="same")
    return np.asarray(smooth - smooth.mean(), np.float64)
