"""Spectra that are kept: what is read is what the front end would have made."""

from pathlib import Path

import numpy as np
import pytest
import torch

from audio.decode import SAMPLE_RATE
from model.config_sections import FrontEndConfig
from model.stem_powers import PHASES, QUIETEST_LOG, STEPS_PER_NEPER, Piece, StemPowers
from model.stem_reader import StemReader
from tests.model.multitracks import noise, tone, write_wav

CONFIG = FrontEndConfig(bins=90, bins_per_octave=12)
HOP = CONFIG.hop_samples
SECONDS = 4
FRAMES = SECONDS * SAMPLE_RATE // HOP


@pytest.fixture
def stem(tmp_path: Path) -> Path:
    loud = noise(1, SECONDS * SAMPLE_RATE, 0.05) + tone(440.0, SECONDS * SAMPLE_RATE)
    loud[: SAMPLE_RATE // 2] = 0.0
    return write_wav(tmp_path / "song" / "keys.wav", loud)


@pytest.fixture
def powers(tmp_path: Path) -> StemPowers:
    return open_powers(tmp_path)


def open_powers(folder: Path, config: FrontEndConfig = CONFIG) -> StemPowers:
    return StemPowers(StemReader(folder / "decoded"), config, folder / "powers")


def open_files() -> int:
    return sum(1 for _ in Path("/dev/fd").iterdir())


def kept(folder: Path) -> set[str]:
    return {path.name for path in (folder / "powers").iterdir()}


def test_powers_are_those_of_the_front_end_to_half_a_step(powers: StemPowers, stem: Path) -> None:
    waveform = torch.from_numpy(powers.reader.read((stem,), 0, SECONDS * SAMPLE_RATE))
    wanted = powers.front_end.power(waveform[None])[0].T.numpy()
    found = powers.read(Piece((stem,), 0, FRAMES))
    audible = np.log(np.maximum(wanted, 1e-30)) > QUIETEST_LOG + 1
    assert audible.mean() > 0.5
    assert np.abs(np.log(found[audible]) - np.log(wanted[audible])).max() < 0.51 / STEPS_PER_NEPER
    assert found[0].max() == 0.0  # silence


def test_the_mean_square_is_that_of_the_samples(powers: StemPowers, stem: Path) -> None:
    waveform = powers.reader.read((stem,), 64 * HOP, 32 * HOP)
    piece = Piece((stem,), 64, 32)
    assert powers.rms(piece) == pytest.approx(float(np.sqrt(np.square(waveform).mean())), rel=1e-5)


def test_phases_lie_half_a_hop_apart(powers: StemPowers, stem: Path) -> None:
    later = powers.reader.read((stem,), 64 * HOP + HOP // PHASES, 32 * HOP)
    piece = Piece((stem,), 64, 32, phase=1)
    assert powers.rms(piece) == pytest.approx(float(np.sqrt(np.square(later).mean())), rel=1e-5)
    assert not np.array_equal(powers.read(piece), powers.read(Piece((stem,), 64, 32)))


@pytest.mark.parametrize(("start", "before", "after"), [(-5, 5, 0), (FRAMES - 6, 0, 4), (-3, 3, 0)])
def test_beyond_the_ends_is_silence(
    powers: StemPowers, stem: Path, start: int, before: int, after: int
) -> None:
    piece = powers.read(Piece((stem,), start, 10))
    whole = powers.read(Piece((stem,), 0, FRAMES))
    assert piece.shape == (10, CONFIG.bins)
    assert piece[:before].sum() == piece[10 - after :].sum() == 0.0
    inside = slice(before, 10 - after)
    assert np.array_equal(piece[inside], whole[max(start, 0) :][: 10 - before - after])


@pytest.mark.parametrize("start", [-50, FRAMES, FRAMES + 7])
def test_a_piece_that_lies_outside_is_silent(powers: StemPowers, stem: Path, start: int) -> None:
    piece = Piece((stem,), start, 10)
    assert powers.rms(piece) == 0.0
    assert powers.read(piece).sum() == 0.0


def test_files_of_one_stem_are_analysed_as_a_sum(powers: StemPowers, tmp_path: Path, stem: Path) -> None:
    other = write_wav(tmp_path / "song" / "keys-2.wav", tone(880.0, SAMPLE_RATE))
    both = powers.read(Piece((stem, other), 16, 8))
    assert both.sum() > 1.5 * powers.read(Piece((stem,), 16, 8)).sum()
    assert powers.read(Piece((stem, other), FRAMES - 10, 8)).sum() > 0  # as long as the longer one


def test_the_loudest_second_is_found(powers: StemPowers, stem: Path) -> None:
    assert powers.loudest((stem,)) == pytest.approx(powers.reader.loudest((stem,)), rel=1e-3)


def test_spectra_are_taken_once(tmp_path: Path, stem: Path) -> None:
    first = open_powers(tmp_path).read(Piece((stem,), 0, 20))
    written = {path: path.stat().st_mtime_ns for path in (tmp_path / "powers").iterdir()}
    again = open_powers(tmp_path).read(Piece((stem,), 0, 20))
    assert np.array_equal(first, again)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "powers").iterdir()} == written


