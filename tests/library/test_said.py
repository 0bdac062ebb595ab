"""What was said and what was heard of a stem, written down, read again, and weighed."""

from dataclasses import replace
from pathlib import Path

from audio.stems import StemType
from library.records import TO_BE_GUESSED, Heard, StemEntry
from library.said import (
    NOTHING,
    Settled,
    read_heard,
    read_said,
    settle_bpm,
    settle_key,
    settle_kind,
    settle_type,
    write_heard,
    write_said,
)

ENTRY = StemEntry(Path("/m/a/x.wav"), Path("/m"), "a", Path("/m/a"), StemType.BASS, "name")
HEARD = Heard(bpm=100.0, bpm_confidence=0.5, key="C major", key_confidence=0.4, kind="song", version=2)


def read_back(entry: StemEntry) -> StemEntry:
    return read_said(
        write_said(entry),
        path=entry.path,
        root=entry.root,
        song=entry.song,
        song_folder=entry.song_folder,
        part=entry.part,
    )


def test_what_was_said_is_read_as_it_was_written() -> None:
    full = replace(ENTRY, licence="CC0", tags=("dry", "ä"), bpm=96.5, key="A minor", kind="loop", part=3)
    assert read_back(ENTRY) == ENTRY
    assert read_back(full) == full


def test_what_was_heard_is_read_as_it_was_written() -> None:
    assert read_heard(write_heard(HEARD), 2) == HEARD
    assert read_heard(None, 0) == Heard()


def test_outline_and_fingerprint_are_kept_elsewhere() -> None:
    assert read_heard(write_heard(replace(HEARD, peaks=b"x", fingerprint=b"y")), 2) == HEARD


def test_what_a_later_version_heard_as_well_is_passed_over() -> None:
    assert read_heard('{"bpm": 90.0, "mood": "blue"}', 9) == Heard(bpm=90.0, version=9)


def test_a_manifest_wins_over_tags_these_over_names_and_those_over_the_ear() -> None:
    tagged = replace(HEARD, tagged_bpm=99.0)
    named = replace(ENTRY, bpm=98.0, bpm_source="name")
    assert settle_bpm([replace(ENTRY, bpm=97.0)], tagged) == Settled(97.0, "manifest", 1.0)
    assert settle_bpm([named], tagged) == Settled(99.0, "tags", 1.0)
    assert settle_bpm([named], HEARD) == Settled(98.0, "name", 1.0)
    assert settle_bpm([ENTRY], HEARD) == Settled(100.0, "estimate", 0.5)
    assert settle_bpm([ENTRY], Heard()) == NOTHING


def test_keys_and_kinds_are_weighed_the_same_way() -> None:
    assert settle_key([replace(ENTRY, key="A minor")], HEARD) == Settled("A minor", "manifest", 1.0)
    assert settle_key([ENTRY], HEARD) == Settled("C major", "estimate", 0.4)
    assert settle_kind([replace(ENTRY, kind="loop")], HEARD) == Settled("loop", "name", 1.0)
    assert settle_kind([ENTRY], HEARD).value == "song"


def test_of_several_files_the_one_that_is_believed_most_is_heard() -> None:
    named = replace(ENTRY, bpm=98.0, bpm_source="name", key="C minor", key_source="name")
    listed = replace(ENTRY, type=StemType.KEYS, type_source="manifest", bpm=97.0, key="A minor", kind="loop")
    assert settle_type([ENTRY, listed]) == Settled(StemType.KEYS, "manifest", 1.0)
    assert settle_bpm([named, listed], HEARD) == Settled(97.0, "manifest", 1.0)
    assert settle_key([named, listed], HEARD) == Settled("A minor", "manifest", 1.0)
    assert settle_kind([named, listed], HEARD) == Settled("loop", "name", 1.0)


def test_of_files_that_are_believed_alike_the_first_one_is_heard() -> None:
    entries = [replace(ENTRY, bpm=98.0), replace(ENTRY, bpm=99.0, type=StemType.KEYS)]
    assert settle_type(entries).value == StemType.BASS
    assert settle_bpm(entries, HEARD).value == 98.0


def test_types_are_believed_in_the_order_of_their_sources() -> None:
    order = ["manifest", "layout", "name", "option", "model", TO_BE_GUESSED]
    entries = [replace(ENTRY, type_source=source) for source in reversed(order)]
    assert [settle_type(entries[:count]).source for count in range(1, 7)] == order[::-1]
