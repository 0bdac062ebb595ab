"""Scores as Stem-JEPA's authors did: a whole recording is the average of its windows, and order is lost."""

from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from audio.decode import Waveform
from audio.stems import StemType
from audio.windows import WINDOW_SECONDS, cut_windows
from model.evaluation.scorer import Features, MixAndStemEmbedder, ask


class AveragedScorer:
    """Cosine of average query and average candidate, for heads that average over time (section 4.3).

    The authors average latents and normalise once. The exported graphs give normalised windows; these are
    averaged and normalised again.
    """

    def __init__(self, embedder: MixAndStemEmbedder, label: str) -> None:
        self.embedder, self.label = embedder, label

    def embed_stem(self, stem: Waveform, stem_type: StemType) -> NDArray[np.float32]:  # noqa: ARG002 - rules may use it
        """Average of the stem's audible windows, side by side: [D]; [0] if there are none."""
        windows = cut_windows(stem, WINDOW_SECONDS).samples
        return _average(self.embedder.candidate_vectors(windows)) if len(windows) else np.zeros(0, np.float32)

    def scores(self, mix: Waveform, stem_type: StemType, stems: Sequence[Features]) -> NDArray[np.float32]:
        """Cosines [C]; minus infinity for a stem, or a mix, without audible windows."""
        queries, _ = ask(self.embedder, mix, stem_type)
        known = [cast("NDArray[np.float32]", stem) for stem in stems]
        result = np.full(len(known), -np.inf, np.float32)
        rows = [row for row, stem in enumerate(known) if len(stem)]
        if len(queries) and rows:
            result[rows] = np.stack([known[row] for row in rows]) @ _average(queries)
        return result


def _average(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean of [V, D], of length 1."""
    mean = vectors.mean(axis=0)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-12), np.float32)
