"""How a network is trained: the section `[train]` of a config."""

from dataclasses import dataclass
from typing import Literal

OCTAVE = 12  # semitones
OFFSET_GUARD = 4  # frames, an eighth of a second: offsets as near to the true one are neither right nor wrong


@dataclass(frozen=True)
class TrainConfig:
    """One training run."""

    steps: int = 3000
    batch: int = 128
    types_per_batch: int = 2  # so that batch / types_per_batch - 1 negatives have the query's type
    optimiser: Literal["muon", "adamw"] = "adamw"  # muon: for matrices, the rest by AdamW
    learning_rate: float = 1e-3  # of AdamW
    matrix_learning_rate: float = 3e-3  # of Muon
    warmup_steps: int = 100
    weight_decay: float = 0.05
    betas: tuple[float, float] = (0.9, 0.95)
    clip_norm: float = 3.0
    momentum_start: float = 0.99  # of the target encoder's moving average
    momentum_end: float = 0.999
    gain_db: float = 9.0  # every stem's level in a mix varies by up to this, both ways
    equaliser_db: float = 8.0  # random smooth equaliser on each side, so no shared sound gives it away
    jitter_samples: int = 250  # target against context: half the distance of two dense queries
    search_seconds: float = 0.0  # a context is longer than its target by this, and the offset is searched
    same_tempo: float = 0.0  # how often a type's songs in a batch share a tempo: timing then tells nothing
    mix_powers: bool = False  # mixes are sums of spectra taken once; False: of waveforms, exact and slower
    transpose_semitones: int = 0  # both sides of a pair move by up to this, both ways
    tempo_share: float = 0.0  # both sides of a pair get faster or slower by up to this share
    recorded: bool = False  # each side may get a room, a noise floor and a bandwidth of its own
    validate_every: int = 200
    checkpoint_every: int = 100
    bfloat16: bool = True  # where the device computes in it, see `model.precision`
    seed: int = 0

    def checks(self) -> list[tuple[bool, str]]:
        """What must hold, each with the complaint if it does not."""
        return [
            (self.steps >= 1, "train.steps must be at least 1."),
            (
                self.batch >= 1 and self.batch % self.types_per_batch == 0,
                "train.batch must be a multiple of train.types_per_batch.",
            ),
            (0 <= self.same_tempo <= 1, "train.same_tempo is a share: from 0 to 1."),
            (
                0 <= self.transpose_semitones <= OCTAVE,
                f"train.transpose_semitones must be from 0 to {OCTAVE}.",
            ),
            (0 <= self.tempo_share < 1, "train.tempo_share is a share: from 0 to less than 1."),
        ]
