"""Songs that can be heard in the mix are left out on request; types that were guessed can be left out too."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from rich.console import Console
from starlette.testclient import TestClient

from audio.decode import Waveform, decode
from audio.stems import StemType
from indexer.run import index_library
from service.own_songs import MOST_STEMS_OF_A_SONG
from tests.data import development_data
from tests.fakes import FakeEmbedder
from tests.service.conftest import ClientOpener, index, settings_for, wav_bytes
from tests.songs import SAMPLE_RATE, write_stem

SECONDS = 24
TYPES = ("bass", "drums", "keys")
REAL = ("fof_sectoid_feelings", "hells_quartet_main", "clingo_mixer_song")


def burst(song: int, part: int) -> Waveform:
    """Bursts of coloured noise, another for every song and part, [T] at 16 kHz."""
    generator = np.random.default_rng([song, part])
    loudness = np.repeat(generator.uniform(0.05, 1.0, SECONDS * 8), SAMPLE_RATE // 8)
    noise = np.cumsum(generator.normal(0, 0.05, SECONDS * SAMPLE_RATE)) % 1.0 - 0.5
    return (0.3 * noise * loudness).astype(np.float32)


def ask(client: TestClient, mix: Waveform, query: str) -> list[dict[str, Any]]:
    response = client.post(f"/match?{query}", files={"mix": ("mix.wav", wav_bytes(mix))})
    assert response.status_code == 200, response.text
    return [match["stem"] for match in response.json()["matches"]]


@pytest.fixture(scope="module")
def noisy_songs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five songs of bass, drums and keys, indexed."""
    folder = tmp_path_factory.mktemp("noisy")
    for song in range(5):
        for part, name in enumerate(TYPES):
            write_stem(folder / "stems" / f"song-{song}" / f"{name}.wav", burst(song, part))
    index(folder / "stems", folder / "data")
    return folder / "data"


def without_bass(song: int, start_seconds: float = 3.3) -> Waveform:
    """What a producer has of the song: drums and keys, from somewhere in the middle."""
    return (burst(song, 1) + burst(song, 2))[round(start_seconds * SAMPLE_RATE) :][: 15 * SAMPLE_RATE]


def test_the_song_that_is_heard_in_the_mix_is_left_out(noisy_songs: Path, open_client: ClientOpener) -> None:
    client = open_client(settings_for(noisy_songs))
    mix = without_bass(3)
    with_own = {stem["song"] for stem in ask(client, mix, "type=bass&limit=5")}
    without_own = [stem["song"] for stem in ask(client, mix, "type=bass&limit=5&exclude_own_song=true")]
    assert with_own == {f"song-{song}" for song in range(5)}
    assert sorted(without_own) == ["song-0", "song-1", "song-2", "song-4"]


def test_the_next_best_stem_takes_the_place(noisy_songs: Path, open_client: ClientOpener) -> None:
    client = open_client(settings_for(noisy_songs))
    for song in range(5):
        found = ask(client, without_bass(song), "type=bass&limit=4&exclude_own_song=true")
        assert len(found) == 4
        assert f"song-{song}" not in {stem["song"] for stem in found}


def test_a_mix_of_no_song_of_the_library_loses_none(noisy_songs: Path, open_client: ClientOpener) -> None:
    client = open_client(settings_for(noisy_songs))
    found = ask(client, without_bass(77), "type=bass&limit=5&exclude_own_song=true")
    assert len(found) == 5


def test_all_types_of_the_song_are_left_out(noisy_songs: Path, open_client: ClientOpener) -> None:
    client = open_client(settings_for(noisy_songs))
    found = ask(client, without_bass(1), "type=any&limit=5&exclude_own_song=true")
    assert len(found) == 4 * len(TYPES)
    assert "song-1" not in {stem["song"] for stem in found}


