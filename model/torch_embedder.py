"""Embeds with a network in memory, to validate and calibrate it; everything else uses the exported graphs."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from audio.decode import SAMPLE_RATE, Waveform
from audio.stems import StemType
from audio.windows import WINDOW_SAMPLES, WINDOW_SECONDS
from model.overhang import Overhang, Queries, missing_samples, of_length_one, played_until_the_end
from model.shortening import Network

BATCH = 32


class TorchEmbedder:
    """What `model.embedder.Embedder` answers, asked of PyTorch; leaves the network in `eval`."""

    def __init__(self, jepa: Network, device: torch.device) -> None:
        self.jepa, self.device = jepa.eval(), device
        self.query_hop_samples = jepa.config.query_hop_samples

    @torch.no_grad()
    def queries(self, mix: Waveform, stem_type: StemType) -> Queries:
        """What a mix [T] asks with, at every moment at which a window can begin."""
        hop = self.query_hop_samples
        waveform = functional.pad(torch.from_numpy(mix), (0, missing_samples(len(mix), hop))).to(self.device)
        dense = self.jepa.config.dense
        pieces = waveform[None] if dense else waveform.view(-1, WINDOW_SAMPLES)
        latents = self.jepa.embed_context(self.jepa.front_end(pieces))
        types = torch.full((len(latents),), stem_type.number, device=self.device)
        if not dense:
            return Queries.in_a_row(_numbers(self.jepa.predict(latents, types).queries[:, 0]), WINDOW_SECONDS)
        hang = Overhang.of(latents.shape[1], hop / SAMPLE_RATE)
        padded = functional.pad(latents, (0, 0, hang.before, hang.after))
        played = torch.from_numpy(hang.played(1)).to(self.device)
        return hang.queries(_numbers(self.jepa.predict(padded, types, played).queries[0]))

    @torch.no_grad()
    def candidate_vectors(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Target-encoder vectors of stem windows: [B, T] → [B, D]."""
        vectors = [self._embed(windows[first : first + BATCH]) for first in range(0, len(windows), BATCH)]
        return np.concatenate(vectors)

    def _embed(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        images = self.jepa.front_end(torch.from_numpy(windows).to(self.device))
        if not self.jepa.config.dense:
            return _numbers(self.jepa.embed_target(images).candidates)
        played = torch.from_numpy(played_until_the_end(windows, self.query_hop_samples)).to(self.device)
        return of_length_one(_numbers(self.jepa.embed_target(images, played).candidates))


def _numbers(tensor: torch.Tensor) -> NDArray[np.float32]:
    numbers: NDArray[np.float32] = tensor.float().cpu().numpy()
    return numbers
