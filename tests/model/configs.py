"""Configs that are small enough to train and export in a test."""

from dataclasses import replace
from pathlib import Path

import model
from model.config import Config
from model.config_sections import EncoderConfig, FrontEndConfig, HeadConfig, PredictorConfig

CONFIGS = Path(model.__path__[0]) / "configs"


def tiny(**training: object) -> Config:
    """`configs/tiny.toml`, with some options of its training changed."""
    config = Config.from_toml(CONFIGS / "tiny.toml")
    return Config.from_dict({**config.to_dict(), "train": {**config.to_dict()["train"], **training}})


def short(**training: object) -> Config:
    """A training of six steps on four pairs each, that validates and saves every third step."""
    options = {"steps": 6, "batch": 4, "warmup_steps": 2, "validate_every": 3, "checkpoint_every": 3}
    return tiny(**{**options, **training})


def small_vit() -> Config:
    """The published architecture in miniature: log-mel, 5 by 5 patches, one block."""
    return Config(
        name="small-vit",
        front_end=FrontEndConfig(
            "log_mel", 80, 1600, lowest_hz=50.0, highest_hz=8000.0, mean=-9.453, deviation=3.569
        ),
        encoder=EncoderConfig("vit", width=32, depth=1, heads=2, patch=16),
        predictor=PredictorConfig(hidden=32, layers=2, type_width=8),
        head=HeadConfig("time_average"),
    )


def without_types(config: Config) -> Config:
    """The ablation: every type is asked for in the same way."""
    return replace(config, predictor=replace(config.predictor, conditioned=False))


def write_toml(path: Path, config: Config) -> Path:
    """Write a config as the TOML that it could have come from."""
    lines = [f'name = "{config.name}"']
    for section, options in config.to_dict().items():
        if isinstance(options, dict):
            lines += ["", f"[{section}]", *(f"{name} = {_toml(value)}" for name, value in options.items())]
    path.write_text("\n".join(lines) + "\n")
    return path


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return str(list(value))
    return f'"{value}"' if isinstance(value, str) else str(value)
