"""Modules of our own, taken apart with the real library."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from audio.decode import SAMPLE_RATE, Waveform
from audio.stems import StemType
from model.csv_table import BrokenTableError
from model.render.module_songs import (
    LOUDEST,
    ModuleJob,
    NoModulesError,
    ShortModuleError,
    choose_excerpt,
    plan_jobs,
    take_apart,
    take_apart_jobs,
    try_module,
)
from model.render.openmpt import BrokenModuleError, Module
from model.render.outcomes import Outcome
from model.render.song import TooFewStemsError
from model.songs import find_songs
from tests.model.render.mod_files import BAND, BASS, KICK, LEAD, PATTERN_SECONDS, D, Sample, sine, write_band

needs_library = pytest.mark.openmpt
PAD = Sample("strings", sine(260.0, 50.0), channel=3, every=16, periods=(D,))


def make_job(folder: Path, samples: tuple[Sample, ...] = BAND, patterns: int = 4) -> ModuleJob:
    module = write_band(folder / "band.mod", samples, patterns)
    return ModuleJob(module, folder / "out" / "band", "ours", "CC0-1.0", 60.0)


def read_stem(path: Path) -> Waveform:
    sound, rate = soundfile.read(path, dtype="float32")
    assert rate == SAMPLE_RATE
    return np.asarray(sound, np.float32)


@pytest.mark.parametrize(
    ("module", "wanted", "start", "length"),
    [(200.0, 60.0, 20.0, 60.0), (80.0, 60.0, 10.0, 60.0), (40.0, 60.0, 0.0, 40.0), (61.0, 30.0, 15.5, 30.0)],
)
def test_an_excerpt_is_the_middle_but_begins_early(
    module: float, wanted: float, start: float, length: float
) -> None:
    assert choose_excerpt(module, wanted) == (start, length)


@needs_library
def test_a_module_becomes_a_folder_of_typed_stems(tmp_path: Path) -> None:
    job = make_job(tmp_path)
    take_apart(job)
    written = sorted(path.name for path in job.folder.iterdir())
    assert written == ["bass.wav", "drums.wav", "song.json", "synth.wav"]


@needs_library
def test_stems_are_mono_at_16_khz_and_of_one_length(tmp_path: Path) -> None:
    job = make_job(tmp_path)
    note = take_apart(job)
    infos = [soundfile.info(path) for path in job.folder.glob("*.wav")]
    assert {(info.samplerate, info.channels, info.subtype) for info in infos} == {(16_000, 1, "PCM_16")}
    assert {info.frames for info in infos} == {round(note["seconds"] * SAMPLE_RATE)}


@needs_library
def test_stems_sum_up_to_the_module(tmp_path: Path) -> None:
    job = make_job(tmp_path)
    note = take_apart(job)
    total = np.sum([read_stem(path) for path in job.folder.glob("*.wav")], axis=0)
    module = Module(job.module)
    numbers = {one.number for one in module.instruments}
    whole = note["gain"] * module.play(numbers, note["excerpt_start"], note["seconds"], SAMPLE_RATE)
    heard = slice(0, -SAMPLE_RATE)  # the end is faded
    likeness = np.corrcoef(total[heard], whole[heard])[0, 1]
    assert likeness > 0.99
    assert np.abs(total).max() <= LOUDEST + 1e-3


@needs_library
def test_instruments_of_one_type_are_summed(tmp_path: Path) -> None:
    snare = replace(KICK, name="snare", channel=3, first_row=2)
    note = take_apart(make_job(tmp_path, (*BAND, snare)))
    assert note["stems"][StemType.DRUMS]["instruments"] == ["kick", "snare"]
    drums = read_stem(tmp_path / "out/band/drums.wav")
    kicks, snares = (drums[round(at * SAMPLE_RATE) :][:800] for at in (0.0, 0.24))
    assert np.abs(kicks).max() == pytest.approx(np.abs(snares).max(), rel=0.05)


@needs_library
def test_an_instrument_that_cannot_be_heard_is_left_out(tmp_path: Path) -> None:
    note = take_apart(make_job(tmp_path, (*BAND, replace(PAD, sound=PAD.sound * 0))))
    assert set(note["stems"]) == {"drums", "bass", "synth"}


@needs_library
def test_a_song_says_how_it_was_made(tmp_path: Path) -> None:
    job = make_job(tmp_path)
    note = take_apart(job)
    assert json.loads((job.folder / "song.json").read_text()) == note
    assert (note["group"], note["source"], note["licence"]) == ("band.mod", "ours", "CC0-1.0")
    assert note["stems"]["drums"] == {
        "engine": "module",
        "instruments": ["kick"],
        "told_by": ["name"],
        "notes": 16,
    }
    assert note["stems"]["bass"]["told_by"] == ["sound"]
    assert "bpm" not in note


@needs_library
def test_training_finds_the_song_and_its_group(tmp_path: Path) -> None:
    take_apart(make_job(tmp_path))
    (song,) = find_songs(tmp_path / "out")
    assert (song.group, song.bpm, song.source, song.licence) == ("band.mod", None, "ours", "CC0-1.0")
    assert set(song.types) == {StemType.DRUMS, StemType.BASS, StemType.SYNTH}


@needs_library
def test_what_nothing_tells_is_guessed(tmp_path: Path) -> None:
    nameless = (KICK, BASS, replace(LEAD, name="hello world"))
    note = take_apart(make_job(tmp_path, nameless), guess=lambda windows: StemType.WIND)
    assert note["stems"]["wind"]["told_by"] == ["guess"]


@needs_library
def test_a_long_module_is_cut(tmp_path: Path) -> None:
    note = take_apart(replace(make_job(tmp_path, patterns=9), seconds=15.0))
    assert (note["excerpt_start"], note["seconds"]) == (20.0, 15.0)
    assert len(read_stem(tmp_path / "out/band/drums.wav")) == 15 * SAMPLE_RATE


@needs_library
def test_a_short_module_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(ShortModuleError, match=r"band\.mod is left out\. It lasts 23\.0 s, 25 s are wanted"):
        take_apart(make_job(tmp_path, patterns=3))
    assert 3 * PATTERN_SECONDS < 25 < 4 * PATTERN_SECONDS


@needs_library
def test_a_module_of_two_types_is_refused_in_words(tmp_path: Path) -> None:
    job = make_job(tmp_path, (KICK, BASS))
    with pytest.raises(TooFewStemsError, match=r"It gives 2 stems, 3 are wanted"):
        take_apart(job)
    assert not job.folder.exists()


@needs_library
def test_what_cannot_be_used_is_a_sentence_and_not_the_end(tmp_path: Path) -> None:
    job = make_job(tmp_path, patterns=3)
    assert "It lasts 23.0 s" in (try_module(job).problem or "")
    job.module.write_bytes(b"no module")
    assert "band.mod is no module, or is damaged." in (try_module(job).problem or "")
    with pytest.raises(BrokenModuleError):
        take_apart(job)


@needs_library
def test_even_an_unforeseen_failure_is_one_song_lost(tmp_path: Path) -> None:
    def stumble(windows: object) -> StemType:
        raise ZeroDivisionError("division by zero")

    job = make_job(tmp_path, (KICK, BASS, replace(LEAD, name="hello world")))
    outcome = try_module(job, stumble)
    assert outcome.problem == "band.mod failed (ZeroDivisionError: division by zero). Leave it out."
    assert not job.folder.exists()


def test_all_modules_below_a_folder_are_planned_in_order(tmp_path: Path) -> None:
    folder = tmp_path / "music"
    for number, name in enumerate(("b.xm", "a/c.MOD", "d.it", "e.s3m", "notes.txt", "f.mid")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(bytes([number]))
    jobs, left_out = plan_jobs(folder, tmp_path / "out", seconds=40.0)
    assert [job.module.name for job in jobs] == ["c.MOD", "b.xm", "d.it", "e.s3m"]
    assert {(job.source, job.licence, job.seconds) for job in jobs} == {("music", "", 40.0)}
    assert not left_out
    assert len(plan_jobs(folder, tmp_path / "out", limit=2)[0]) == 2


def test_an_index_says_where_modules_come_from(tmp_path: Path) -> None:
    for name in ("a.xm", "b.xm"):
        (tmp_path / name).write_text(name)
    (tmp_path / "index.csv").write_text("file,source,licence\nb.xm,a game,CC-BY-4.0\n")
    ((job,), _) = plan_jobs(tmp_path, tmp_path / "out")
    assert (job.module, job.source, job.licence) == (tmp_path / "b.xm", "a game", "CC-BY-4.0")
    assert job.folder.name.startswith("a-game-b-")


def test_an_index_without_a_licence_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "index.csv").write_text("file,source\nb.xm,a game\n")
    with pytest.raises(BrokenTableError, match=r"lacks licence of a song\. Give each song file, source, lic"):
        plan_jobs(tmp_path, tmp_path / "out")


def test_a_file_that_an_index_alone_knows_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.xm").write_text("a")
    (tmp_path / "index.csv").write_text("file,source,licence\na.xm,ours,MIT\nb.xm,ours,MIT\n")
    jobs, left_out = plan_jobs(tmp_path, tmp_path / "out")
    assert len(jobs) == 1
    assert [one.problem for one in left_out] == ["b.xm is not there. Put it there, or mend index.csv."]


def test_of_files_with_the_same_content_the_first_is_taken(tmp_path: Path) -> None:
    for name, content in (("a.xm", "one"), ("b.xm", "one"), ("c.xm", "two")):
        (tmp_path / name).write_text(content)
    jobs, left_out = plan_jobs(tmp_path, tmp_path / "out")
    assert [job.module.name for job in jobs] == ["a.xm", "c.xm"]
    assert [one.problem for one in left_out] == ["b.xm is left out. It is the same as a.xm."]


def test_songs_that_are_called_alike_get_folders_of_their_own(tmp_path: Path) -> None:
    for name in ("one/Title Song.xm", "two/title-song.mod"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(name)
    jobs, _ = plan_jobs(tmp_path, tmp_path / "out")
    assert len({job.folder for job in jobs}) == 2
    assert all("-title-song-" in job.folder.name for job in jobs)


def test_a_folder_without_modules_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(NoModulesError, match=r"holds no module \(\.it, \.mod, .*Give another folder"):
        plan_jobs(tmp_path, tmp_path / "out")


@needs_library
def test_songs_that_are_there_are_kept(tmp_path: Path) -> None:
    write_band(tmp_path / "music/band.mod")
    jobs, _ = plan_jobs(tmp_path / "music", tmp_path / "out")
    jobs[0].folder.mkdir(parents=True)
    assert list(take_apart_jobs(jobs, None, workers=1)) == [Outcome(jobs[0].folder)]
    assert not list(jobs[0].folder.iterdir())


@needs_library
def test_workers_write_what_one_process_writes(tmp_path: Path) -> None:
    write_band(tmp_path / "music/band.mod")
    write_band(tmp_path / "music/more.mod", (*BAND, PAD))
    for workers in (1, 2):
        jobs, _ = plan_jobs(tmp_path / "music", tmp_path / str(workers))
        outcomes = take_apart_jobs(jobs, None, workers)
        assert [outcome.problem for outcome in outcomes] == [None, None]
    files = [
        {str(p.relative_to(tmp_path / w)): p.read_bytes() for p in (tmp_path / w).rglob("*.*")} for w in "12"
    ]
    assert files[0] == files[1]
    assert len(files[0]) == 4 + 5
