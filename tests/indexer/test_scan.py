"""What the scan says of the files below a folder, without opening them."""

import errno
import json
import os
import struct
import unicodedata
from pathlib import Path
from typing import Literal

import pytest

from audio.parts import channels_part
from audio.stems import StemType
from indexer.describe import TypeSaid, is_called_a_mix
from indexer.manifest_csv import ManifestCsvError
from indexer.scan import NO_TYPE, NoAudioError, Scan, scan_places
from library.records import FileState


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"sound")
    return folder


def scan(*places: Path, given_type: StemType | None = None) -> Scan:
    return scan_places(places, lambda _path, _part: TypeSaid(given_type, "option") if given_type else None)


def names(result: Scan) -> list[str]:
    return [each.entry.path.name for each in result.stems]


def test_every_stem_is_found_in_the_order_of_paths(tmp_path: Path) -> None:
    touch(tmp_path, "b/drums.wav", "a/drums-2.opus", "a/drums.opus", "a/deep/er/bass.FLAC")
    found = [
        (each.entry.path.relative_to(tmp_path).as_posix(), each.entry.type) for each in scan(tmp_path).stems
    ]
    assert found == [
        ("a/drums-2.opus", StemType.DRUMS),
        ("a/drums.opus", StemType.DRUMS),
        ("a/deep/er/bass.FLAC", StemType.BASS),
        ("b/drums.wav", StemType.DRUMS),
    ]


def test_an_entry_says_song_root_and_who_said_the_type(tmp_path: Path) -> None:
    (stem,) = scan(touch(tmp_path, "song-a/drums.wav")).stems
    assert (stem.entry.song, stem.entry.song_folder) == ("song-a", tmp_path / "song-a")
    assert (stem.entry.root, stem.entry.type_source) == (tmp_path, "name")
    status = stem.entry.path.stat()
    assert stem.state == FileState(status.st_size, status.st_mtime_ns)


def test_what_is_no_audio_or_hidden_is_passed_over_in_silence(tmp_path: Path) -> None:
    touch(tmp_path, "a/drums.wav", "a/notes.txt", "a/._drums.wav", ".trash/bass.wav", "__MACOSX/a/bass.wav")
    result = scan(tmp_path)
    assert names(result) == ["drums.wav"]
    assert result.skipped == []


def test_files_of_which_nothing_says_the_type_are_skipped_with_a_reason(tmp_path: Path) -> None:
    result = scan(touch(tmp_path, "a/mix.wav", "a/one.wav", "a/drums.wav"))
    assert [(each.path.name, each.reason) for each in result.skipped] == [
        ("mix.wav", NO_TYPE),
        ("one.wav", NO_TYPE),
    ]
    assert NO_TYPE.startswith("no type")


def test_a_given_type_is_for_files_of_which_nothing_says_it(tmp_path: Path) -> None:
    result = scan(touch(tmp_path, "a/one.wav", "a/drums.wav"), given_type=StemType.KEYS)
    assert [(each.entry.type, each.entry.type_source) for each in result.stems] == [
        (StemType.DRUMS, "name"),
        (StemType.KEYS, "option"),
    ]


@pytest.mark.parametrize(
    ("number", "is_unknown"),
    [(errno.EACCES, True), (errno.EIO, True), (errno.ESTALE, True), (errno.ENOENT, False)],
)
def test_of_a_file_that_cannot_be_looked_at_nobody_knows_whether_it_is_there(
    tmp_path: Path, number: int, is_unknown: bool
) -> None:
    touch(tmp_path, "a/one.wav", "a/drums.wav")

    def fail(path: Path, _part: int) -> TypeSaid | None:
        raise OSError(number, os.strerror(number), str(path))

    result = scan_places([tmp_path], fail)
    assert names(result) == ["drums.wav"]
    unknown, other = (result.closed, result.skipped) if is_unknown else (result.skipped, result.closed)
    assert [(each.path.name, each.reason) for each in unknown] == [
        ("one.wav", f"it cannot be opened: {os.strerror(number)}")
    ]
    assert other == []


