"""An embedder that lets mixes of several requests go through the networks together: what a GPU is good at."""

from collections.abc import Sequence
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from audio.decode import Waveform
from audio.stems import StemType
from library.search import Queries
from service.asking import EmbedderCard, MixEmbedder
from service.batching import Batcher, BatchSizes

GPU_BATCH: Final = 8
"""Mixes at once on a GPU, if no setting says otherwise; on a CPU one mix fills every core."""

Asked = tuple[Any, StemType]


class BatchEmbedder(MixEmbedder, Protocol):
    """An embedder that can take several mixes in one go."""

    def embed_contexts(self, waveforms: Sequence[Waveform], /) -> Sequence[Any]: ...
    def predict_all(self, asked: Sequence[Asked], /) -> Sequence[Queries]: ...
    def shape_of(self, latents: Any, /) -> tuple[int, ...]: ...


class BatchedEmbedder:
    """Stands before an embedder and gathers up to `most` calls that come at the same time."""

    def __init__(self, embedder: BatchEmbedder, most: int) -> None:
        self._embedder = embedder
        self.sizes = BatchSizes()
        self._contexts = Batcher(embedder.embed_contexts, most, self.sizes)
        self._predictions = Batcher(embedder.predict_all, most, self.sizes)

    @property
    def card(self) -> EmbedderCard:
        """Of the embedder behind it."""
        return self._embedder.card

    @property
    def provider(self) -> str:
        """Of the embedder behind it."""
        return self._embedder.provider

    def embed_context(self, waveform: Waveform) -> Any:
        """As the embedder does; mixes of one length go together."""
        return self._contexts(waveform, len(waveform))

    def predict(self, latents: Any, stem_type: StemType) -> Queries:
        """As the embedder does; the types may differ within a batch."""
        return self._predictions((latents, stem_type), self._embedder.shape_of(latents))

    def embed_stems(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Several windows in one go already."""
        return self._embedder.embed_stems(windows)

    def compatibility(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """Costs nothing."""
        return self._embedder.compatibility(scores)


def batch_size(wanted: int, device: str) -> int:
    """How many mixes go through the networks at once; `wanted` 0 leaves it to the device."""
    return wanted or (GPU_BATCH if device == "cuda" else 1)
