"""Embeds with a network in memory, to validate and calibrate it; everything else uses the exported graphs."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from audio.decode import Waveform
from audio.stems import StemType
from audio.windows import WINDOW_SAMPLES
from model.jepa import Jepa

BATCH = 32


class TorchEmbedder:
    """What `model.embedder.Embedder` answers, asked of PyTorch; leaves the network in `eval`."""

    def __init__(self, jepa: Jepa, device: torch.device) -> None:
        self.jepa, self.device = jepa.eval(), device
        self.query_hop_samples = jepa.config.query_hop_samples

    @torch.no_grad()
    def query_vectors(self, mix: Waveform, stem_type: StemType) -> NDArray[np.float32]:
        """Dense queries of a mix: [T] → [K, D]."""
        waveform = torch.from_numpy(mix).to(self.device)
        hop = self.query_hop_samples
        missing = max(WINDOW_SAMPLES - len(waveform), -len(waveform) % hop)
        padded = functional.pad(waveform, (0, missing))
        waveform = padded[None] if hop < WINDOW_SAMPLES else padded.view(-1, WINDOW_SAMPLES)
        latents = self.jepa.embed_context(self.jepa.front_end(waveform))
        types = torch.full((len(latents),), stem_type.number, device=self.device)
        queries: NDArray[np.float32] = (
            self.jepa.predict(latents, types).queries.flatten(0, 1).float().cpu().numpy()
        )
        return queries

    @torch.no_grad()
    def candidate_vectors(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Target-encoder vectors of stem windows: [B, T] → [B, D]."""
        vectors = [
            self.jepa.embed_target(
                self.jepa.front_end(torch.from_numpy(windows[first : first + BATCH]).to(self.device))
            )
            .candidates.float()
            .cpu()
            .numpy()
            for first in range(0, len(windows), BATCH)
        ]
        return np.concatenate(vectors)
