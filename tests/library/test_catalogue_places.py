"""One sound may lie in several files, and one file may hold several: stems, places and parts."""

from dataclasses import replace

from audio.stems import StemType
from library.catalogue import Catalogue
from tests.library.test_catalogue import FACTS, ROOT, STATE, make_entry, save


def test_equal_sounds_at_two_paths_are_one_stem_with_two_places(catalogue: Catalogue) -> None:
    first, copy = save(catalogue, "song-a/drums.wav"), save(catalogue, "song-b/drums.wav")
    assert first == copy
    record = catalogue.stems_by_number([first])[first]
    assert record.paths == (ROOT / "song-a/drums.wav", ROOT / "song-b/drums.wav")
    assert (record.song, record.songs) == ("song-a", frozenset({"song-a", "song-b"}))


def test_a_stem_goes_with_the_last_of_its_files(catalogue: Catalogue) -> None:
    number = save(catalogue, "song-a/drums.wav")
    save(catalogue, "song-b/drums.wav")
    first, copy = (known.number for known in catalogue.known_stems())
    catalogue.forget_files([first])
    assert catalogue.stems_by_number([number])[number].song == "song-b"
    catalogue.forget_files([copy])
    assert catalogue.stems_by_number([number]) == {}
    assert catalogue.gone_numbers() == {number}


def test_a_renamed_file_is_the_same_stem(catalogue: Catalogue) -> None:
    number = save(catalogue, "song-a/drums.wav")
    before = catalogue.stems_by_number([number])[number]
    catalogue.forget_files([known.number for known in catalogue.known_stems()])
    assert save(catalogue, "song-z/beat.wav") == number
    after = catalogue.stems_by_number([number])[number]
    assert (after.id, after.song) == (before.id, "song-z")


def test_parts_of_one_file_are_stems_of_their_own(catalogue: Catalogue) -> None:
    numbers = {
        catalogue.save_embedded(replace(make_entry("a/x.stem.mp4"), part=part), STATE, f"c{part}", FACTS)
        for part in (1, 2, 3, 4)
    }
    found = catalogue.stems_by_number(numbers)
    assert sorted(record.part for record in found.values()) == [1, 2, 3, 4]
    assert len(catalogue.known_stems(ROOT / "a/x.stem.mp4")) == 4


def test_files_that_hold_other_stems_as_well_are_told(catalogue: Catalogue) -> None:
    first, second = (
        catalogue.save_embedded(replace(make_entry("a/x.wav"), part=part), STATE, f"c{part}", FACTS)
        for part in (1, 2)
    )
    catalogue.save_failed(replace(make_entry("a/x.wav"), part=3), STATE, "c3", "It is silent.")
    catalogue.save_embedded(replace(make_entry("b/y.wav"), part=1), STATE, "c1", FACTS)
    assert catalogue.shared_paths(first) == {ROOT / "a/x.wav"}
    catalogue.mark_gone([second])
    assert catalogue.shared_paths(first) == frozenset()


def test_tags_of_all_files_are_the_stems(catalogue: Catalogue) -> None:
    number = catalogue.save_embedded(replace(make_entry("a/drums.wav"), tags=("dry",)), STATE, "c1", FACTS)
    catalogue.save_embedded(replace(make_entry("b/drums.wav"), tags=("dry", "loud")), STATE, "c1", FACTS)
    assert catalogue.stems_by_number([number])[number].tags == ("dry", "loud")
    catalogue.forget_files([catalogue.known_stems()[1].number])
    assert catalogue.stems_by_number([number])[number].tags == ("dry",)


def test_what_a_manifest_says_of_a_copy_is_the_stems(catalogue: Catalogue) -> None:
    guessed = replace(make_entry("a/one.wav"), type_source="model", type_confidence=0.5)
    listed = replace(make_entry("b/two.wav"), type=StemType.BASS, type_source="manifest", bpm=96.0)
    number = catalogue.save_embedded(guessed, STATE, "c1", FACTS)
    catalogue.save_embedded(listed, STATE, "c1", FACTS)
    record = catalogue.stems_by_number([number])[number]
    assert (record.type, record.type_source, record.type_confidence) == (StemType.BASS, "manifest", 1.0)
    assert (record.bpm, record.path) == (96.0, ROOT / "a/one.wav")
    catalogue.forget_files([known.number for known in catalogue.known_stems(listed.path)])
    record = catalogue.stems_by_number([number])[number]
    assert (record.type, record.type_source, record.bpm) == (StemType.DRUMS, "model", None)


def test_a_type_that_was_given_is_known_by_the_sound(catalogue: Catalogue) -> None:
    given = replace(make_entry("a/one.wav"), type=StemType.BASS, type_source="option")
    catalogue.save_embedded(given, STATE, "c1", FACTS)
    save(catalogue, "a/drums.wav", "c2")
    found = [catalogue.given_type(content) for content in ("c1", "c2", "c3")]
    assert found == [StemType.BASS, None, None]
