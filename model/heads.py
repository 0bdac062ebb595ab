"""Heads: latents over time become the vectors that are searched."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from model.config import Config
from model.sliding import sliding_mean

WHOLE = 0.999  # of a token's frames: 1 but for rounding


def build_head(config: Config) -> nn.Module:
    """The head that `config` describes."""
    return TimeAverage(config.bands) if config.head.kind == "time_average" else TokensInOrder(config)


class TimeAverage(nn.Module):
    """The paper's: average over time, keep the bands, normalise (Stem-JEPA, section 5.1)."""

    def __init__(self, bands: int) -> None:
        super().__init__()
        self.bands = bands

    def forward(self, latents: Tensor, played: Tensor | None = None) -> Tensor:
        """[B, P, D] → [B, 1, bands · D]: a window is one query, of the moments that `played` marks [B, N]."""
        batch, patches, width = latents.shape
        moments = latents.view(batch, patches // self.bands, self.bands * width)
        if played is not None:
            moments = moments * (played / played.mean(dim=1, keepdim=True))[:, :, None]
        average = functional.layer_norm(moments.mean(dim=1, keepdim=True), (self.bands * width,))
        return functional.normalize(average, dim=-1)


class TokensInOrder(nn.Module):
    """Time kept in order: each token of a window has its own place in the vector; an average goes beside it.

    Averaging over time throws away most of what tells two stems apart, their timing against the mix. The
    price is that a vector depends on where its window begins, hence `forward` gives one vector for every
    frame at which a window can begin: [B, N, D] → [B, K, dimension] with K = N - window frames + 1.
    Both parts have length 1 / √2, so the score of two vectors lies between -1 and 1; query and candidate
    have a head each, hence it is a learned bilinear form of their latents rather than a cosine of them.

    What all windows have in common is taken out of both parts before they are normalised: without that it
    fills the vectors, all are alike, and the contrast finds nothing to hold on to (one run of 6,400 pairs
    each: the true stem was first among 32 of its batch in 3 % of cases without, in 74 % with it).
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        head, width = config.head, config.encoder.width
        self.frames, self.token_frames = config.moments, head.token_frames
        self.to_token = nn.Conv1d(width, head.token_width, head.token_frames, bias=False)
        self.to_global = nn.Linear(width, head.global_width, bias=False) if head.global_width else None
        self.centred = head.centred
        self.centre: nn.Module = Centre(head.global_width) if head.centred else nn.Identity()

    def forward(self, latents: Tensor, played: Tensor | None = None) -> Tensor:
        """Latents [B, N, D], and 1 where they are of sound or 0 [B, N] (None: all are) → [B, K, dimension].

        What is not of sound says nothing: its tokens are zero, and averages leave it out.
        """
        if played is None:
            played = latents.new_ones(latents.shape[:2])
        parts = [functional.normalize(self.token_part(latents, played), dim=-1)]
        if self.to_global is not None:
            parts.append(functional.normalize(self.global_part(latents, played), dim=-1))
        vectors: Tensor = torch.cat(parts, dim=-1) * len(parts) ** -0.5
        return vectors

    def token_part(self, latents: Tensor, played: Tensor) -> Tensor:
        """Tokens of each window less their average over it: [B, N, D] → [B, K, tokens · token width]."""
        in_order = self._in_order(self.to_token(latents.transpose(1, 2)).transpose(1, 2))
        # A token is of sound if all of its frames are.
        share = sliding_mean(played[:, None], self.token_frames)
        whole = self._in_order((share > WHOLE).to(latents.dtype).transpose(1, 2))
        centre = (in_order * whole).sum(dim=2, keepdim=True) / whole.sum(dim=2, keepdim=True).clamp(min=1)
        return ((in_order - centre if self.centred else in_order) * whole).flatten(2)

    def global_part(self, latents: Tensor, played: Tensor) -> Tensor:
        """Average of each window less that of all windows: [B, N, D] → [B, K, global width]."""
        assert self.to_global is not None  # noqa: S101 - callers ask `global_width` first
        moments = self.to_global(latents).transpose(1, 2)
        heard = sliding_mean(moments * played[:, None], self.frames)
        share = sliding_mean(played[:, None], self.frames)
        centred: Tensor = self.centre((heard / share.clamp(min=1 / self.frames)).transpose(1, 2))
        return centred

    def _in_order(self, tokens: Tensor) -> Tensor:
        """The tokens of each window: [B, N - token frames + 1, W] → [B, K, tokens, W]."""
        last_start = self.frames - self.token_frames
        windows = tokens.shape[1] - last_start
        starts = range(0, self.frames, self.token_frames)
        return torch.stack([tokens[:, start : start + windows] for start in starts], dim=2)


class Centre(nn.Module):
    """Takes out the mean: of the batch while training, of training afterwards. [B, K, D] → the same."""

    mean: Tensor
    RATE = 0.05  # at which the mean over training follows that of a batch

    def __init__(self, width: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(width))

    def forward(self, vectors: Tensor) -> Tensor:
        if not self.training:
            return vectors - self.mean
        batch_mean = vectors.float().mean(dim=(0, 1))
        with torch.no_grad():
            self.mean.lerp_(batch_mean.detach(), self.RATE)
        return vectors - batch_mean.to(vectors.dtype)


def in_single_precision(head: nn.Module, latents: Tensor, played: Tensor | None) -> Tensor:
    """What `head` makes of latents [B, N, D], also where the rest computes in bfloat16.

    A head subtracts what all windows have in common, and of what remains eight bits keep little: with
    heads in bfloat16 too, the contrast after 24 steps was 3.8 where it is 3.1.
    """
    device = latents.device.type
    vectors: Tensor
    if torch.is_autocast_enabled(device):
        with torch.autocast(device, enabled=False):
            vectors = head(latents.float(), played)
    else:  # an exported graph has no say in precision
        vectors = head(latents, played)
    return vectors