def test_links_to_folders_are_not_followed_and_that_is_said(tmp_path: Path) -> None:
    touch(tmp_path / "library", "a/drums.wav")
    touch(tmp_path / "elsewhere", "b/bass.wav")
    (tmp_path / "library" / "b").symlink_to(tmp_path / "elsewhere" / "b")
    result = scan(tmp_path / "library")
    assert names(result) == ["drums.wav"]
    ((path, reason),) = [(each.path.name, each.reason) for each in result.skipped]
    assert path == "b"
    assert "links to folders" in reason


def test_each_pack_of_a_collection_may_have_a_manifest_of_its_own(tmp_path: Path) -> None:
    touch(tmp_path, "pack/a/drums.wav", "pack/a/bass.wav", "pack/deep/b/drums.wav", "c/drums.wav")
    (tmp_path / "manifest.csv").write_text("file,type\nc/drums.wav,keys\npack/a/bass.wav,keys\n")
    (tmp_path / "pack" / "manifest.csv").write_text("file,type,licence\na/drums.wav,synth,CC0\n")
    (tmp_path / "pack" / "deep" / "manifest.jsonl").write_text('{"file": "b/drums.wav", "type": "wind"}\n')
    found = {each.entry.path.relative_to(tmp_path).as_posix(): each.entry for each in scan(tmp_path).stems}
    assert {path: (entry.type, entry.root.name, entry.licence) for path, entry in found.items()} == {
        "c/drums.wav": (StemType.KEYS, tmp_path.name, None),
        "pack/a/bass.wav": (StemType.KEYS, tmp_path.name, None),
        "pack/a/drums.wav": (StemType.SYNTH, "pack", "CC0"),
        "pack/deep/b/drums.wav": (StemType.WIND, "deep", None),
    }
    alone = [each.entry for each in scan(tmp_path / "pack").stems]
    assert found["pack/a/drums.wav"] in alone


def test_a_pack_whose_manifest_cannot_be_read_is_unknown_and_the_rest_is_found(tmp_path: Path) -> None:
    touch(tmp_path, "pack/a/drums.wav", "b/bass.wav")
    (tmp_path / "pack" / "manifest.csv").symlink_to("/proc/self/mem")  # no one can read its beginning
    result = scan(tmp_path)
    assert names(result) == ["bass.wav"]
    ((path, reason),) = [(each.path.name, each.reason) for each in result.closed]
    assert path == "drums.wav"
    assert "cannot be read" in reason


def test_what_is_called_a_manifest_below_the_place_and_names_no_files_says_nothing(tmp_path: Path) -> None:
    touch(tmp_path, "pack/a/drums.wav")
    (tmp_path / "pack" / "manifest.csv").write_text("name,size\nx,1\n")
    assert names(scan(tmp_path)) == ["drums.wav"]


def test_a_manifest_that_groups_songs_for_training_is_none_of_stems(tmp_path: Path) -> None:
    touch(tmp_path, "a/drums.wav")
    (tmp_path / "manifest.csv").write_text("song,group\na,1\n")
    result = scan(tmp_path)
    assert names(result) == ["drums.wav"]
    assert result.not_there == {}


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_manifest_finds_a_file_however_its_letters_are_composed(
    tmp_path: Path, form: Literal["NFC", "NFD"]
) -> None:
    name = unicodedata.normalize(form, "Café/drums.wav")
    other = unicodedata.normalize("NFD" if form == "NFC" else "NFC", "Café/drums.wav")
    touch(tmp_path, name)
    (tmp_path / "manifest.csv").write_text(f"file,type\n{other},keys\n")
    result = scan(tmp_path)
    assert [each.entry.type for each in result.stems] == [StemType.KEYS]
    assert result.not_there == {}


def test_a_manifest_written_on_windows_is_followed(tmp_path: Path) -> None:
    touch(tmp_path, "a/drums.wav", "odd\\name/bass.wav")
    (tmp_path / "manifest.csv").write_text("file,type\na\\drums.wav,keys\nodd\\name/bass.wav,synth\n")
    assert [each.entry.type for each in scan(tmp_path).stems] == [StemType.KEYS, StemType.SYNTH]


