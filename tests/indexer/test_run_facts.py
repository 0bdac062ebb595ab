"""What indexing finds out about stems: facts heard and said, guessed types, and the same in processes."""

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from audio.stems import StemType
from indexer.report import Report
from indexer.run import index_library
from library.settings import Settings
from tests.indexer.conftest import STEMS
from tests.indexer.indexing import Indexing
from tests.songs import mix_waveform, stem_waveform, write_stem


def test_facts_are_heard(indexing: Indexing) -> None:
    indexing.run()
    record = indexing.records()["song-00/keys.wav"]
    assert record.loudness is not None
    assert -40 < record.loudness < -10
    assert record.kind in {"loop", "song", "one-shot"}
    assert record.bpm_source in {"estimate", None}


def test_facts_in_a_name_win_over_the_ear_and_a_manifest_over_both(indexing: Indexing) -> None:
    loop = indexing.songs / "pack" / "Artist_Bass_Loop_120_Am.wav"
    write_stem(loop, stem_waveform(4, StemType.BASS, 8.0))
    indexing.run()
    record = indexing.records()["pack/Artist_Bass_Loop_120_Am.wav"]
    assert (record.type, record.bpm, record.bpm_source) == (StemType.BASS, 120.0, "name")
    assert (record.key, record.key_source, record.kind) == ("A minor", "name", "loop")
    row = {"path": f"pack/{loop.name}", "tempo": 60, "key": "8B", "tags": ["Dry", "sub"]}
    (indexing.songs / "manifest.jsonl").write_text(json.dumps(row) + "\n")
    indexing.run()
    record = indexing.records()["pack/Artist_Bass_Loop_120_Am.wav"]
    assert (record.bpm, record.bpm_source) == (60.0, "manifest")
    assert (record.key, record.tags) == ("C major", ("dry", "sub"))


def test_types_that_nothing_says_are_guessed_if_something_can(indexing: Indexing) -> None:
    write_stem(indexing.songs / "song-00/one.wav", stem_waveform(0, StemType.STRINGS, 10.0))
    write_stem(indexing.songs / "song-00/mix.wav", mix_waveform(0, StemType.BASS, 10.0))

    def guess(vectors: NDArray[np.float32]) -> tuple[StemType, float]:
        return StemType.STRINGS, 0.6

    def run() -> Report:
        return index_library(
            [indexing.songs], indexing.settings, indexing.embedder, Console(quiet=True), guess_type=guess
        )

    first, second = run(), run()
    assert [each.path.name for each in first.skipped] == ["mix.wav"]
    record = indexing.records()["song-00/one.wav"]
    assert (record.type, record.type_source, record.type_confidence) == (StemType.STRINGS, "model", 0.6)
    assert (second.unchanged, second.build.is_new) == (STEMS + 1, False)
    assert indexing.run().unchanged == STEMS + 1  # nothing guesses now, but the guess is remembered


def test_files_are_read_in_processes_with_the_same_result(indexing: Indexing, tmp_path: Path) -> None:
    (indexing.songs / "song-00/bass.wav").write_text("not sound")
    alone = Indexing(indexing.songs, Settings(data=tmp_path / "alone", database_url=None))
    alone.run()
    report = index_library(
        [indexing.songs], indexing.settings, indexing.embedder, Console(quiet=True), workers=2
    )
    assert (report.embedded, len(report.failures)) == (STEMS - 1, 1)
    assert indexing.records() == alone.records()
