"""Spoilt files answer 2xx or 4xx, never 5xx, and leave no memory behind. `make mutations` sends thousands."""

import io
import os
from pathlib import Path

import numpy as np
import psutil
import pytest
import soundfile
from starlette.testclient import TestClient

from tests.data import find_development_data
from tests.service.conftest import ClientOpener, settings_for, wav_bytes
from tests.service.mutations import mutate
from tests.songs import tone

FILES = int(os.environ.get("MUTATIONS", "40"))
WARM_AFTER = 200
MOST_GROWTH = 1.1
LONGEST_SECONDS = 60


def audio_of(audio_format: str, subtype: str) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, tone(440, 4), 16_000, format=audio_format, subtype=subtype)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def contents() -> list[bytes]:
    kinds = (
        ("FLAC", "PCM_16"),
        ("OGG", "VORBIS"),
        ("MP3", "MPEG_LAYER_III"),
        ("AIFF", "PCM_24"),
        ("CAF", "FLOAT"),
    )
    return [wav_bytes(tone(440, 4)), *(audio_of(*each) for each in kinds)]


def send_all(client: TestClient, files: list[bytes]) -> None:
    process = psutil.Process()
    warm = 0
    for number, content in enumerate(files):
        response = client.post("/match?type=bass", files={"mix": ("mix", content)})
        assert response.status_code == 200 or 400 <= response.status_code < 500, (number, response.text)
        if number == WARM_AFTER:
            warm = process.memory_info().rss
    if warm:
        assert process.memory_info().rss < MOST_GROWTH * warm
    assert client.get("/readyz").status_code == 200


def test_spoilt_files_are_answered(
    indexed_data: Path, open_client: ClientOpener, contents: list[bytes]
) -> None:
    client = open_client(settings_for(indexed_data, max_mix_seconds=LONGEST_SECONDS, cache_bytes=10_000_000))
    send_all(client, list(mutate(contents, FILES)))


@pytest.mark.development_data
def test_known_broken_files_and_spoilt_real_ones_are_answered(
    indexed_data: Path, open_client: ClientOpener
) -> None:
    data = find_development_data(os.environ)
    assert data is not None
    formats = data / "formats"
    client = open_client(settings_for(indexed_data, max_mix_seconds=LONGEST_SECONDS, cache_bytes=10_000_000))
    broken = [path.read_bytes() for path in sorted((formats / "broken").iterdir())]
    real = [path.read_bytes() for path in sorted(formats.iterdir()) if path.suffix not in {"", ".md"}]
    send_all(client, broken + list(mutate(real, FILES, seed=1)))


def test_the_same_seed_spoils_the_same() -> None:
    content = np.random.default_rng(0).bytes(2000)
    first, second = (list(mutate([content], 8, seed=3)) for _ in range(2))
    assert first == second
    assert all(each != content for each in first)