def test_a_whole_path_in_a_manifest_may_lead_through_a_link(tmp_path: Path) -> None:
    touch(tmp_path / "library", "a/drums.wav")
    (tmp_path / "link").symlink_to(tmp_path / "library")
    rows = f"file,type\n{tmp_path}/link/a/drums.wav,keys\n"
    (tmp_path / "library" / "manifest.csv").write_text(rows)
    assert [each.entry.type for each in scan(tmp_path / "library").stems] == [StemType.KEYS]


def test_files_that_a_manifest_names_in_vain_are_told_below_the_place_alone(tmp_path: Path) -> None:
    touch(tmp_path, "a/drums.wav", "b/drums.wav", "a/cover.jpg")
    rows = "file,type\na/drums.wav,keys\na/Bass.wav,bass\na/cover.jpg,\nc/gone.wav,bass\n"
    (tmp_path / "manifest.csv").write_text(rows)
    assert scan(tmp_path).not_there == {tmp_path: [tmp_path / "a/Bass.wav", tmp_path / "c/gone.wav"]}
    assert scan(tmp_path / "a").not_there == {tmp_path: [tmp_path / "a/Bass.wav"]}


def test_columns_that_are_not_understood_are_told_once(tmp_path: Path) -> None:
    touch(tmp_path, "a/drums.wav", "b/drums.wav")
    (tmp_path / "manifest.csv").write_text("File, Type ,mood,colour\na/drums.wav,keys,sad,\n")
    result = scan(tmp_path / "a", tmp_path / "b", tmp_path)
    assert [each.entry.type for each in result.stems] == [StemType.KEYS, StemType.DRUMS]
    (warning,) = result.warnings
    assert warning.startswith(
        f"The manifest in {tmp_path} has columns that are not understood: mood, colour."
    )


def test_the_manifest_wins_over_names(tmp_path: Path) -> None:
    touch(tmp_path, "a/drums.wav")
    header = "file,type,song,licence,tags,bpm,key\n"
    (tmp_path / "manifest.csv").write_text(header + "a/drums.wav,keys,Blue,CC0,dry,96,A minor\n")
    (stem,) = scan(tmp_path).stems
    assert (stem.entry.type, stem.entry.type_source) == (StemType.KEYS, "manifest")
    assert (stem.entry.song, stem.entry.song_folder) == ("Blue", tmp_path / "Blue")
    assert (stem.entry.licence, stem.entry.tags, stem.entry.bpm, stem.entry.key) == (
        "CC0",
        ("dry",),
        96,
        "A minor",
    )


def test_a_manifest_without_a_type_leaves_it_to_the_name(tmp_path: Path) -> None:
    touch(tmp_path, "a/drums.wav")
    (tmp_path / "manifest.csv").write_text("file,licence\na/drums.wav,CC0\n")
    (stem,) = scan(tmp_path).stems
    assert (stem.entry.type, stem.entry.type_source, stem.entry.licence) == (StemType.DRUMS, "name", "CC0")


def test_what_the_manifest_calls_a_mix_is_no_stem_even_with_a_given_type(tmp_path: Path) -> None:
    touch(tmp_path, "a/guitar.wav")
    (tmp_path / "manifest.csv").write_text("file,type\na/guitar.wav,mix-minus-guitar\n")
    result = scan(tmp_path, given_type=StemType.GUITAR)
    assert result.stems == []
    assert "mix-minus-guitar" in result.skipped[0].reason


def test_a_manifest_that_cannot_be_followed_stops_the_scan(tmp_path: Path) -> None:
    touch(tmp_path, "a/drums.wav")
    (tmp_path / "manifest.csv").write_text("name\na/drums.wav\n")
    with pytest.raises(ManifestCsvError):
        scan(tmp_path)


def write_stem_file(path: Path, *names: str, text: str | None = None) -> None:
    """Only the boxes that hold the names, or another `text` in their place."""
    stems = [{"name": name, "color": "#FF0000"} for name in names]
    content = (text or json.dumps({"version": 1, "stems": stems})).encode()
    for name in (b"stem", b"udta", b"moov"):
        content = struct.pack(">I4s", len(content) + 8, name) + content
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(struct.pack(">I4s", 16, b"ftyp") + b"M4A \0\0\0\0" + content)


