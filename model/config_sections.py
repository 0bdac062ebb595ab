"""What a network is made of and what it learns by: the sections of a config but `[train]`."""

from dataclasses import dataclass
from typing import Literal

from audio.windows import WINDOW_SAMPLES


@dataclass(frozen=True)
class FrontEndConfig:
    """How a waveform becomes an image of M bins by N frames."""

    kind: Literal["log_mel", "log_frequency"] = "log_frequency"
    bins: int = 180  # M, height of the image
    hop_samples: int = 500  # distance of two frames; 500 is 31.25 ms, so 8 s are 256 frames
    lowest_hz: float = 41.2  # E1, the lowest string of a bass
    highest_hz: float = 8000.0  # log-mel only: log-frequency follows from bins and bins_per_octave
    bins_per_octave: int = 24  # log-frequency only: a semitone is two bins
    mean: float = -8.4  # of the log image, subtracted
    deviation: float = 2.75  # of the log image, divided by

    @property
    def frames(self) -> int:
        """N, frames of one window."""
        return WINDOW_SAMPLES // self.hop_samples


@dataclass(frozen=True)
class EncoderConfig:
    """How an image becomes latents: `vit` as published, `conv` translates with its input over time."""

    kind: Literal["vit", "conv"] = "conv"
    width: int = 128  # D, size of one latent
    depth: int = 4  # blocks
    heads: int = 12  # vit only
    patch: int = 16  # vit only: side of a square patch, in bins and frames
    channels: tuple[int, ...] = (48, 64)  # conv only: of the layers that fold frequency away
    strides: tuple[int, ...] = (6, 3)  # conv only: of these layers, over frequency


@dataclass(frozen=True)
class PredictorConfig:
    """The MLP that turns a latent of the mix into the latent of the missing stem."""

    hidden: int = 256
    layers: int = 2  # hidden layers
    type_width: int = 64  # size of the type embedding
    conditioned: bool = True  # False: every type gets the same embedding (ablation)


@dataclass(frozen=True)
class HeadConfig:
    """How latents become one vector.

    `time_average` is the paper's. `tokens` keeps time in order and adds an averaged part that does not
    depend on the offset: dimension = window frames / token_frames * token_width + global_width.
    """

    kind: Literal["time_average", "tokens"] = "tokens"
    token_frames: int = 8  # frames in a token; 8 is a quarter of a second
    token_width: int = 12
    global_width: int = 128  # 0: tokens alone
    centred: bool = True  # tokens: what all windows share is taken out (False: ablation)


@dataclass(frozen=True)
class LossConfig:
    """Weights of the terms of the objective."""

    jepa: float = 1.0  # distance to the target's latents (the paper's whole objective)
    contrastive: float = 1.0  # InfoNCE against the batch, in which half have the same type
    contrastive_global: float = 0.3  # the same on the averaged part alone
    temperature: float = 0.07  # at the start; learned
    own_offsets: bool = True  # the right mix at a wrong offset is a wrong answer, too
