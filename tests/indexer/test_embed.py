from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.stems import StemType
from audio.windows import cut_windows, find_windows
from indexer.embed import WINDOWS_A_BATCH, NoEmbedderError, embed_windows, open_embedder
from library.settings import Settings
from tests.fakes import FakeEmbedder
from tests.songs import mix_waveform, stem_waveform


@dataclass
class BatchCounter(FakeEmbedder):
    batches: list[int] = field(default_factory=list)

    def embed_stems(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        self.batches.append(len(windows))
        return super().embed_stems(windows)


def test_a_long_stem_is_embedded_in_batches_of_bounded_size() -> None:
    embedder = BatchCounter()
    stem = stem_waveform(1, StemType.BASS, 8.0 + 4.0 * (WINDOWS_A_BATCH + 4))
    numbers = find_windows(stem)
    vectors = embed_windows(embedder, stem, numbers)
    assert embedder.batches == [WINDOWS_A_BATCH, 5]
    assert vectors.shape == (len(numbers), embedder.card.dimension)


def test_batches_do_not_change_the_vectors() -> None:
    embedder = FakeEmbedder()
    stem = stem_waveform(3, StemType.BASS, 200.0)
    windows = cut_windows(stem)
    assert np.array_equal(
        embed_windows(embedder, stem, windows.numbers), embedder.embed_stems(windows.samples)
    )


def test_the_fake_finds_the_stem_of_a_mix() -> None:
    embedder = FakeEmbedder()
    candidates = np.concatenate(
        [
            embedder.embed_stems(cut_windows(stem_waveform(song, StemType.BASS, 16.0)).samples)
            for song in range(6)
        ]
    )
    mix = mix_waveform(4, without=StemType.BASS, seconds=16.0)
    queries = embedder.predict(embedder.embed_context(mix), StemType.BASS)
    assert queries.vectors.shape == (17, embedder.card.dimension)
    assert queries.starts[:3].tolist() == [0.0, 0.5, 1.0]
    assert int((queries.vectors @ candidates.T).max(axis=0).argmax()) // 3 == 4


def test_the_fake_gives_vectors_of_length_one_even_for_silence() -> None:
    vectors = FakeEmbedder().embed_stems(np.zeros((2, 128_000), np.float32))
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)


def test_a_model_folder_that_is_none_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(NoEmbedderError, match=str(tmp_path)):
        open_embedder(Settings(model=tmp_path))
