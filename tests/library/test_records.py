"""Names that last."""

from library.records import part_hash, stem_id


def test_an_id_stays_what_it_is() -> None:
    assert stem_id("abc") == "8be208909f78ed1e"  # links that people have kept must not break


def test_another_sound_has_another_id() -> None:
    assert len({stem_id("abc"), stem_id("abd")}) == 2


def test_a_whole_file_is_named_by_its_own_checksum_and_its_parts_by_others() -> None:
    assert part_hash("abc", 0) == "abc"
    assert len({part_hash("abc", part) for part in range(5)} | {part_hash("abd", 1)}) == 6


def test_the_name_of_a_part_fits_where_a_checksum_fits() -> None:
    assert len(part_hash("f" * 64, 4)) == 64