def test_a_stem_file_holds_four_stems(tmp_path: Path) -> None:
    write_stem_file(tmp_path / "a/song.stem.mp4", "Drums", "Bass", "Rhodes", "Lead Vox")
    found = [(each.entry.part, each.entry.type, each.entry.type_source) for each in scan(tmp_path).stems]
    assert found == [
        (1, StemType.DRUMS, "name"),
        (2, StemType.BASS, "name"),
        (3, StemType.KEYS, "name"),
        (4, StemType.VOCALS, "name"),
    ]


def test_parts_of_a_stem_file_without_a_telling_name_are_skipped_with_a_reason(tmp_path: Path) -> None:
    write_stem_file(tmp_path / "a/drums.stem.mp4", "Drums", "Stem 2")
    result = scan(tmp_path)
    assert [each.entry.part for each in result.stems] == [1]
    assert [each.reason for each in result.skipped] == [NO_TYPE]


def test_a_manifest_speaks_of_all_parts_of_a_stem_file(tmp_path: Path) -> None:
    write_stem_file(tmp_path / "song.stem.mp4", "Drums", "Bass", "Keys", "Vocals")
    (tmp_path / "manifest.csv").write_text("file,song,licence,bpm\nsong.stem.mp4,Blue,CC0,96\n")
    said = {(each.entry.song, each.entry.licence, each.entry.bpm) for each in scan(tmp_path).stems}
    assert said == {("Blue", "CC0", 96.0)}


def test_a_manifest_may_leave_a_stem_file_out(tmp_path: Path) -> None:
    write_stem_file(tmp_path / "song.stem.mp4", "Drums", "Bass", "Keys", "Vocals")
    (tmp_path / "manifest.csv").write_text("file,type\nsong.stem.mp4,mix\n")
    result = scan(tmp_path)
    assert result.stems == []
    assert [each.reason for each in result.skipped] == ["the manifest calls it mix, which is no stem type"]


def test_names_of_parts_that_are_nested_without_end_are_none(tmp_path: Path) -> None:
    text = "[" * 100_000
    write_stem_file(tmp_path / "song.stem.mp4", text=text)
    assert {each.reason for each in scan(tmp_path).skipped} == {NO_TYPE}


def test_a_manifest_names_the_channels_of_a_file(tmp_path: Path) -> None:
    touch(tmp_path, "a/all.wav")
    rows = "a/all.wav,drums,1-2\na/all.wav,bass,3\na/all.wav,click,4\n"
    (tmp_path / "manifest.csv").write_text(f"file,type,channels\n{rows}")
    result = scan(tmp_path)
    assert [(each.entry.type, each.entry.part) for each in result.stems] == [
        (StemType.DRUMS, channels_part(1, 2)),
        (StemType.BASS, channels_part(3, 3)),
    ]
    assert "click" in result.skipped[0].reason


def test_names_of_sample_packs_tell_tempo_key_and_kind(tmp_path: Path) -> None:
    (stem,) = scan(touch(tmp_path, "pack/Artist_Bass_Loop_120_Am.wav")).stems
    assert (stem.entry.type, stem.entry.bpm, stem.entry.key) == (StemType.BASS, 120.0, "A minor")
    assert (stem.entry.bpm_source, stem.entry.key_source, stem.entry.kind) == ("name", "name", "loop")


@pytest.mark.parametrize(
    ("name", "is_mix"),
    [("song mix.wav", True), ("Full_Song.wav", True), ("remix kit.wav", False), ("mixed bag.wav", False)],
)
def test_a_mix_is_told_by_its_name(name: str, is_mix: bool) -> None:
    assert is_called_a_mix(Path("/music") / name) == is_mix


def test_two_manifests_are_refused(tmp_path: Path) -> None:
    touch(tmp_path, "a/drums.wav")
    (tmp_path / "manifest.csv").write_text("file\n")
    (tmp_path / "manifest.jsonl").write_text("")
    with pytest.raises(ManifestCsvError, match="Keep one"):
        scan(tmp_path)


def test_a_name_that_is_not_utf_8_is_skipped_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"drums-\xff.wav")).write_bytes(b"sound")
    assert "UTF-8" in scan(tmp_path).skipped[0].reason


def test_a_link_to_nothing_is_skipped_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "drums.wav").symlink_to(tmp_path / "nothing.wav")
    assert "cannot be opened" in scan(tmp_path).skipped[0].reason


