"""Whether exported graphs compute what the network computes, as the embedder runs them."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from audio.decode import SAMPLE_RATE
from audio.stems import STEM_TYPES
from audio.windows import WINDOW_SAMPLES
from model.embedder import Embedder
from model.graphs import ContextGraph, PredictorGraph, TargetGraph
from model.overhang import Overhang, of_length_one, played_until_the_end
from model.shortening import Network

TOLERANCE = 1e-4  # largest difference of any number between a graph and PyTorch


class ParityError(RuntimeError):
    """An exported graph that does not compute what the network computes."""


class _Candidates(TargetGraph):
    """What the embedder makes of the target graph's answers."""

    def forward(self, waveform: Tensor, played: Tensor | None = None) -> Tensor:
        candidates = super().forward(waveform, played)
        return candidates if played is None else torch.from_numpy(of_length_one(candidates.numpy()))


def check_parity(jepa: Network, folder: Path, seed: int = 0) -> float:
    """Largest difference between the graphs, as the embedder runs them, and the network.

    Raises:
        ParityError: it is more than `TOLERANCE`.
    """
    generator = np.random.default_rng(seed)
    embedder, config = Embedder.open(folder), jepa.config
    dense = config.dense
    mix = (0.1 * generator.standard_normal(WINDOW_SAMPLES * 5 // 4 if dense else WINDOW_SAMPLES)).astype(
        np.float32
    )
    stems = (0.1 * generator.standard_normal((3, WINDOW_SAMPLES))).astype(np.float32)
    stems[1, WINDOW_SAMPLES // 3 :] = 0
    until = torch.from_numpy(played_until_the_end(stems, config.front_end.hop_samples)) if dense else None
    latents = embedder.embed_context(mix)
    differences = [
        _difference(embedder.embed_stems(stems), _Candidates(jepa), torch.from_numpy(stems), until),
        _difference(latents.values, ContextGraph(jepa), torch.from_numpy(mix)[None]),
    ]
    hang = Overhang.of(latents.values.shape[1], config.front_end.hop_samples / SAMPLE_RATE)
    moments = torch.from_numpy(hang.pad(latents.values) if dense else latents.values)
    played = torch.from_numpy(hang.played(1)) if dense else None
    for stem_type in STEM_TYPES:
        queries = embedder.predict(latents, stem_type).vectors
        asked = (moments, torch.tensor([stem_type.number]), played)
        differences.append(_difference(queries[None], PredictorGraph(jepa), *asked))
    worst = float(np.max(differences))
    if not worst <= TOLERANCE:  # a difference that is not a number is none that is allowed
        raise ParityError(
            f"The exported graphs differ from PyTorch by {worst:.1e}; at most {TOLERANCE:.0e} is allowed."
        )
    return worst


@torch.no_grad()
def _difference(exported: NDArray[np.float32], network: nn.Module, *arguments: Tensor | None) -> float:
    return float(np.abs(exported - network(*arguments).numpy()).max())