def test_of_a_folder_of_loops_only_the_one_that_is_heard_is_left_out(
    tmp_path: Path, open_client: ClientOpener
) -> None:
    loops = {number: burst(number, 9)[: 4 * SAMPLE_RATE] for number in range(MOST_STEMS_OF_A_SONG + 2)}
    for number, waveform in loops.items():
        write_stem(tmp_path / "loops" / "drums" / f"{number:02}.wav", waveform)
    index(tmp_path / "loops", tmp_path / "data")
    client = open_client(settings_for(tmp_path / "data"))
    mix = np.tile(loops[3], 4)[: 15 * SAMPLE_RATE] + 0.5 * without_bass(77)
    everything = ask(client, mix, "type=drums&limit=100")
    assert {stem["song"] for stem in everything} == {"loops"}
    left = {stem["path"] for stem in ask(client, mix, "type=drums&limit=100&exclude_own_song=true")}
    assert {stem["path"] for stem in everything} - left == {"drums/03.wav"}


@pytest.mark.development_data
def test_a_real_song_is_told_by_the_stems_in_its_mix(tmp_path: Path, open_client: ClientOpener) -> None:
    songs = {name: read_parts(development_data() / "real" / name) for name in REAL}
    for name, parts in songs.items():
        for part, waveform in parts.items():
            write_stem(tmp_path / "stems" / name / f"{part}.flac", waveform[: 60 * SAMPLE_RATE])
    index(tmp_path / "stems", tmp_path / "data")
    client = open_client(settings_for(tmp_path / "data"))
    for name, parts in songs.items():
        mix = mixed(parts)[5 * SAMPLE_RATE : 25 * SAMPLE_RATE]
        assert name in {stem["song"] for stem in ask(client, mix, "type=any&limit=100")}
        found = {stem["song"] for stem in ask(client, mix, "type=any&limit=100&exclude_own_song=true")}
        assert found == songs.keys() - {name}


def read_parts(folder: Path) -> dict[str, Waveform]:
    return {path.stem: decode(path).waveform for path in sorted(folder.glob("*.opus"))}


def mixed(parts: dict[str, Waveform]) -> Waveform:
    """All parts, below full scale."""
    total = np.sum(list(parts.values()), axis=0)
    return np.asarray(total / max(float(np.abs(total).max()), 1.0), np.float32)


class TestGuessedTypes:
    @pytest.fixture
    def guessed(self, tmp_path: Path, open_client: ClientOpener) -> TestClient:
        """A library with a bass by its name, and one that was guessed with a confidence of 0.6."""

        def guess(vectors: NDArray[np.float32]) -> tuple[StemType, float]:
            return StemType.BASS, 0.6 if len(vectors) else 0.0

        write_stem(tmp_path / "stems" / "a" / "bass.wav", burst(0, 0))
        write_stem(tmp_path / "stems" / "b" / "take 7.wav", burst(1, 0))
        settings = settings_for(tmp_path / "data")
        index_library([tmp_path / "stems"], settings, FakeEmbedder(), Console(quiet=True), guess_type=guess)
        return open_client(settings)

    def test_a_guess_is_shown_with_its_confidence(self, guessed: TestClient) -> None:
        listed = guessed.get("/stems?type=bass").json()["stems"]
        said = {stem["song"]: (stem["type_source"], stem["type_confidence"]) for stem in listed}
        assert said == {"a": ("name", 1.0), "b": ("model", 0.6)}

    @pytest.mark.parametrize(("least", "songs"), [(0.0, ["a", "b"]), (0.6, ["a", "b"]), (0.61, ["a"])])
    def test_guesses_below_a_confidence_are_neither_listed_nor_found(
        self, guessed: TestClient, least: float, songs: list[str]
    ) -> None:
        query = f"type=bass&min_type_confidence={least}"
        listed = guessed.get(f"/stems?{query}").json()["stems"]
        assert [stem["song"] for stem in listed] == songs
        assert sorted(stem["song"] for stem in ask(guessed, without_bass(0), query)) == songs
