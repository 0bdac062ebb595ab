from pathlib import Path

import pytest

from audio.stems import StemType
from indexer.manifest_csv import ManifestCsvError, ManifestRow, read_manifest_csv


def write(folder: Path, text: str) -> Path:
    (folder / "manifest.csv").write_text(text, encoding="utf-8")
    return folder


def test_a_row_is_read_whole(tmp_path: Path) -> None:
    header = "song,file,type,seconds,licence,tags,bpm,key\n"
    write(tmp_path, header + "Blue,blue/01.wav,bass,30,CC0,dry; loop,96.5,A minor\n")
    assert read_manifest_csv(tmp_path) == {
        tmp_path / "blue/01.wav": ManifestRow(
            StemType.BASS, None, "Blue", "CC0", ("dry", "loop"), 96.5, "A minor"
        )
    }


def test_a_folder_without_a_manifest_has_no_rows(tmp_path: Path) -> None:
    assert read_manifest_csv(tmp_path) == {}


def test_only_the_file_is_needed(tmp_path: Path) -> None:
    write(tmp_path, "file\na.wav\n")
    assert read_manifest_csv(tmp_path)[tmp_path / "a.wav"] == ManifestRow(
        None, None, None, None, (), None, None
    )


def test_a_type_that_is_none_of_ours_is_kept_as_a_word(tmp_path: Path) -> None:
    write(tmp_path, "file,type\na.wav,mix-minus-guitar\n")
    row = read_manifest_csv(tmp_path)[tmp_path / "a.wav"]
    assert (row.type, row.not_a_stem) == (None, "mix-minus-guitar")


def test_short_and_long_lines_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    write(tmp_path, "\ufefffile,type,song\na.wav,bass\nb.wav,drums,Blue,extra\n\n")
    rows = read_manifest_csv(tmp_path)
    assert rows[tmp_path / "a.wav"].type == StemType.BASS
    assert rows[tmp_path / "b.wav"].song == "Blue"


def test_a_table_without_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ManifestCsvError, match='no column "file"'):
        read_manifest_csv(write(tmp_path, "name,type\na.wav,bass\n"))


@pytest.mark.parametrize("bpm", ["fast", "-3", "0", "nan", "inf"])
def test_a_tempo_that_is_none_is_refused_with_its_line(tmp_path: Path, bpm: str) -> None:
    with pytest.raises(ManifestCsvError, match=f"line 3: the bpm '{bpm}'"):
        read_manifest_csv(write(tmp_path, f"file,bpm\na.wav,120\nb.wav,{bpm}\n"))


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "manifest.csv").write_bytes(b"\xff\xfe\x00file")
    with pytest.raises(ManifestCsvError, match="not a CSV table"):
        read_manifest_csv(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "file, Type ,SONG, bpm\na.wav, keys , Blue ,92.5\n",
        "File;Type;Song;BPM\na.wav;keys;Blue;92,5\n",
        '\ufeffPath;type;song;Tempo;Tags\na.wav;keys;Blue;92,5;"dry;loop"\n',
    ],
)
def test_a_table_is_read_as_a_spreadsheet_writes_it(tmp_path: Path, text: str) -> None:
    row = read_manifest_csv(write(tmp_path, text))[tmp_path / "a.wav"]
    assert (row.type, row.song, row.bpm) == (StemType.KEYS, "Blue", 92.5)
    assert (row.tags, row.not_understood) == (("dry", "loop") if "Tags" in text else (), ())


def test_columns_that_are_not_understood_are_kept_by_name(tmp_path: Path) -> None:
    write(tmp_path, "file,type,Colour,,group\na.wav,keys,red,,1\n")
    assert read_manifest_csv(tmp_path)[tmp_path / "a.wav"].not_understood == ("colour",)


@pytest.mark.parametrize("column", ["song", "licence", "license", "key", "tags"])
def test_a_text_that_no_index_takes_is_refused_with_its_line(tmp_path: Path, column: str) -> None:
    write(tmp_path, f"file,{column}\na.wav,{'x' * 500}\nb.wav,{'y' * 501}\n")
    named = "tag" if column == "tags" else column
    with pytest.raises(ManifestCsvError, match=f"line 3: the {named} 'y+'… has over 500 characters"):
        read_manifest_csv(tmp_path)


def test_many_short_tags_are_no_long_text(tmp_path: Path) -> None:
    write(tmp_path, f"file,tags\na.wav,{';'.join(map(str, range(500)))}\n")
    assert len(read_manifest_csv(tmp_path)[tmp_path / "a.wav"].tags) == 500
