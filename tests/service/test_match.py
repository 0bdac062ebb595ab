"""What a good question is answered with."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from starlette.testclient import TestClient

from audio.stems import StemType
from indexer.run import remove_stems
from service.app import create_app
from service.resources import Resources, share_resources
from service.settings import ServiceSettings
from tests.fakes import FakeEmbedder, FakeQueries
from tests.service.conftest import SONGS, ClientOpener, index, settings_for, wav_bytes
from tests.songs import mix_waveform, stem_waveform, tone, write_stem


def ask(client: TestClient, mix: bytes, query: str, filename: str = "mix.wav") -> dict[str, Any]:
    response = client.post(f"/match?{query}", files={"mix": (filename, mix, "audio/wav")})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def songs_of(answer: dict[str, Any]) -> list[str]:
    return [match["stem"]["song"] for match in answer["matches"]]


def test_the_answer_has_the_agreed_shape(client: TestClient, mix: bytes) -> None:
    answer = ask(client, mix, "type=bass&limit=1")
    assert set(answer) == {"query", "model", "build", "matches", "timings_ms"}
    assert set(answer["query"]) == {
        *("filename", "sha256", "seconds", "windows", "bpm", "bpm_confidence", "key", "key_confidence")
    }
    assert answer["model"] == {"name": "fake", "version": "1"}
    assert set(answer["timings_ms"]) == {"decode", "context", "predict", "search", "total"}
    (match,) = answer["matches"]
    assert set(match) == {"rank", "score", "stem", "placement"}
    assert set(match["placement"]) == {"mix_start", "stem_start", "seconds"}
    assert set(match["stem"]) == {
        "id", "type", "type_source", "type_confidence", "song", "path", "seconds",
        "bpm", "bpm_source", "bpm_confidence", "key", "key_source", "key_confidence",
        "kind", "loudness", "licence", "tags", "audio_url", "audio_name", "peaks_url",
    }  # fmt: skip


def test_the_true_counterpart_of_a_mix_comes_first(client: TestClient, mix: bytes) -> None:
    answer = ask(client, mix, "type=bass")
    assert songs_of(answer)[0] == "song-02"
    assert answer["matches"][0]["stem"]["path"] == "song-02/bass.wav"
    assert {match["stem"]["type"] for match in answer["matches"]} == {"bass"}


def test_matches_are_ranked_by_score_across_types(client: TestClient, mix: bytes) -> None:
    matches = ask(client, mix, "type=drums&type=bass")["matches"]
    scores = [match["score"] for match in matches]
    assert len(matches) == 2 * SONGS
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert [match["rank"] for match in matches] == list(range(1, 2 * SONGS + 1))


def test_limit_counts_for_each_type(client: TestClient, mix: bytes) -> None:
    types = [match["stem"]["type"] for match in ask(client, mix, "type=drums&type=bass&limit=2")["matches"]]
    assert sorted(types) == ["bass", "bass", "drums", "drums"]


def test_a_group_stands_for_its_types(client: TestClient, mix: bytes) -> None:
    types = {match["stem"]["type"] for match in ask(client, mix, "type=any")["matches"]}
    assert types == {"drums", "bass", "keys"}
    assert {match["stem"]["type"] for match in ask(client, mix, "type=harmony")["matches"]} == {"keys"}


def test_a_type_without_stems_has_no_matches(client: TestClient, mix: bytes) -> None:
    answer = ask(client, mix, "type=vocals")
    assert answer["matches"] == []
    assert answer["query"]["windows"] == 0


def test_excluded_songs_make_room_for_others(client: TestClient, mix: bytes) -> None:
    answer = ask(client, mix, f"type=bass&exclude_song=song-02&limit={SONGS - 1}")
    assert sorted(songs_of(answer)) == ["song-00", "song-01", "song-03"]


def test_the_query_tells_what_was_understood(client: TestClient, mix: bytes) -> None:
    query = ask(client, mix, "type=bass", filename="../../My (mïx).wav")["query"]
    bpm, key = query.pop("bpm"), query.pop("key")
    sure = [query.pop("bpm_confidence"), query.pop("key_confidence")]
    assert query.pop("sha256") == hashlib.sha256(mix).hexdigest()
    assert query == {"filename": "My (mïx).wav", "seconds": 20.0, "windows": 25}
    assert bpm is None or 40 < bpm < 250
    assert key is None or key.endswith((" major", " minor"))
    assert [each is None for each in sure] == [bpm is None, key is None]
    assert all(0 < each <= 1 for each in sure if each is not None)


def test_the_timings_are_measured_and_add_up(client: TestClient, mix: bytes) -> None:
    timings = ask(client, mix, "type=bass")["timings_ms"]
    total = timings.pop("total")
    assert all(milliseconds > 0 for milliseconds in timings.values())
    assert sum(timings.values()) <= total + 0.1


def test_a_region_is_placed_in_the_mix_as_uploaded(client: TestClient) -> None:
    other, wanted = (
        np.asarray(mix_waveform(song, StemType.BASS, seconds), np.float32)
        for song, seconds in ((0, 30), (2, 20))
    )
    both = wav_bytes(np.concatenate([other, wanted]))
    answer = ask(client, both, "type=bass&start=32&seconds=10&limit=1")
    assert songs_of(answer) == ["song-02"]
    assert 32 <= answer["matches"][0]["placement"]["mix_start"] <= 34
    assert answer["query"]["seconds"] == 50


def test_a_stem_is_placed_where_it_fits(tmp_path: Path, open_client: ClientOpener) -> None:
    """The stem is one window long; the mix plays its note from the tenth second on."""
    write_stem(tmp_path / "stems" / "a" / "bass.wav", stem_waveform(0, StemType.BASS, 8.0))
    index(tmp_path / "stems", tmp_path / "data")
    song = np.concatenate([tone(440.0 * 2 ** (3 / 12), 10.0), stem_waveform(0, StemType.DRUMS, 10.0)])
    answer = ask(open_client(settings_for(tmp_path / "data")), wav_bytes(song), "type=bass")
    placement = answer["matches"][0]["placement"]
    assert placement == {"mix_start": pytest.approx(10.0, abs=0.5), "stem_start": 0.0, "seconds": 8.0}


def test_the_overlap_ends_where_the_stem_or_the_mix_does(client: TestClient) -> None:
    """The mix has 3 s, less than a window."""
    short = wav_bytes(mix_waveform(2, StemType.BASS, 3.0))
    for match in ask(client, short, "type=bass")["matches"]:
        assert match["placement"]["seconds"] <= 3.0


def test_a_stem_that_was_removed_is_not_answered_with(own_stems: Path, own_data: Path, mix: bytes,
                                                      open_client: ClientOpener) -> None:  # fmt: skip
    client = open_client(settings_for(own_data))
    remove_stems([own_stems / "song-02" / "bass.wav"], settings_for(own_data))
    assert sorted(songs_of(ask(client, mix, f"type=bass&limit={SONGS}"))) == ["song-00", "song-01", "song-03"]


@dataclass
class CountingEmbedder(FakeEmbedder):
    contexts: int = 0
    predictions: int = 0

    def embed_context(self, waveform: NDArray[np.float32]) -> NDArray[np.float32]:
        self.contexts += 1
        return super().embed_context(waveform)

    def predict(self, latents: NDArray[np.float32], stem_type: StemType) -> FakeQueries:
        self.predictions += 1
        return super().predict(latents, stem_type)


def test_the_context_is_computed_once_and_nothing_is_predicted_in_vain(
    settings: ServiceSettings, mix: bytes
) -> None:
    embedder = CountingEmbedder()

    @contextmanager
    def open_counting(chosen: ServiceSettings) -> Iterator[Resources]:
        with share_resources(chosen, embedder) as resources:
            embedder.contexts = embedder.predictions = 0
            yield resources

    with TestClient(create_app(settings, open_resources=open_counting)) as client:
        ask(client, mix, "type=any")
    assert embedder.contexts == 1
    assert embedder.predictions == 3  # the library has stems of three of the nine types


def test_a_service_behind_a_prefix_links_with_it(settings: ServiceSettings, mix: bytes) -> None:
    app = create_app(settings, open_resources=lambda chosen: share_resources(chosen, FakeEmbedder()))
    with TestClient(app, root_path="/stems-api") as client:
        url = ask(client, mix, "type=bass&limit=1")["matches"][0]["stem"]["audio_url"]
    assert url.startswith("/stems-api/stems/")


class EarlyEmbedder(FakeEmbedder):
    """Asks with windows that begin three seconds before those that it listened to."""

    def predict(self, latents: NDArray[np.float32], stem_type: StemType) -> FakeQueries:
        queries = super().predict(latents, stem_type)
        return FakeQueries(queries.vectors, queries.starts - 3.0)


@pytest.mark.parametrize(("query", "begin"), [("type=bass", 0.0), ("type=bass&start=4&seconds=9", 4.0)])
def test_a_window_that_begins_before_what_was_asked_about_is_told_from_there(
    settings: ServiceSettings, mix: bytes, query: str, begin: float
) -> None:
    """The same lag, told by a place that can be heard."""
    placements = []
    for embedder in (FakeEmbedder(), EarlyEmbedder()):
        app = create_app(settings, open_resources=partial(share_resources, embedder=embedder))
        with TestClient(app) as client:
            placements.append(ask(client, mix, query)["matches"][0]["placement"])
    usual, early = placements
    assert usual["mix_start"] < begin + 3
    assert early["mix_start"] == begin
    lag = usual["stem_start"] - usual["mix_start"]
    assert early["stem_start"] - early["mix_start"] == pytest.approx(lag + 3)
    assert usual["seconds"] == 8
    assert early["seconds"] == pytest.approx(5 + usual["mix_start"] - begin)
