"""One stem of the library over HTTP: what is known of it, and its sound as players and caches ask for it."""

import time
from email.utils import formatdate
from pathlib import Path
from urllib.parse import unquote

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from audio.stems import StemType
from tests.service.conftest import ClientOpener, index, settings_for
from tests.songs import stem_waveform, write_stem


def stem_of(client: TestClient, mix: bytes, query: str = "type=bass&limit=1") -> dict[str, str]:
    response = client.post(f"/match?{query}", files={"mix": ("mix.wav", mix)})
    stem: dict[str, str] = response.json()["matches"][0]["stem"]
    return stem


@pytest.fixture
def audio_url(client: TestClient, mix: bytes) -> str:
    return stem_of(client, mix)["audio_url"]


@pytest.fixture
def content(stems_folder: Path) -> bytes:
    return (stems_folder / "song-02" / "bass.wav").read_bytes()


def test_a_stem_is_shown_as_in_the_match(client: TestClient, mix: bytes) -> None:
    stem = stem_of(client, mix)
    response = client.get(f"/stems/{stem['id']}")
    assert response.json() == stem
    assert stem["path"] == "song-02/bass.wav"
    assert stem["audio_url"] == f"/stems/{stem['id']}/audio"


@pytest.mark.parametrize("stem_id", ["0" * 16, "nothing", "%00", "..%2f..", "a" * 5000])
@pytest.mark.parametrize("path", ["/stems/{}", "/stems/{}/audio"])
def test_an_unknown_stem_is_not_found(client: TestClient, path: str, stem_id: str) -> None:
    response = client.get(path.format(stem_id))
    assert response.status_code == 404
    assert response.json()["status"] == 404
    assert len(response.json()["detail"]) < 200


def test_a_stem_cannot_be_looked_up_without_a_database(tmp_path: Path, open_client: ClientOpener) -> None:
    response = open_client(settings_for(tmp_path)).get(f"/stems/{'0' * 16}")
    assert response.status_code == 503
    assert "counterpart db upgrade" in response.json()["detail"]


def test_the_sound_is_the_file(client: TestClient, audio_url: str, content: bytes) -> None:
    response = client.get(audio_url)
    assert response.status_code == 200
    assert response.content == content
    assert response.headers["content-type"] == "audio/wav"
    assert response.headers["accept-ranges"] == "bytes"
    assert response.headers["content-disposition"] == 'inline; filename="bass.wav"'


def test_head_tells_the_same_without_the_sound(client: TestClient, audio_url: str, content: bytes) -> None:
    response = client.head(audio_url)
    assert response.status_code == 200
    assert response.content == b""
    assert int(response.headers["content-length"]) == len(content)
    assert response.headers["etag"] == client.get(audio_url).headers["etag"]


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-99", slice(0, 100)),
        ("bytes=100-", slice(100, None)),
        ("bytes=-50", slice(-50, None)),
        ("bytes=0-999999999", slice(None)),
    ],
)
def test_a_range_is_a_part_of_the_file(
    client: TestClient, audio_url: str, content: bytes, header: str, part: slice
) -> None:
    response = client.get(audio_url, headers={"Range": header})
    assert response.status_code == 206
    assert response.content == content[part]
    assert response.headers["content-range"].endswith(f"/{len(content)}")


def test_several_ranges_come_in_parts(client: TestClient, audio_url: str, content: bytes) -> None:
    response = client.get(audio_url, headers={"Range": "bytes=0-3,8-11"})
    assert response.status_code == 206
    assert response.headers["content-type"].startswith("multipart/byteranges")
    assert content[:4] in response.content
    assert content[8:12] in response.content


def test_a_part_beyond_the_file_does_not_spoil_the_others(
    client: TestClient, audio_url: str, content: bytes
) -> None:
    response = client.get(audio_url, headers={"Range": "bytes=0-3, 999999999-"})
    assert (response.status_code, response.content) == (206, content[:4])


@pytest.mark.parametrize("header", ["bytes=999999999-", "bytes=-0", "bytes=-0,999999999-"])
def test_a_range_outside_the_file_is_told_its_size(
    client: TestClient, audio_url: str, content: bytes, header: str
) -> None:
    response = client.get(audio_url, headers={"Range": header})
    assert response.status_code == 416
    assert response.headers["content-range"] == f"bytes */{len(content)}"
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "header", ["bytes=", "bytes=9-3", "lines=1-2", "bytes", "bytes=a-b", "bytes=" + "9" * 99 + "-"]
)
def test_a_malformed_range_is_ignored(
    client: TestClient, audio_url: str, content: bytes, header: str
) -> None:
    response = client.get(audio_url, headers={"Range": header})
    assert response.status_code == 200
    assert response.content == content


def get_conditionally(client: TestClient, audio_url: str, etag_format: str) -> Response:
    etag = client.get(audio_url).headers["etag"]
    return client.get(audio_url, headers={"If-None-Match": etag_format.format(etag)})


