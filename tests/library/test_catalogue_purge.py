"""Rows of stems that are gone are deleted; whatever is still in use stays."""

from dataclasses import replace

from library.catalogue import Catalogue
from tests.library.test_catalogue import FACTS, STATE, make_entry, save


def forget_everything(catalogue: Catalogue) -> None:
    catalogue.forget_files([known.number for known in catalogue.known_stems()])


def test_gone_stems_are_deleted_with_their_tags_and_others_stay(catalogue: Catalogue) -> None:
    gone = catalogue.save_embedded(replace(make_entry("a/drums.wav"), tags=("dry",)), STATE, "c1", FACTS)
    forget_everything(catalogue)
    stays = catalogue.save_embedded(make_entry("song-b/drums.wav"), STATE, "c2", FACTS)
    assert catalogue.purge_gone(()) == 1
    assert catalogue.gone_numbers() == frozenset()
    assert set(catalogue.stems_by_number([gone, stays])) == {stays}


def test_a_stem_that_an_index_holds_stays(catalogue: Catalogue) -> None:
    numbers = [catalogue.save_embedded(make_entry(f"a/{n}.wav"), STATE, f"c{n}", FACTS) for n in range(3)]
    forget_everything(catalogue)
    assert catalogue.purge_gone(numbers[1:]) == 1
    assert catalogue.gone_numbers() == set(numbers[1:])


def test_a_number_is_never_given_again(catalogue: Catalogue) -> None:
    first = save(catalogue, "song-a/drums.wav")
    forget_everything(catalogue)
    catalogue.purge_gone(())
    assert save(catalogue, "song-a/drums.wav") > first


def test_more_stems_than_a_statement_takes_are_deleted(catalogue: Catalogue) -> None:
    for number in range(1001):
        catalogue.save_embedded(make_entry(f"a/{number}.wav"), STATE, f"c{number}", FACTS)
    forget_everything(catalogue)
    assert catalogue.purge_gone(()) == 1001


def test_a_song_with_a_file_that_failed_stays(catalogue: Catalogue) -> None:
    catalogue.save_failed(make_entry("song-a/drums.wav"), STATE, "", "It is text.")
    catalogue.purge_gone(())
    assert [known.entry.song for known in catalogue.known_stems()] == ["song-a"]
