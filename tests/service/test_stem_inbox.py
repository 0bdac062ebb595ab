"""What is sent to the library is kept whole, under a name that the indexer looks at."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from audio.stems import StemType
from indexer.manifest import read_manifest
from service.stem_inbox import MANIFEST, StemFacts, StemInbox
from tests.service.conftest import wav_bytes
from tests.songs import tone

SOUND = wav_bytes(tone(110.0, 1.0))
FACTS = StemFacts(StemType.BASS, song="blue")


class Upload(io.BytesIO):
    """A sound that arrives; `meanwhile` happens while it is read for the first time."""

    def __init__(self, meanwhile: Callable[[], object] = lambda: None) -> None:
        super().__init__(SOUND)
        self._meanwhile = meanwhile

    def read(self, size: int | None = -1) -> bytes:
        content = super().read(size)
        meanwhile, self._meanwhile = self._meanwhile, lambda: None
        meanwhile()
        return content


def keep(inbox: StemInbox, upload: Upload, filename: str | None = "bass.wav") -> Path:
    return inbox.keep(upload, filename, "0" * 16, FACTS)


def files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("filename", ["bass.wav", "BASS.WAV", "bass.ogg", "bass.flac"])
def test_a_name_that_the_indexer_knows_stays(tmp_path: Path, filename: str) -> None:
    assert keep(StemInbox(tmp_path), Upload(), filename).name == f"{'0' * 16}-{filename}"


@pytest.mark.parametrize(
    "filename", ["upload", "take.bwf", " drums.wav ", "x.weba", "song.stem", ".wav", "", None]
)
def test_any_other_name_gets_the_suffix_of_what_is_in_the_file(tmp_path: Path, filename: str | None) -> None:
    path = keep(StemInbox(tmp_path), Upload(), filename)
    assert path.suffix == ".wav"
    assert path.read_bytes() == SOUND
    (line,) = (tmp_path / "uploads" / MANIFEST).read_text().splitlines()
    assert tmp_path / "uploads" / json.loads(line)["file"] == path


def test_the_same_stem_may_come_twice_at_once(tmp_path: Path) -> None:
    inbox = StemInbox(tmp_path)
    path = keep(inbox, Upload(meanwhile=lambda: keep(inbox, Upload())))
    assert path.read_bytes() == SOUND
    assert files_in(path.parent) == [path]


def test_of_a_stem_that_did_not_arrive_whole_nothing_stays(tmp_path: Path) -> None:
    def break_off() -> None:
        raise OSError("The disk is gone.")

    with pytest.raises(OSError, match="disk"):
        keep(StemInbox(tmp_path), Upload(meanwhile=break_off))
    assert files_in(tmp_path) == []
    assert [each for each in tmp_path.rglob("*") if each.name.startswith(".")] == []


def test_a_line_that_a_power_failure_tore_stands_in_no_other_stems_way(tmp_path: Path) -> None:
    inbox = StemInbox(tmp_path)
    keep(inbox, Upload())
    with (tmp_path / "uploads" / MANIFEST).open("a") as manifest:
        manifest.write('{"file": "0000')
    path = keep(inbox, Upload(), "other.wav")
    assert read_manifest(tmp_path / "uploads")[path][0].type == StemType.BASS


def test_what_is_kept_may_be_read_by_whoever_may_read_the_folder(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.touch()
    assert keep(StemInbox(tmp_path), Upload()).stat().st_mode == plain.stat().st_mode


def test_stems_are_there_until_the_last_is_removed(tmp_path: Path) -> None:
    inbox = StemInbox(tmp_path)
    assert inbox.holds_any() is False
    path = keep(inbox, Upload())
    assert inbox.holds_any() is True
    inbox.remove([path])
    assert inbox.holds_any() is False


def test_half_a_stem_that_a_kill_left_is_none(tmp_path: Path) -> None:
    inbox = StemInbox(tmp_path)
    inbox.remove([keep(inbox, Upload())])
    (folder,) = (each for each in (tmp_path / "uploads").iterdir() if each.is_dir())
    (folder / ".half").mkdir()
    (folder / ".half/bass.wav").touch()
    (folder / ".bass.wav").touch()
    assert inbox.holds_any() is False
