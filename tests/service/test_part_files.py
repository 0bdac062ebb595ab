"""A stem that is a part of a file is heard alone, wherever the file lies and whatever may be written."""

import io
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile
from httpx2 import Response
from numpy.typing import NDArray
from starlette.testclient import TestClient

from audio.stems import StemType
from library.filters import StemFilters
from library.parts import PARTS
from service.open_catalogue import CatalogueSource
from service.part_files import find_part_file
from tests.service.conftest import ClientOpener, index, settings_for
from tests.service.test_match_refusals import check_problem
from tests.songs import stem_waveform, write_stem

BASS, KEYS = (stem_waveform(song, StemType.BASS, 9.0) for song in (0, 1))


@dataclass(frozen=True)
class Parts:
    """A service of one sound, bass and keys side by side in a file, that lies in two places."""

    client: TestClient
    files: tuple[Path, Path]
    data: Path

    def ask(self, **headers: str) -> Response:
        (stem,) = self.client.get("/stems?type=keys").json()["stems"]
        return self.client.get(stem["audio_url"], headers=headers)


@pytest.fixture
def parts(tmp_path: Path, open_client: ClientOpener) -> Parts:
    stems, data = tmp_path / "stems", tmp_path / "data"
    names = ("a/all.wav", "b/all.wav")
    for name in names:
        write_stem(stems / name, np.stack([BASS, KEYS], axis=1))
    rows = "".join(f"{name},bass,1\n{name},keys,2\n" for name in names)
    (stems / "manifest.csv").write_text(f"file,type,channels\n{rows}")
    index(stems, data)
    return Parts(open_client(settings_for(data)), (stems / names[0], stems / names[1]), data)


def check_sound(response: Response, wanted: NDArray[np.float32]) -> None:
    assert response.status_code == 200, response.text
    samples, _ = soundfile.read(io.BytesIO(response.content), dtype="float32")
    assert samples.shape == wanted.shape
    assert np.allclose(samples, wanted, atol=1e-3)


def let_nothing_be_written(parts: Parts) -> None:
    (parts.data / PARTS).touch()  # where nobody makes a folder, whatever the rights


def test_a_part_is_made_once(parts: Parts) -> None:
    check_sound(parts.ask(), KEYS)
    (kept,) = (parts.data / PARTS).iterdir()
    before = kept.stat().st_ino
    check_sound(parts.ask(), KEYS)
    assert kept.stat().st_ino == before


def test_a_part_is_saved_under_a_name_of_its_own(parts: Parts) -> None:
    (stem,) = parts.client.get("/stems?type=keys").json()["stems"]
    assert stem["audio_name"] == "all keys.wav"
    assert "filename*=utf-8''all%20keys.wav" in parts.ask().headers["content-disposition"]


def test_of_the_second_place_as_well_only_the_part_is_sent(parts: Parts) -> None:
    parts.files[0].unlink()
    check_sound(parts.ask(), KEYS)


@pytest.mark.parametrize("heard_before", [True, False])
def test_a_part_of_files_that_are_gone_is_gone(parts: Parts, heard_before: bool) -> None:
    if heard_before:
        parts.ask()
    for path in parts.files:
        path.unlink()
    check_problem(parts.ask(), 410, "a/all.wav")


@pytest.mark.parametrize("heard_before", [True, False])
def test_a_part_of_a_link_out_of_the_library_is_not_served(
    parts: Parts, tmp_path: Path, heard_before: bool
) -> None:
    if heard_before:
        parts.ask()
    parts.files[0].rename(tmp_path / "secret.wav")
    parts.files[0].symlink_to(tmp_path / "secret.wav")
    check_problem(parts.ask(), 404, "outside")


def test_a_part_is_heard_where_nothing_may_be_written(parts: Parts) -> None:
    let_nothing_be_written(parts)
    check_sound(parts.ask(), KEYS)


def test_a_part_that_is_made_for_every_answer_is_the_same_file_to_players(parts: Parts) -> None:
    let_nothing_be_written(parts)
    whole = parts.ask()
    rest = parts.ask(**{"Range": "bytes=1000-", "If-Range": whole.headers["etag"]})
    assert (rest.status_code, rest.content) == (206, whole.content[1000:])
    assert parts.ask(**{"If-None-Match": whole.headers["etag"]}).status_code == 304
    assert rest.headers["content-disposition"] == whole.headers["content-disposition"]


def test_a_part_that_cannot_be_kept_stays_until_it_has_been_sent(parts: Parts) -> None:
    let_nothing_be_written(parts)
    with (
        closing(CatalogueSource(settings_for(parts.data).catalogue_url)) as source,
        source.open() as catalogue,
    ):
        stem = catalogue.list_stems([StemType.KEYS], StemFilters())[0]
    with ExitStack() as until_sent:
        made = find_part_file(stem, stem.path, parts.data, until_sent)
        assert soundfile.info(made).channels == 1
        assert not made.is_relative_to(parts.data)
    assert not made.parent.exists()
