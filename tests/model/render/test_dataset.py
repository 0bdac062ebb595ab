from pathlib import Path

import pytest

from model.csv_table import BrokenTableError
from model.render.dataset import (
    NoMidiError,
    Wanted,
    plan_jobs,
    render_jobs,
    try_song,
)
from model.render.fluidsynth import DRUM_BANK, Room, Stereo, Voice
from model.render.outcomes import Outcome
from tests.model.render.midi_files import ClickPlayer, Notes, write_midi
from tests.model.render.soundfont import write_soundfont

BAND = [Notes(0, 33, 40), Notes(1, 0, 60), Notes(9, 0, 36)]
INDEX = """file,source,licence,good3
a/One Song.mid,a,MIT,1
a/two.mid,a,MIT,0
b/three.mid,b,BSD-3-Clause,1
"""


@pytest.fixture
def midi_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "midi"
    for name in ("a/One Song.mid", "a/two.mid", "b/three.mid"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_midi(folder / name, BAND)
    (folder / "index.csv").write_text(INDEX)
    return folder


def plan_names(folder: Path, wanted: Wanted) -> set[str]:
    return {job.folder.name for job in plan_jobs(folder, Path("out"), wanted)}


def test_an_index_says_what_is_good_enough(midi_folder: Path) -> None:
    assert plan_names(midi_folder, Wanted()) == {"a-one-song-v0", "b-three-v0"}
    assert len(plan_names(midi_folder, Wanted(thin=True))) == 3


def test_source_and_licence_come_from_the_index(midi_folder: Path) -> None:
    (job,) = plan_jobs(midi_folder, Path("out"), Wanted(sources=("b",)))
    assert (job.midi, job.source, job.licence) == (midi_folder / "b/three.mid", "b", "BSD-3-Clause")


def test_an_index_may_come_from_a_spreadsheet(midi_folder: Path) -> None:
    """Which marks its UTF-8 with three bytes."""
    (midi_folder / "index.csv").write_text(INDEX, encoding="utf-8-sig")
    assert plan_names(midi_folder, Wanted()) == {"a-one-song-v0", "b-three-v0"}


@pytest.mark.parametrize(
    ("index", "missing"),
    [
        ("file,source,licence\na/two.mid,a,MIT\n", "good3"),
        ("name,source,licence,good3\na/two.mid,a,MIT,1\n", "file"),
        (f"{INDEX}b/three.mid,b\n", "licence"),
    ],
    ids=["no column", "another name", "a line that ends early"],
)
def test_an_index_that_lacks_something_is_refused_in_words(
    midi_folder: Path, index: str, missing: str
) -> None:
    (midi_folder / "index.csv").write_text(index)
    said = rf"index\.csv lacks {missing} of a song\. Give each song file, source, licence, good3"
    with pytest.raises(BrokenTableError, match=said):
        plan_jobs(midi_folder, Path("out"), Wanted())


def test_an_index_in_another_encoding_is_refused_in_words(midi_folder: Path) -> None:
    (midi_folder / "index.csv").write_text(INDEX.replace("two", "für"), encoding="latin-1")
    with pytest.raises(BrokenTableError, match="is not a CSV table in UTF-8"):
        plan_jobs(midi_folder, Path("out"), Wanted())


def test_a_folder_without_an_index_is_taken_whole(midi_folder: Path) -> None:
    (midi_folder / "index.csv").unlink()
    (midi_folder / "a/notes.txt").write_text("no song")
    assert plan_names(midi_folder, Wanted()) == {"midi-one-song-v0", "midi-two-v0", "midi-three-v0"}


def test_songs_of_one_file_name_are_rendered_each(midi_folder: Path) -> None:
    (midi_folder / "index.csv").unlink()
    (midi_folder / "b/two.mid").write_bytes((midi_folder / "a/two.mid").read_bytes())
    everything, one = plan_names(midi_folder, Wanted()), plan_names(midi_folder, Wanted(limit=1))
    assert len(everything) == 4
    assert one < everything


def test_variants_come_after_all_songs_and_have_seeds_of_their_songs(midi_folder: Path) -> None:
    jobs = plan_jobs(midi_folder, Path("out"), Wanted(variants=2))
    assert [job.variant for job in jobs] == [0, 0, 1, 1]
    assert jobs[0].seed == jobs[2].seed != jobs[1].seed


def test_another_seed_draws_another_sample(midi_folder: Path) -> None:
    samples = {
        job.folder.name
        for seed in range(20)
        for job in plan_jobs(midi_folder, Path("out"), Wanted(limit=1, seed=seed))
    }
    assert samples == {"a-one-song-v0", "b-three-v0"}


def test_a_folder_without_wanted_songs_is_refused_in_words(midi_folder: Path) -> None:
    with pytest.raises(NoMidiError, match="Give another folder or other sources"):
        plan_jobs(midi_folder, Path("out"), Wanted(sources=("c",)))


def test_a_song_that_fails_is_a_sentence_and_not_the_end(midi_folder: Path, tmp_path: Path) -> None:
    (midi_folder / "b/three.mid").write_bytes(b"damaged")
    jobs = plan_jobs(midi_folder, tmp_path / "out", Wanted(sources=("b",)))
    outcome = try_song(jobs[0], ClickPlayer())
    assert outcome.folder == jobs[0].folder
    assert "three.mid cannot be read as MIDI" in (outcome.problem or "")


class BrokenPlayer(ClickPlayer):
    """A synth that stumbles over every song in a way nobody thought of."""

    def play(self, voices: tuple[Voice, ...], seconds: float, room: Room) -> Stereo:
        raise ZeroDivisionError("division by zero")


def test_even_an_unforeseen_failure_is_one_song_lost(midi_folder: Path, tmp_path: Path) -> None:
    (job,) = plan_jobs(midi_folder, tmp_path / "out", Wanted(sources=("b",)))
    outcome = try_song(job, BrokenPlayer())
    assert outcome.problem == "three.mid failed (ZeroDivisionError: division by zero). Leave it out."
    assert not job.folder.exists()


def test_names_of_folders_are_plain_whatever_the_file_is_called(tmp_path: Path) -> None:
    folder = tmp_path / "Odd & Sods"
    folder.mkdir()
    write_midi(folder / "Ünder_the (Bridge)!.mid", BAND)
    assert plan_names(folder, Wanted()) == {"odd-sods-nder-the-bridge-v0"}


def test_a_limit_counts_songs_and_not_variants(midi_folder: Path) -> None:
    jobs = plan_jobs(midi_folder, Path("out"), Wanted(thin=True, limit=2, variants=3))
    assert len(jobs) == 6
    assert len({job.midi for job in jobs}) == 2


def test_seconds_and_stems_wanted_reach_the_jobs(midi_folder: Path) -> None:
    (job, *_) = plan_jobs(midi_folder, Path("out"), Wanted(seconds=40.0, fewest_stems=3))
    assert (job.seconds, job.fewest_stems) == (40.0, 3)


def test_songs_that_are_there_are_not_rendered_again(midi_folder: Path, tmp_path: Path) -> None:
    jobs = plan_jobs(midi_folder, tmp_path / "out", Wanted())
    for job in jobs:
        job.folder.mkdir(parents=True)
    outcomes = list(render_jobs(jobs, [tmp_path / "missing.sf2"], workers=1))
    assert outcomes == [Outcome(job.folder) for job in jobs]
    assert not list(jobs[0].folder.iterdir())


@pytest.mark.fluidsynth
def test_workers_render_what_one_process_renders(midi_folder: Path, tmp_path: Path) -> None:
    font = write_soundfont(tmp_path / "sine.sf2", [(0, p) for p in range(128)] + [(DRUM_BANK, 0)])
    for workers in (1, 2):
        jobs = plan_jobs(midi_folder, tmp_path / str(workers), Wanted(thin=True))
        assert [outcome.problem for outcome in render_jobs(jobs, [font], workers)] == [None] * 3
    files = [sorted(p.relative_to(tmp_path / w) for p in (tmp_path / w).rglob("*.wav")) for w in ("1", "2")]
    assert files[0] == files[1]
    assert len(files[0]) == 9


def test_versions_of_a_song_share_a_group_and_others_none(midi_folder: Path) -> None:
    """Two songs may be called alike in two folders; otherwise the name is enough, wherever the file lies."""
    (midi_folder / "b/two.mid").write_bytes((midi_folder / "a/two.mid").read_bytes())
    (midi_folder / "index.csv").write_text(INDEX + "b/two.mid,b,MIT,1\n")
    jobs = plan_jobs(midi_folder, Path("out"), Wanted(thin=True, variants=2))
    assert {job.group for job in jobs} == {"One Song.mid", "a/two.mid", "three.mid", "b/two.mid"}
    assert len(jobs) == 8
