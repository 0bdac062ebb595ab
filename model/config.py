"""Everything that shapes a network and its training, as frozen dataclasses.

A config is read from TOML (`configs/*.toml`), saved as JSON in every checkpoint and in every model card;
it never comes from the environment.
"""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from audio.decode import SAMPLE_RATE
from audio.windows import WINDOW_SAMPLES
from model.config_sections import EncoderConfig, FrontEndConfig, HeadConfig, LossConfig, PredictorConfig
from model.config_values import ConfigError, build_dataclass
from model.retired_options import without_retired
from model.train_config import OCTAVE, OFFSET_GUARD, TrainConfig

POSITIVE: Mapping[str, tuple[str, ...]] = {
    "front_end": ("bins", "hop_samples", "lowest_hz", "bins_per_octave", "deviation"),
    "encoder": ("width", "heads", "patch"),
    "head": ("token_frames",),
    "loss": ("temperature",),
    "train": ("types_per_batch", "validate_every", "checkpoint_every"),
}
"""Options by section that mean nothing at 0 or below it: most are divided by."""


@dataclass(frozen=True)
class Config:
    """A network and how it is trained."""

    name: str = "counterpart"
    front_end: FrontEndConfig = field(default_factory=FrontEndConfig)
    encoder: EncoderConfig = field(default_factory=EncoderConfig)
    predictor: PredictorConfig = field(default_factory=PredictorConfig)
    head: HeadConfig = field(default_factory=HeadConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    train: TrainConfig = field(default_factory=TrainConfig)

    def __post_init__(self) -> None:
        # In this order: the later ones divide by what the first finds to be more than 0.
        for check in (
            self._positive_checks,
            self._front_end_checks,
            self._encoder_checks,
            self._search_checks,
            self.train.checks,
            self._change_checks,
        ):
            for holds, complaint in check():
                if not holds:
                    raise ConfigError(complaint)

    def _positive_checks(self) -> list[tuple[bool, str]]:
        layers = all(number > 0 for number in (*self.encoder.channels, *self.encoder.strides))
        return [
            *(
                (getattr(getattr(self, section), name) > 0, f"{section}.{name} must be more than 0.")
                for section, names in POSITIVE.items()
                for name in names
            ),
            (layers, "encoder.channels and encoder.strides must be more than 0."),
        ]

    def _front_end_checks(self) -> list[tuple[bool, str]]:
        front_end = self.front_end
        divides = WINDOW_SAMPLES % front_end.hop_samples == 0
        octaves = math.log2(SAMPLE_RATE / 2 / front_end.lowest_hz)
        fits = front_end.kind == "log_mel" or front_end.bins <= octaves * front_end.bins_per_octave
        return [
            (divides, f"front_end.hop_samples must divide {WINDOW_SAMPLES}."),
            (fits, "front_end.bins reach beyond 8000 Hz. Use fewer, or more bins_per_octave."),
        ]

    def _encoder_checks(self) -> list[tuple[bool, str]]:
        encoder, head = self.encoder, self.head
        if encoder.kind == "vit":
            patched = self.front_end.bins % encoder.patch == 0
            return [
                (head.kind == "time_average", "A vit encoder needs head.kind = 'time_average'."),
                (patched, f"front_end.bins must be a multiple of the patch ({encoder.patch})."),
                (encoder.width % encoder.heads == 0, "encoder.width must be a multiple of encoder.heads."),
                (encoder.width % 4 == 0, "encoder.width must be a multiple of 4 for its positions."),
            ]
        layers = "encoder.channels and encoder.strides must have one entry a layer each."
        tokens = f"head.token_frames must divide the {self.moments} frames of a window."
        return [
            (len(encoder.channels) == len(encoder.strides), layers),
            (head.kind == "time_average" or self.moments % head.token_frames == 0, tokens),
        ]

    def _search_checks(self) -> list[tuple[bool, str]]:
        samples, hop = self.train.search_seconds * SAMPLE_RATE, self.front_end.hop_samples
        whole = samples >= 0 and samples % hop == 0
        return [
            (whole, f"train.search_seconds must be a multiple of {hop / SAMPLE_RATE:g}."),
            # Else a true offset in the middle would have no wrong one, whose best score were minus infinity.
            (
                samples == 0 or self.search_frames > 2 * OFFSET_GUARD,
                f"train.search_seconds must be 0, or more than {2 * OFFSET_GUARD * hop / SAMPLE_RATE:g}.",
            ),
            (
                (self.dense and self.head.kind == "tokens") or samples == 0,
                "One query vector a window leaves no offset to search: use train.search_seconds = 0.",
            ),
        ]

    def _change_checks(self) -> list[tuple[bool, str]]:
        train, front_end = self.train, self.front_end
        changes = train.transpose_semitones or train.tempo_share or train.recorded
        semitones = front_end.kind == "log_frequency" and front_end.bins_per_octave % OCTAVE == 0
        return [
            (
                train.mix_powers or not changes,
                "train.transpose_semitones, tempo_share and recorded change spectra: set train.mix_powers.",
            ),
            (
                front_end.kind == "log_frequency" or not train.recorded,
                "train.recorded knows log_frequency bins only.",
            ),
            (
                semitones or not train.transpose_semitones,
                "train.transpose_semitones needs log_frequency bins, a multiple of 12 an octave.",
            ),
        ]

    @property
    def bands(self) -> int:
        """Latents that share one moment: rows of patches of a vit, one for conv."""
        return self.front_end.bins // self.encoder.patch if self.encoder.kind == "vit" else 1

    @property
    def moments(self) -> int:
        """Steps in time of one window's latents."""
        frames = self.front_end.frames
        return frames // self.encoder.patch if self.encoder.kind == "vit" else frames

    @property
    def dimension(self) -> int:
        """Length of a query or candidate vector."""
        if self.head.kind == "time_average":
            return self.bands * self.encoder.width
        return self.moments // self.head.token_frames * self.head.token_width + self.head.global_width

    @property
    def search_frames(self) -> int:
        """Offsets, less one, at which a target may lie in a training context."""
        return round(self.train.search_seconds * SAMPLE_RATE) // self.front_end.hop_samples

    @property
    def dense(self) -> bool:
        """Whether windows of a mix begin at every moment, rather than one after the other."""
        return self.encoder.kind == "conv"

    @property
    def query_hop_samples(self) -> int:
        """Distance of neighbouring query vectors."""
        return self.front_end.hop_samples if self.dense else WINDOW_SAMPLES

    @property
    def sample_rate(self) -> int:
        return SAMPLE_RATE

    @classmethod
    def from_toml(cls, path: Path) -> Self:
        """Read a config.

        Raises:
            ConfigError: the file is no TOML, or names an unknown section or option.
        """
        try:
            values = tomllib.loads(path.read_text())
        except ValueError as error:
            raise ConfigError(f"{path} is no TOML: {error}.") from error
        return cls.from_dict(values)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The inverse of `to_dict`, also of what an earlier version wrote.

        Raises:
            ConfigError: an option that there is not, or not any more, or a value that does not fit.
        """
        config = build_dataclass(cls, without_retired(values))
        assert isinstance(config, cls)  # noqa: S101 - narrows the type
        return config

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return asdict(self)