def test_half_written_spectra_are_taken_again(tmp_path: Path, stem: Path) -> None:
    open_powers(tmp_path).read(Piece((stem,), 0, 20))
    next((tmp_path / "powers").glob("*.levels.npy")).unlink()
    assert open_powers(tmp_path).rms(Piece((stem,), 20, 20)) > 0
    assert len(kept(tmp_path)) == 2


def test_another_file_or_front_end_has_a_place_of_its_own(tmp_path: Path, stem: Path) -> None:
    open_powers(tmp_path).read(Piece((stem,), 0, 20))
    first = kept(tmp_path)
    open_powers(tmp_path, FrontEndConfig(bins=90, bins_per_octave=12, lowest_hz=45.0)).read(
        Piece((stem,), 0, 20)
    )
    second = kept(tmp_path)
    assert len(first) == 2
    assert len(second) == 4
    write_wav(stem, tone(220.0, SAMPLE_RATE))
    assert open_powers(tmp_path).rms(Piece((stem,), 0, 20)) > 0
    assert len(kept(tmp_path)) == 6


@pytest.mark.parametrize("tempo", [0.8, 0.93, 1.0, 1.25])
def test_at_another_tempo_frames_lie_further_apart_or_closer(
    powers: StemPowers, stem: Path, tempo: float
) -> None:
    """Each is the stored one that is nearest, of either phase."""
    whole = [powers.read(Piece((stem,), 0, FRAMES, phase)) for phase in range(PHASES)]
    piece = powers.read(Piece((stem,), 20, 40, tempo=tempo))
    stored = np.arange(PHASES * FRAMES) / PHASES
    for frame, found in enumerate(piece):
        nearest = np.flatnonzero(np.abs(stored - (20 + frame * tempo)) <= 0.5 / PHASES + 1e-9)
        assert any(np.array_equal(found, whole[at % PHASES][at // PHASES]) for at in nearest)


def test_a_faster_piece_reaches_further(powers: StemPowers, stem: Path) -> None:
    last = FRAMES - 40
    assert powers.read(Piece((stem,), last, 40, tempo=0.9)).sum(axis=1).min() > 0
    beyond = powers.read(Piece((stem,), last, 40, tempo=1.25)).sum(axis=1)
    assert (beyond[:32] > 0).all()
    assert not beyond[32:].any()
    assert powers.rms(Piece((stem,), last, 40, tempo=1.25)) < powers.rms(Piece((stem,), last, 40))


def test_no_stem_stays_open(tmp_path: Path, stem: Path, powers: StemPowers) -> None:
    """A process may have 256 or 1,024 files open, and a data set has thousands of stems."""
    stems = [write_wav(tmp_path / f"song/{number}.wav", noise(number, HOP * 40)) for number in range(20)]
    powers.read(Piece((stem,), 0, 4))  # whatever else is opened once
    before = open_files()
    read = [powers.read(Piece((each,), 0, 4)) for each in stems]
    assert open_files() == before
    assert len(read) == len(stems)
