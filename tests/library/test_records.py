from pathlib import Path

from library.records import stem_id

PATH = Path("/music/song-a/drums.wav")


def test_the_public_id_is_16_hexadecimal_digits_and_stays() -> None:
    assert stem_id("abc", PATH) == "884674fae1e453f6"  # links that people have kept must not break


def test_another_sound_or_another_path_is_another_stem() -> None:
    ids = {stem_id("abc", PATH), stem_id("abd", PATH), stem_id("abc", PATH.with_name("bass.wav"))}
    assert len(ids) == 3