@pytest.mark.parametrize("etag_format", ["{}", "W/{}", '"other", {}', "*"])
def test_a_current_copy_is_not_sent_again(client: TestClient, audio_url: str, etag_format: str) -> None:
    response = get_conditionally(client, audio_url, etag_format)
    assert response.status_code == 304
    assert response.content == b""
    assert response.headers["etag"]


@pytest.mark.parametrize("etag_format", ['"other"', "W/x{}", ""])
def test_another_copy_is_sent_again(client: TestClient, audio_url: str, etag_format: str) -> None:
    assert get_conditionally(client, audio_url, etag_format).status_code == 200


def test_a_copy_of_that_time_is_current(client: TestClient, audio_url: str) -> None:
    modified = client.get(audio_url).headers["last-modified"]
    assert client.get(audio_url, headers={"If-Modified-Since": modified}).status_code == 304
    before = formatdate(time.time() - 1e8, usegmt=True)
    assert client.get(audio_url, headers={"If-Modified-Since": before}).status_code == 200
    for no_date in ("yesterday", "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"):
        assert client.get(audio_url, headers={"If-Modified-Since": no_date}).status_code == 200


def test_the_etag_decides_over_the_time(client: TestClient, audio_url: str) -> None:
    modified = client.get(audio_url).headers["last-modified"]
    headers = {"If-None-Match": '"other"', "If-Modified-Since": modified}
    assert client.get(audio_url, headers=headers).status_code == 200


def test_a_range_of_a_changed_file_is_the_whole_file(
    client: TestClient, audio_url: str, content: bytes
) -> None:
    etag = client.get(audio_url).headers["etag"]
    current = client.get(audio_url, headers={"Range": "bytes=0-9", "If-Range": etag})
    changed = client.get(audio_url, headers={"Range": "bytes=0-9", "If-Range": '"other"'})
    beyond = client.get(audio_url, headers={"Range": "bytes=999999999-", "If-Range": '"other"'})
    assert (current.status_code, len(current.content)) == (206, 10)
    assert (changed.status_code, changed.content) == (200, content)
    assert beyond.status_code == 200


def test_a_file_that_is_gone_is_told_so(
    own_stems: Path, own_data: Path, mix: bytes, open_client: ClientOpener
) -> None:
    client = open_client(settings_for(own_data))
    url = stem_of(client, mix)["audio_url"]
    (own_stems / "song-02" / "bass.wav").unlink()
    response = client.get(url)
    assert response.status_code == 410
    assert "song-02/bass.wav" in response.json()["detail"]
    assert str(own_stems) not in response.text


def test_a_folder_in_the_place_of_the_file_is_not_sent(
    own_stems: Path, own_data: Path, mix: bytes, open_client: ClientOpener
) -> None:
    client = open_client(settings_for(own_data))
    url = stem_of(client, mix)["audio_url"]
    (own_stems / "song-02" / "bass.wav").unlink()
    (own_stems / "song-02" / "bass.wav").mkdir()
    assert client.get(url).status_code == 410


def test_a_link_out_of_the_library_is_not_followed(
    own_stems: Path, own_data: Path, mix: bytes, open_client: ClientOpener, tmp_path: Path
) -> None:
    client = open_client(settings_for(own_data))
    url = stem_of(client, mix)["audio_url"]
    secret = tmp_path / "secret.wav"
    secret.write_bytes(b"secret")
    (own_stems / "song-02" / "bass.wav").unlink()
    (own_stems / "song-02" / "bass.wav").symlink_to(secret)
    response = client.get(url)
    assert response.status_code == 404
    assert "outside" in response.json()["detail"]


@pytest.mark.parametrize(
    ("suffix", "media_type"), [("flac", "audio/flac"), ("ogg", "audio/ogg"), ("mp3", "audio/mpeg")]
)
def test_the_media_type_is_that_of_the_file(
    tmp_path: Path, mix: bytes, open_client: ClientOpener, suffix: str, media_type: str
) -> None:
    write_stem(tmp_path / "stems" / "a" / f"bass.{suffix}", stem_waveform(2, StemType.BASS, 8))
    index(tmp_path / "stems", tmp_path / "data")
    client = open_client(settings_for(tmp_path / "data"))
    assert client.get(stem_of(client, mix)["audio_url"]).headers["content-type"] == media_type


def test_a_name_in_any_script_reaches_the_player(
    tmp_path: Path, mix: bytes, open_client: ClientOpener
) -> None:
    name = 'Bäss "döp" 低音.wav'
    write_stem(tmp_path / "stems" / "söng" / "bass" / name, stem_waveform(2, StemType.BASS, 8))
    index(tmp_path / "stems", tmp_path / "data")
    client = open_client(settings_for(tmp_path / "data"))
    stem = stem_of(client, mix)
    disposition = client.get(stem["audio_url"]).headers["content-disposition"]
    assert disposition.startswith("inline; filename*=utf-8''")
    assert unquote(disposition.partition("''")[2]) == name
    assert stem["path"].endswith(name)
