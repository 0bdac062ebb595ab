"""The catalogue remembers what was indexed and forgets what is gone, at once."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from audio.stems import StemType
from library.catalogue import Catalogue
from library.database import Sessions, close_sessions, open_sessions
from library.records import (
    TO_BE_GUESSED,
    BuildRecord,
    FileState,
    Heard,
    SoundFacts,
    StemEntry,
    stem_id,
)

ROOT = Path("/music/lib")
STATE = FileState(size=1000, mtime_ns=1_700_000_000_123_456_789)
FACTS = SoundFacts(seconds=30.5, sample_rate=48_000, channels=2)


def make_entry(path: str = "song-a/drums.wav", stem_type: StemType = StemType.DRUMS) -> StemEntry:
    file = ROOT / path
    return StemEntry(file, ROOT, file.parent.name, file.parent, stem_type, "name")


def save(catalogue: Catalogue, path: str = "song-a/drums.wav", content: str = "c1") -> int:
    return catalogue.save_embedded(make_entry(path), STATE, content, FACTS)


def test_a_saved_stem_comes_back_whole(catalogue: Catalogue) -> None:
    entry = replace(make_entry(), licence="CC0", tags=("dry", "loop"), bpm=96.5, key="A minor")
    number = catalogue.save_embedded(entry, STATE, "c1", FACTS)
    record = catalogue.stems_by_number([number])[number]
    assert (record.type, record.song, record.path) == (StemType.DRUMS, "song-a", entry.path)
    assert record.relative_path == "song-a/drums.wav"
    assert (record.seconds, record.sample_rate, record.channels) == (30.5, 48_000, 2)
    assert (record.licence, record.tags, record.bpm, record.key) == ("CC0", ("dry", "loop"), 96.5, "A minor")
    assert (record.status, record.type_source, record.type_confidence) == ("embedded", "name", 1.0)


def test_a_stem_is_found_by_its_public_id(catalogue: Catalogue) -> None:
    number = save(catalogue)
    record = catalogue.stem(stem_id("c1"))
    assert record is not None
    assert record.number == number
    assert len(record.id) == 16


def test_an_unknown_id_finds_nothing(catalogue: Catalogue) -> None:
    assert catalogue.stem("0123456789abcdef") is None


def test_saving_the_same_file_again_keeps_its_number(catalogue: Catalogue) -> None:
    assert save(catalogue) == save(catalogue)


def test_what_is_heard_is_kept_and_what_is_said_wins(catalogue: Catalogue) -> None:
    entry = replace(make_entry(), bpm=90.0, bpm_source="manifest")
    heard = Heard(bpm=180.0, bpm_confidence=0.4, key="C major", key_confidence=0.6, loudness=-14.5, version=3)
    number = catalogue.save_embedded(entry, STATE, "c1", FACTS, heard)
    record = catalogue.stems_by_number([number])[number]
    assert (record.bpm, record.bpm_source, record.bpm_confidence) == (90.0, "manifest", 1.0)
    assert (record.key, record.key_source, record.key_confidence) == ("C major", "estimate", 0.6)
    assert (record.loudness, catalogue.heard_version("c1")) == (-14.5, 3)
    catalogue.describe(catalogue.known_stems()[0].number, make_entry(), STATE)  # the manifest is gone
    assert catalogue.stems_by_number([number])[number].bpm == 180.0


def test_the_outline_of_a_stem_can_be_asked_for(catalogue: Catalogue) -> None:
    number = catalogue.save_embedded(make_entry(), STATE, "c1", FACTS, Heard(peaks=b"\x01\xff", version=1))
    public_id = catalogue.stems_by_number([number])[number].id
    assert catalogue.peaks(public_id) == b"\x01\xff"
    assert catalogue.peaks("nobody") is None


def test_a_file_with_new_contents_replaces_the_old_stem_at_once(catalogue: Catalogue) -> None:
    old, new = save(catalogue, content="c1"), save(catalogue, content="c2")
    assert set(catalogue.stems_by_number([old, new])) == {new}
    assert catalogue.gone_numbers() == {old}


def test_a_stem_that_is_gone_is_in_no_answer(catalogue: Catalogue) -> None:
    number = save(catalogue)
    catalogue.mark_gone([number])
    assert catalogue.stems_by_number([number]) == {}
    assert catalogue.stem(stem_id("c1")) is None
    assert catalogue.count_stems() == {}
    assert list(catalogue.embedded_stems()) == []
    assert catalogue.known_stems() == []


def test_a_file_that_comes_back_is_the_same_stem(catalogue: Catalogue) -> None:
    number = save(catalogue)
    catalogue.mark_gone([number])
    assert save(catalogue) == number
    assert set(catalogue.stems_by_number([number])) == {number}


def test_numbers_are_never_given_twice(catalogue: Catalogue, sessions: Sessions) -> None:
    catalogue._session.flush()
    number = save(catalogue)
    for table in ("files", "stems"):
        catalogue._session.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - our own names
    catalogue._session.expunge_all()
    assert save(catalogue) > number


def test_a_failed_file_is_listed_with_its_reason_and_not_found(catalogue: Catalogue) -> None:
    catalogue.save_failed(make_entry(), STATE, "c1", "The file is empty.")
    (failure,) = catalogue.failures()
    assert (failure.path, failure.error) == (make_entry().path, "The file is empty.")
    assert catalogue.count_stems() == {}


def test_what_was_wrong_with_a_file_is_found_by_its_folder_and_how_its_name_begins(
    catalogue: Catalogue,
) -> None:
    entry = make_entry("/inbox/a%b/3f9a-bass.wav")
    catalogue.save_failed(entry, STATE, "c1", "The file is empty.")
    inbox = Path("/inbox")
    assert catalogue.complaint_about(inbox, "3f9a-") == "The file is empty."
    assert catalogue.complaint_about(inbox / "a%b", "3f9a-") == "The file is empty."
    for folder, begins in ((Path("/in"), "3f9a-"), (inbox, "3F9A-"), (inbox, "9a-"), (inbox, "3f_a-")):
        assert catalogue.complaint_about(folder, begins) is None
    catalogue.save_embedded(entry, STATE, "c1", FACTS)
    assert catalogue.complaint_about(inbox, "3f9a-") is None


def test_a_file_that_works_again_is_no_longer_a_failure(catalogue: Catalogue) -> None:
    catalogue.save_failed(make_entry(), None, "", "It could not be opened.")
    save(catalogue)
    assert catalogue.failures() == []


def test_a_working_file_that_breaks_leaves_the_answers(catalogue: Catalogue) -> None:
    number = save(catalogue)
    catalogue.save_failed(make_entry(), STATE, "c2", "The file is empty.")
    assert catalogue.stems_by_number([number]) == {}


@pytest.mark.parametrize("content", ["", "c1"])
def test_a_read_that_failed_by_chance_leaves_the_stem_in_the_answers(
    catalogue: Catalogue, content: str
) -> None:
    number = catalogue.save_embedded(replace(make_entry(), licence="CC0"), STATE, "c1", FACTS)
    unsure = replace(make_entry(), type=StemType.OTHER, type_source=TO_BE_GUESSED)
    catalogue.save_failed(unsure, None, content, "Stale file handle.")
    record = catalogue.stems_by_number([number])[number]
    assert (record.type, record.licence, catalogue.gone_numbers()) == (StemType.DRUMS, "CC0", frozenset())
    (known,) = catalogue.known_stems()
    assert (known.status, known.state, known.content_hash) == ("embedded", None, "c1")
    assert [each.error for each in catalogue.failures()] == ["Stale file handle."]
    assert catalogue.save_embedded(make_entry(), STATE, "c1", FACTS) == number
    assert catalogue.failures() == []


def test_other_bytes_in_its_place_take_the_old_stem_away_even_if_they_cannot_be_read(
    catalogue: Catalogue,
) -> None:
    number = save(catalogue)
    catalogue.save_failed(make_entry(), None, "c2", "The process died.")
    assert catalogue.gone_numbers() == {number}


def test_stems_are_counted_by_type_in_the_order_of_the_list(catalogue: Catalogue) -> None:
    save(catalogue, "a/drums.wav", "c1")
    save(catalogue, "b/drums.wav", "c2")
    catalogue.save_embedded(make_entry("a/synth.wav", StemType.SYNTH), STATE, "c3", FACTS)
    catalogue.save_embedded(make_entry("a/bass.wav", StemType.BASS), STATE, "c4", FACTS)
    assert list(catalogue.count_stems().items()) == [
        (StemType.DRUMS, 2),
        (StemType.BASS, 1),
        (StemType.SYNTH, 1),
    ]


def test_many_numbers_can_be_asked_for_at_once(catalogue: Catalogue) -> None:
    number = save(catalogue)
    assert set(catalogue.stems_by_number(range(5000))) == {number}


def test_what_is_known_of_a_folder_is_what_lies_below_it(catalogue: Catalogue) -> None:
    save(catalogue, "song-a/drums.wav")
    save(catalogue, "song-ab/drums.wav")
    save(catalogue, "SONG-A/drums.wav")
    known = catalogue.known_stems(ROOT / "song-a")
    assert [each.entry.path for each in known] == [ROOT / "song-a/drums.wav"]
    assert len(catalogue.known_stems(ROOT)) == len(catalogue.known_stems()) == 3


def test_signs_with_a_meaning_in_sql_are_only_signs(catalogue: Catalogue) -> None:
    save(catalogue, "100%/drums.wav")
    save(catalogue, "100x/drums.wav")
    assert len(catalogue.known_stems(ROOT / "100%")) == 1


def test_what_is_known_of_a_file_is_what_was_saved(catalogue: Catalogue) -> None:
    entry = replace(make_entry(), tags=("dry",), bpm=120.0)
    number = catalogue.save_embedded(entry, STATE, "c1", FACTS)
    (known,) = catalogue.known_stems(entry.path)
    assert (known.entry, known.state, known.content_hash) == (entry, STATE, "c1")
    assert set(catalogue.stems_by_number([number])) == {number}


def test_a_file_that_could_not_be_opened_has_no_state(catalogue: Catalogue) -> None:
    catalogue.save_failed(make_entry(), None, "", "It could not be opened.")
    assert catalogue.known_stems()[0].state is None


def test_a_stem_can_be_described_anew(catalogue: Catalogue) -> None:
    number = save(catalogue)
    entry = replace(
        make_entry(), type=StemType.OTHER, song="A song", song_folder=ROOT / "A song", licence="MIT"
    )
    catalogue.describe(catalogue.known_stems()[0].number, entry, STATE)
    record = catalogue.stems_by_number([number])[number]
    assert (record.type, record.song, record.licence) == (StemType.OTHER, "A song", "MIT")


def test_folders_of_one_name_are_different_songs(catalogue: Catalogue) -> None:
    save(catalogue, "x/intro/drums.wav")
    save(catalogue, "y/intro/drums.wav")
    folders = {each.entry.song_folder for each in catalogue.known_stems()}
    assert len(folders) == 2


def test_a_build_can_be_noted_twice(catalogue: Catalogue) -> None:
    build = BuildRecord("b1", "m", datetime(2026, 11, 23, tzinfo=UTC), stems=2, vectors=6)
    catalogue.record_build(build)
    catalogue.record_build(build)
    assert [each.id for each in catalogue.builds()] == ["b1"]


def test_nothing_is_committed_by_the_catalogue_itself(sessions: Sessions) -> None:
    with sessions() as session:
        save(Catalogue(session))
    with sessions() as session:
        assert Catalogue(session).known_stems() == []


def test_a_reader_sees_the_library_while_a_writer_is_at_work(sessions: Sessions) -> None:
    with sessions.begin() as session:
        save(Catalogue(session), "a/drums.wav")
    with sessions.begin() as writing, sessions() as reading:
        save(Catalogue(writing), "b/drums.wav")
        writing.flush()
        assert Catalogue(reading).count_stems() == {StemType.DRUMS: 1}


def test_sqlite_keeps_references_whole_and_lets_others_read(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'sqlite.db'}"
    sessions = open_sessions(url)
    with sessions() as session:
        assert session.scalar(text("PRAGMA foreign_keys")) == 1
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert session.scalar(text("PRAGMA busy_timeout")) == 30_000
    close_sessions(sessions)


def test_sketches_are_read_of_those_who_have_one(catalogue: Catalogue) -> None:
    heard, facts = Heard(sketch=b"drawn", version=2), SoundFacts(30.0, 44_100, 2)
    drawn = catalogue.save_embedded(make_entry("a/drums.wav"), FileState(1, 2), "c1", facts, heard)
    bare = save(catalogue, "b/drums.wav", "c2")
    assert catalogue.sketches([drawn, bare, 99]) == {drawn: b"drawn"}
    assert catalogue.sketches([]) == {}
