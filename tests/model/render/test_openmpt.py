"""The real library on modules of our own. Skipped only where libopenmpt is not installed."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model.render.openmpt import (
    BrokenModuleError,
    Instrument,
    Module,
    Mono,
    OpenMptNotFoundError,
    load_library,
)
from tests.model.render.mod_files import (
    BAND,
    BASS,
    KICK,
    LEAD,
    PATTERN_SECONDS,
    ROW_SECONDS,
    C,
    Cell,
    E,
    G,
    Written,
    write_band,
    write_mod,
)

RATE = 48_000
needs_library = pytest.mark.openmpt


@pytest.fixture
def band(tmp_path: Path) -> Module:
    return Module(write_band(tmp_path / "band.mod"))


def rms(sound: Mono) -> float:
    return float(np.sqrt(np.mean(sound.astype(np.float64) ** 2)))


def pitch(sound: Mono) -> float:
    return int(np.argmax(np.abs(np.fft.rfft(sound)))) * RATE / len(sound)


def test_a_machine_without_the_library_is_told_what_to_install() -> None:
    with pytest.raises(OpenMptNotFoundError, match="On Debian: apt install libopenmpt0"):
        load_library(find=lambda name: None)


def test_the_library_is_asked_for_by_its_name() -> None:
    asked: list[str] = []
    with pytest.raises(OpenMptNotFoundError):
        load_library(find=asked.append)
    assert asked == ["openmpt"]


@needs_library
def test_a_module_says_how_long_it_is(band: Module) -> None:
    assert band.seconds == pytest.approx(4 * PATTERN_SECONDS, abs=0.01)


@needs_library
def test_samples_stand_for_instruments_where_there_are_none(band: Module) -> None:
    assert len(band.instruments) == 31
    assert [(one.number, one.name) for one in band.instruments[:4]] == [
        (1, "kick"),
        (2, ""),
        (3, "lead"),
        (4, ""),
    ]


@needs_library
def test_notes_of_an_instrument_are_those_of_its_pattern(band: Module) -> None:
    kick, bass, lead, unused = band.instruments[:4]
    assert kick.pitches == (60,) * 16
    assert bass.pitches == (60, 62, 64, 67) * 2
    assert lead.pitches == (60, 64, 67, 64) * 4
    assert unused == Instrument(4, "")


@needs_library
def test_a_note_without_an_instrument_is_the_last_ones(tmp_path: Path) -> None:
    cells = [Cell(0, 0, 2, C), Cell(1, 1, 1, G), Cell(4, 0, 0, E), Cell(8, 0, 0, 0)]
    module = Module(write_mod(tmp_path / "a.mod", Written(BAND, [cells])))
    assert [one.pitches for one in module.instruments[:3]] == [(67,), (60, 64), ()]


@needs_library
def test_patterns_that_are_never_played_are_not_read(tmp_path: Path) -> None:
    """What lies beyond the highest order is left over from composing; a pattern twice is read once."""
    patterns = [[Cell(0, 0, 1, C)], [Cell(0, 0, 2, C)], [Cell(0, 0, 3, C)]]
    module = Module(write_mod(tmp_path / "a.mod", Written(BAND, patterns, [0, 2, 0])))
    assert [one.pitches for one in module.instruments[:3]] == [(60,), (), (60,)]


@needs_library
def test_instruments_alone_sum_up_to_the_module(band: Module) -> None:
    whole = band.play({1, 2, 3}, 3.0, 20.0, RATE)
    alone = [band.play({number}, 3.0, 20.0, RATE) for number in (1, 2, 3)]
    assert min(rms(sound) for sound in alone) > 0.01
    assert rms(whole - np.sum(alone, axis=0)) < 1e-4 * rms(whole)


@needs_library
def test_an_instrument_is_silent_where_only_others_play(tmp_path: Path) -> None:
    late = replace(KICK, first_row=32)
    module = Module(write_band(tmp_path / "a.mod", (late, BASS, LEAD), patterns=1))
    sound = module.play({1}, 0.0, PATTERN_SECONDS, RATE)
    first = round(32 * ROW_SECONDS * RATE)
    assert rms(sound[: first - 100]) == 0.0
    assert rms(sound[first : first + 2000]) > 0.01


@needs_library
def test_nobody_is_silence(band: Module) -> None:
    assert rms(band.play((), 0.0, 5.0, RATE)) == 0.0


@needs_library
def test_an_instrument_sounds_at_its_pitch(band: Module) -> None:
    held = round(0.9 * 8 * ROW_SECONDS * RATE)
    assert pitch(band.play({2}, 0.0, 4.0, RATE)[:held]) == pytest.approx(65, abs=2)
    assert pitch(band.play({3}, 0.0, 4.0, RATE)[: held // 2]) == pytest.approx(518, abs=4)


@needs_library
@pytest.mark.parametrize("rate", [16_000, 48_000])
def test_a_sound_is_mono_and_as_long_as_asked_for(band: Module, rate: int) -> None:
    sound = band.play({1}, 2.0, 3.5, rate)
    assert (sound.shape, sound.dtype) == ((round(3.5 * rate),), np.dtype(np.float32))


@needs_library
def test_after_the_end_is_silence(band: Module) -> None:
    sound = band.play({2}, band.seconds - 2.0, 5.0, RATE)
    assert rms(sound[: 2 * RATE]) > 0.01
    assert rms(sound[3 * RATE :]) == 0.0


@needs_library
def test_what_is_played_before_leaves_no_trace(band: Module) -> None:
    first = band.play({3}, 5.0, 4.0, RATE)
    band.play({1, 2}, 0.0, 30.0, RATE)
    assert np.array_equal(first, band.play({3}, 5.0, 4.0, RATE))


@needs_library
@pytest.mark.parametrize("content", [b"", b"no module at all", b"Extended Module: but then nothing"])
def test_a_file_that_is_no_module_is_named(
    tmp_path: Path, content: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "noise.xm").write_bytes(content)
    with pytest.raises(BrokenModuleError, match=r"noise\.xm is no module, or is damaged\. Leave it out\."):
        Module(tmp_path / "noise.xm")
    assert capfd.readouterr() == ("", "")


@needs_library
def test_a_name_in_no_encoding_is_read_nevertheless(tmp_path: Path) -> None:
    path = write_band(tmp_path / "a.mod")
    path.write_bytes(path.read_bytes().replace(b"kick", b"k\x81ck"))
    assert Module(path).instruments[0].name.startswith("k")


@needs_library
def test_a_file_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Module(tmp_path / "missing.mod")
