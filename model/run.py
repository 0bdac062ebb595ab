"""Training and export runs: folders in, folders out."""

import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from rich.console import Console

from model.calibration import fit, score_pairs
from model.card import ModelCard
from model.checkpoint import load_network, load_progress
from model.config import Config
from model.export import Release, export
from model.jepa import Jepa
from model.retrieval import Protocols
from model.songs import Song, find_songs, split_songs
from model.stem_reader import StemReader
from model.torch_embedder import TorchEmbedder
from model.train import Trainer, TrainingData, pick_device

HELD_OUT = 0.08  # share of groups that choose the checkpoint and fit the calibration
DATA_CARD = "data.json"


def train_run(
    root: Path,
    run: Path,
    config_path: Path | None,
    *,
    steps: int | None,
    device: str,
    threads: int,
    console: Console,
) -> None:
    """Train on the songs under `root`, or go on with the run.

    Raises:
        ValueError: no songs, an unknown option in the config, another config than the run's, no such device.
    """
    if threads:
        torch.set_num_threads(threads)
    config = Config.from_toml(config_path or Path(__file__).parent / "configs" / "compact.toml")
    if steps is not None:
        config = replace(config, train=replace(config.train, steps=steps))
    training, validation = split_songs(find_songs(root), HELD_OUT)
    run.mkdir(parents=True, exist_ok=True)
    data = TrainingData(training, validation, StemReader(run / "cache"))
    # First of all, so that the folder of a run with another config is left as it is.
    trainer = Trainer(config, data, run, pick_device(device))
    card = {"root": str(root.resolve()), "training": sources(training), "validation": sources(validation)}
    (run / DATA_CARD).write_text(json.dumps(card, indent=2) + "\n")
    started = time.monotonic()
    progress = trainer.train(console)
    minutes = (time.monotonic() - started) / 60
    console.print(
        f"{progress.step} steps done, {minutes:.0f} minutes; best at step {progress.best_step} in {run}."
    )


def export_run(
    run: Path, folder: Path, *, version: str, calibrate: Path | None, untrained: bool
) -> ModelCard:
    """Export the best checkpoint of a run, calibrated on songs that it was not trained on."""
    jepa = load_network(run / "best")
    if untrained:
        torch.manual_seed(jepa.config.train.seed)
        jepa = Jepa(replace(jepa.config, name=f"{jepa.config.name}-untrained"))
    data = json.loads((run / DATA_CARD).read_text())
    root = Path(data.pop("root"))  # where it lay is nobody's business
    songs = find_songs(calibrate) if calibrate else split_songs(find_songs(root), HELD_OUT)[1]
    embedder = TorchEmbedder(jepa, torch.device("cpu"))
    calibration = fit(*score_pairs(songs, StemReader(run / "cache"), embedder, Protocols(per_song=2)))
    training: dict[str, Any] = {} if untrained else {"data": data, "step": load_progress(run / "best").step}
    return export(jepa, folder, Release(version, calibration, training))


def sources(songs: Sequence[Song]) -> list[dict[str, Any]]:
    """How many songs of which collection, under which licence."""
    counts = Counter((song.source, song.licence) for song in songs)
    return [
        {"source": source, "licence": licence, "songs": number}
        for (source, licence), number in counts.items()
    ]
