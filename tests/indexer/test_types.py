"""What a stem plays, as files are renamed and replaced and manifests come and go."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from rich.console import Console

from audio.stems import StemType
from indexer.report import Report
from indexer.run import index_library
from library.settings import Settings
from tests.indexer.indexing import Indexing
from tests.songs import stem_waveform, write_stem

Run = Callable[..., Report]


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A folder with a file of which nothing says what it plays."""
    write_stem(tmp_path / "pack/one.wav", stem_waveform(0, StemType.BASS, 9.0))
    return tmp_path / "pack"


@pytest.fixture
def indexing(pack: Path, settings: Settings) -> Indexing:
    return Indexing(pack, settings)


@pytest.fixture
def run(indexing: Indexing) -> Run:
    """Indexes with a model that takes short sounds for drums and long ones for keys."""

    def guess(vectors: NDArray[np.float32]) -> tuple[StemType, float]:
        return (StemType.DRUMS if len(vectors) <= 2 else StemType.KEYS), 0.5

    def run(given_type: StemType | None = None) -> Report:
        return index_library(
            [indexing.songs],
            indexing.settings,
            indexing.embedder,
            Console(quiet=True),
            given_type=given_type,
            guess_type=guess,
        )

    return run


def said_of(indexing: Indexing, name: str = "one.wav") -> tuple[StemType, str]:
    record = indexing.records()[name]
    return record.type, record.type_source


def test_a_type_that_a_manifest_gave_goes_with_the_manifest(indexing: Indexing, run: Run) -> None:
    manifest = indexing.songs / "manifest.csv"
    manifest.write_text("file,type\none.wav,vocals\n")
    run()
    assert said_of(indexing) == (StemType.VOCALS, "manifest")
    manifest.write_text("file,type,licence\none.wav,,CC0\n")
    report = run()
    assert said_of(indexing) == (StemType.DRUMS, "model")
    assert (report.recognised, report.build.is_new) == (1, True)
    manifest.unlink()
    assert run().unchanged == 1
    assert said_of(indexing) == (StemType.DRUMS, "model")


def test_another_sound_in_the_same_place_is_guessed_anew(indexing: Indexing, run: Run) -> None:
    run()
    assert said_of(indexing) == (StemType.DRUMS, "model")
    write_stem(indexing.songs / "one.wav", stem_waveform(3, StemType.KEYS, 40.0))
    run()
    assert said_of(indexing) == (StemType.KEYS, "model")


def test_a_given_type_stays_with_a_place_and_goes_with_a_renamed_file(indexing: Indexing, run: Run) -> None:
    run(given_type=StemType.BASS)
    os.utime(indexing.songs / "one.wav", (1, 1))
    run()
    assert said_of(indexing) == (StemType.BASS, "option")
    (indexing.songs / "one.wav").rename(indexing.songs / "two.wav")
    report = run()
    assert (report.embedded, report.recognised, report.gone) == (0, 1, 1)
    assert said_of(indexing, "two.wav") == (StemType.BASS, "option")
    assert run().unchanged == 1
    assert said_of(indexing, "two.wav") == (StemType.BASS, "option")
