"""Filters over HTTP: applied before the search, the same for matching and for listing."""

import io
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from starlette.testclient import TestClient

from audio.stems import StemType
from service.filter_query import MOST_VALUES
from tests.service.conftest import SONGS, ClientOpener, index, settings_for
from tests.service.test_match_refusals import check_problem
from tests.songs import SAMPLE_RATE, stem_waveform, write_stem

MANIFEST = """file,bpm,key,licence,tags
song-00/bass.wav,70,A minor,CC0-1.0,dry;sub
song-01/bass.wav,140,C major,MIT,dry
song-02/bass.wav,100,F# minor,MIT,wet
"""


@pytest.fixture
def filtered(own_stems: Path, tmp_path: Path, open_client: ClientOpener) -> TestClient:
    """A service over the songs with a manifest that tells facts of three basses."""
    (own_stems / "manifest.csv").write_text(MANIFEST)
    index(own_stems, tmp_path / "data")
    return open_client(settings_for(tmp_path / "data"))


def ask(client: TestClient, mix: bytes, query: str) -> list[dict[str, Any]]:
    response = client.post(f"/match?type=bass&{query}", files={"mix": ("mix.wav", mix)})
    assert response.status_code == 200, response.text
    return [match["stem"] for match in response.json()["matches"]]


@pytest.mark.parametrize(
    ("query", "songs"),
    [
        ("song=song-03", ["song-03"]),
        ("licence=mit", ["song-01", "song-02"]),
        ("licence=MIT&licence=CC0-1.0&tag=dry", ["song-00", "song-01"]),
        ("tag=dry&tag=sub", ["song-00"]),
        ("key=Am&licence=CC0-1.0", ["song-00"]),
        ("key=Am&key_compatible=true&licence=CC0-1.0&licence=MIT", ["song-00", "song-01"]),
        ("min_bpm=139&max_bpm=141&licence=MIT", ["song-01"]),
        ("min_bpm=139&max_bpm=141&any_octave=true&tag=dry", ["song-00", "song-01"]),
        ("tag=unheard-of", []),
    ],
)
def test_only_what_passes_is_found_and_listed(
    filtered: TestClient, mix: bytes, query: str, songs: list[str]
) -> None:
    assert sorted(stem["song"] for stem in ask(filtered, mix, query)) == songs
    listed = filtered.get(f"/stems?type=bass&{query}").json()["stems"]
    assert [stem["song"] for stem in listed] == songs


def test_the_limit_is_met_behind_a_filter(filtered: TestClient, mix: bytes) -> None:
    worst = [stem["song"] for stem in ask(filtered, mix, f"limit={SONGS}")][-2:]
    found = ask(filtered, mix, f"limit=2&song={worst[0]}&song={worst[1]}")
    assert [stem["song"] for stem in found] == worst


def test_facts_and_who_said_them_are_shown(filtered: TestClient, mix: bytes) -> None:
    (stem,) = ask(filtered, mix, "song=song-00")
    assert (stem["bpm"], stem["bpm_source"], stem["bpm_confidence"]) == (70.0, "manifest", 1.0)
    assert (stem["key"], stem["licence"], stem["tags"]) == ("A minor", "CC0-1.0", ["dry", "sub"])
    assert -60 < stem["loudness"] < 0


def test_stems_are_listed_a_page_at_a_time(client: TestClient) -> None:
    first = client.get("/stems?limit=5").json()
    second = client.get(f"/stems?limit=100&after={first['next']}").json()
    ids = [stem["id"] for stem in [*first["stems"], *second["stems"]]]
    assert len(first["stems"]) == 5
    assert len(ids) == len(set(ids)) == 3 * SONGS
    assert second["next"] is None


@pytest.mark.parametrize("query", ["limit=0", "after=-1", "type=drum", "mood=blue", "key=H"])
def test_a_list_that_cannot_be_is_refused(client: TestClient, query: str) -> None:
    assert client.get(f"/stems?{query}").status_code == 422


def test_the_outline_follows_the_sound(client: TestClient) -> None:
    stem = client.get("/stems?type=bass&limit=1").json()["stems"][0]
    answer = client.get(stem["peaks_url"]).json()
    assert answer["seconds"] == stem["seconds"]
    assert len(answer["peaks"]) == 800
    assert max(highest for _, highest in answer["peaks"]) > 10
    assert client.get("/stems/0000000000000000/peaks").status_code == 404