def test_a_path_that_no_index_takes_is_skipped_with_a_reason(tmp_path: Path) -> None:
    touch(tmp_path, "a/drums.wav")
    long = tmp_path.joinpath(*["a" * 250] * 10)
    touch(long, "drums.wav")
    result = scan(tmp_path)
    assert names(result) == ["drums.wav"]
    assert [(each.path, "2500 bytes" in each.reason) for each in result.skipped] == [
        (long / "drums.wav", True)
    ]


def test_a_song_far_down_is_skipped_with_a_reason(tmp_path: Path) -> None:
    folder = tmp_path.joinpath(*["b" * 250] * 4)
    touch(folder, "drums.wav")
    rows = f"file,song\ndrums.wav,{'€' * 500}\n"
    (folder / "manifest.csv").write_text(rows)
    assert "2500 bytes" in scan(folder).skipped[0].reason


def test_a_single_file_has_the_song_and_root_of_its_library(tmp_path: Path) -> None:
    touch(tmp_path, "lib/song-a/drums.wav", "lib/song-a/bass.wav")
    file = tmp_path / "lib/song-a/drums.wav"
    (stem,) = scan(file).stems
    assert (stem.entry.song, stem.entry.root) == ("song-a", tmp_path / "lib")


@pytest.mark.parametrize("part", ["song-a", "album", "album/song-b", "song-a/drums.wav", "one.wav"])
def test_a_part_of_a_library_is_described_as_in_the_whole(tmp_path: Path, part: str) -> None:
    files = touch(tmp_path / "lib", "song-a/drums.wav", "album/song-b/stems/bass.wav", "one.wav")
    rows = [f"{path.relative_to(files)},CC0,96" for path in files.rglob("*.wav")]
    (files / "manifest.csv").write_text("\n".join(["file,licence,bpm", *rows]))
    whole = {each.entry.path: each for each in scan(files, given_type=StemType.KEYS).stems}
    alone = scan(files / part, given_type=StemType.KEYS).stems
    assert alone
    assert alone == [whole[each.entry.path] for each in alone]
    assert {each.entry.licence for each in alone} == {"CC0"}


def test_a_folder_with_a_manifest_is_a_library_itself(tmp_path: Path) -> None:
    touch(tmp_path, "lib/song-a/drums.wav")
    (tmp_path / "lib/manifest.csv").write_text("file,licence\nsong-a/drums.wav,CC0\n")
    (tmp_path / "lib/song-a/manifest.csv").write_text("file,licence\ndrums.wav,MIT\n")
    (stem,) = scan(tmp_path / "lib/song-a").stems
    assert (stem.entry.licence, stem.entry.root) == ("MIT", tmp_path / "lib/song-a")


def test_a_file_below_two_places_is_found_once(tmp_path: Path) -> None:
    touch(tmp_path, "a/drums.wav", "b/drums.wav")
    assert len(scan(tmp_path, tmp_path / "a").stems) == 2


def test_a_folder_without_audio_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoAudioError, match="counterpart index remove"):
        scan(touch(tmp_path, "notes.txt"))


def test_an_empty_folder_that_has_nothing_to_lose_is_a_warning_beside_others(tmp_path: Path) -> None:
    touch(tmp_path, "a/drums.wav")
    empty = tmp_path / "b"
    empty.mkdir()
    result = scan_places([empty, tmp_path / "a"], lambda _path, _part: None, may_be_empty=[empty])
    assert names(result) == ["drums.wav"]
    assert result.warnings == [f"There is no audio file in {empty}."]


def test_empty_folders_alone_are_refused(tmp_path: Path) -> None:
    places = [tmp_path / "a", tmp_path / "b"]
    for place in places:
        place.mkdir()
    with pytest.raises(NoAudioError, match="Name a folder of stems"):
        scan_places(places, lambda _path, _part: None, may_be_empty=places)


def test_one_empty_folder_among_others_is_refused(tmp_path: Path) -> None:
    touch(tmp_path, "a/drums.wav")
    (tmp_path / "b").mkdir()
    with pytest.raises(NoAudioError, match="b"):
        scan(tmp_path / "a", tmp_path / "b")