def test_the_same_recording_in_another_format_comes_back_once(
    own_stems: Path, tmp_path: Path, mix: bytes, open_client: ClientOpener
) -> None:
    samples, _ = soundfile.read(own_stems / "song-02/bass.wav", dtype="float32")
    write_stem(own_stems / "copies" / "bass.flac", samples * 0.7)
    index(own_stems, tmp_path / "data")
    found = ask(open_client(settings_for(tmp_path / "data")), mix, f"limit={SONGS}")
    assert len([stem for stem in found if stem["song"] in {"song-02", "copies"}]) == 1
    assert len(found) == SONGS  # another took the place


def test_the_very_same_file_in_two_songs_is_one_stem(
    own_stems: Path, tmp_path: Path, mix: bytes, open_client: ClientOpener
) -> None:
    (own_stems / "other").mkdir()
    shutil.copy(own_stems / "song-02/bass.wav", own_stems / "other/bass.wav")
    index(own_stems, tmp_path / "data")
    client = open_client(settings_for(tmp_path / "data"))
    assert len(ask(client, mix, "limit=100")) == SONGS
    (stem,) = [stem for stem in ask(client, mix, "limit=100") if stem["song"] in {"song-02", "other"}]
    (own_stems / stem["path"]).unlink()
    assert client.get(stem["audio_url"]).status_code == 200  # the other file is still there
    assert "song-02" not in [stem["song"] for stem in ask(client, mix, "limit=100&exclude_song=other")]


def test_a_part_of_a_file_is_heard_alone(tmp_path: Path, open_client: ClientOpener) -> None:
    parts = [stem_waveform(song, StemType.BASS, 9.0) for song in (0, 1)]
    write_stem(tmp_path / "stems/a/all.wav", np.stack(parts, axis=1))
    rows = "a/all.wav,bass,1\na/all.wav,keys,2\n"
    (tmp_path / "stems/manifest.csv").write_text(f"file,type,channels\n{rows}")
    index(tmp_path / "stems", tmp_path / "data")
    client = open_client(settings_for(tmp_path / "data"))
    (keys,) = client.get("/stems?type=keys").json()["stems"]
    response = client.get(keys["audio_url"])
    samples, rate = soundfile.read(io.BytesIO(response.content), dtype="float32")
    assert (response.status_code, rate) == (200, SAMPLE_RATE)
    assert np.allclose(samples, parts[1], atol=1e-3)


@pytest.mark.parametrize("name", ["song", "tag", "licence", "exclude_song"])
@pytest.mark.parametrize("text", ["%00", "drums%00"])
def test_a_text_that_no_database_holds_is_refused(
    client: TestClient, mix: bytes, name: str, text: str
) -> None:
    response = client.post(f"/match?type=bass&{name}={text}", files={"mix": ("mix.wav", mix)})
    check_problem(response, 422, "NUL")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("tag", "{}"), ("song", "{}"), ("licence", "{}"), ("exclude_song", "{}")),
        *(("key", "Am"), ("kind", "loop"), ("type", "bass")),
    ],
)
def test_a_parameter_that_is_repeated_too_often_is_the_callers_mistake(
    client: TestClient, mix: bytes, name: str, value: str
) -> None:
    """A thousand tags made an expression that SQLite refuses, which was called the database's failure."""
    many = "&".join(f"{name}={value.format(number)}" for number in range(1001))
    types = "" if name == "type" else "type=bass&"
    answers = [client.post(f"/match?{types}{many}", files={"mix": ("mix.wav", mix)})]
    if name != "exclude_song":
        answers.append(client.get(f"/stems?{many}"))
    for answer in answers:
        problem = check_problem(answer, 422, f"query.{name}", f"at most {MOST_VALUES} items")
        assert problem["type"] == "urn:counterpart:problem:invalid-parameters"


def test_as_many_tags_as_may_be_are_looked_for(client: TestClient, mix: bytes) -> None:
    assert ask(client, mix, "&".join(f"tag={number}" for number in range(MOST_VALUES))) == []
    compatible = "&".join(["key_compatible=true", *(["key=Am"] * MOST_VALUES)])
    assert client.get(f"/stems?{compatible}").status_code == 200
