"""Training and export runs: folders in, folders out."""

import json
import math
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from rich.console import Console

from model.blending import blend
from model.calibration import fit, score_pairs
from model.card import ModelCard
from model.checkpoint import load_network, load_progress
from model.config import Config
from model.ensemble import Ensemble
from model.evaluation.protocols import EvaluationProtocol
from model.export import Release, export
from model.half_precision import rounded
from model.jepa import Jepa
from model.shortening import Network, Shortened, principal_axes, share_kept
from model.songs import Song, find_songs, split_songs
from model.stem_reader import StemReader
from model.stopping import stop_requests
from model.torch_embedder import TorchEmbedder
from model.train import Trainer, TrainingData, pick_device
from model.type_guess import fit_type_guess
from model.typed_windows import guessed_right, typed_windows
from model.unpack import unpack_release

HELD_OUT = 0.08  # share of groups that choose the checkpoint and fit the calibration
DATA_CARD = "data.json"
GUESS_SONGS = 300  # at most, to fit the guess of types on: some 1,300 stems


class SongsUnknownError(ValueError):
    """A run whose songs are not at hand, so that nothing can be calibrated on those that it held out."""


def shipped_config() -> Path:
    """The config that is trained by where none is named."""
    return Path(__file__).parent / "configs" / "compact.toml"


def train_run(
    root: Path,
    run: Path,
    config_path: Path | None,
    *,
    steps: int | None,
    device: str,
    threads: int,
    console: Console,
    start_from: Path | None = None,
    minutes: float | None = None,
) -> None:
    """Train on the songs under `root`, or go on with the run.

    `start_from` is a run of the same architecture whose best network a new run begins with; the card of the
    new one lists the data of both. After `minutes`, or on Ctrl-C, the run is saved and can be gone on with.

    Raises:
        ValueError: no songs, an unknown option in the config, another config than the run's, no such device.
    """
    if threads:
        torch.set_num_threads(threads)
    config = Config.from_toml(config_path or shipped_config())
    if steps is not None:
        config = replace(config, train=replace(config.train, steps=steps))
    training, validation = split_songs(find_songs(root), HELD_OUT)
    run.mkdir(parents=True, exist_ok=True)
    data = TrainingData(training, validation, StemReader(run / "cache"))
    # First of all, so that the folder of a run with another config is left as it is.
    earlier = load_network(start_from / "best") if start_from else None
    trainer = Trainer(config, data, run, pick_device(device), earlier)
    card: dict[str, Any] = {
        "root": str(root.resolve()),
        "training": sources(training),
        "validation": sources(validation),
    }
    if start_from:
        card["started_from"] = _history(start_from)
    (run / DATA_CARD).write_text(json.dumps(card, indent=2) + "\n")
    started = time.monotonic()
    with stop_requests(minutes) as shall_stop:
        progress = trainer.train(console, shall_stop)
    spent = (time.monotonic() - started) / 60
    console.print(
        f"{progress.step} of {config.train.steps} steps done, {spent:.0f} minutes; "
        f"best at step {progress.best_step} in {run}."
    )


def unpack_run(release: Path, out: Path) -> list[Path]:
    """Turn a release back into runs: to train on from one, or to export one beside others."""
    return unpack_release(release, out, DATA_CARD)


def _history(run: Path) -> dict[str, Any]:
    """What an earlier run was trained on, and for how long."""
    data: dict[str, Any] = json.loads((run / DATA_CARD).read_text())
    data.pop("root", None)
    return {
        **data,
        "step": load_progress(run / "best").step,
        "batch": load_network(run / "best").config.train.batch,
    }


def export_run(
    run: Path,
    folder: Path,
    *,
    version: str,
    calibrate: Path | None,
    untrained: bool,
    beside: Sequence[Path] = (),
    blend_with: Path | None = None,
    last: bool = False,
    dimension: int | None = None,
) -> ModelCard:
    """Export a run's best checkpoint in half precision, calibrated on songs that it was not trained on.

    `last` takes the last checkpoint instead of the one that validation liked best. The networks of the runs
    `beside` it answer together with it. All runs must have held out the same songs, as they do if they were
    trained on songs of MIDI files with the same names. The weights are blended with those of the run
    `blend_with`, from which the training started (`model.blending`). Vectors get `dimension` numbers, if it
    is given.

    Raises:
        NoCheckpointError: a run has nothing to export.
        UnlikeNetworksError: the networks cannot answer together.
        UnlikeWeightsError: the run cannot be blended with the other.
        TooFewVectorsError: `dimension` is more than the network has.
        SongsUnknownError: the run does not say which songs it learned from.
    """
    checkpoint = run / ("last" if last else "best")
    trained = load_network(checkpoint)
    first = blend(trained, load_network(blend_with / "best")) if blend_with else trained
    networks = [first, *(load_network(each / "best") for each in beside)]
    if untrained:
        networks = [_untrained(each.config) for each in networks]
    network = rounded(Ensemble(networks) if beside else networks[0])
    data = json.loads((run / DATA_CARD).read_text())
    if "root" not in data:
        raise SongsUnknownError(f"{run} was unpacked from a release: export it --beside a run of your own.")
    root = Path(data.pop("root"))  # where it lay is nobody's business
    learned, held_out = split_songs(find_songs(root), HELD_OUT)
    songs = find_songs(calibrate) if calibrate else held_out
    reader, cpu = StemReader(run / "cache"), torch.device("cpu")
    every = max(1, math.ceil(len(learned) / GUESS_SONGS))
    some = learned[::every]  # of every collection, for names are in order
    vectors, types = typed_windows(some, reader, TorchEmbedder(network, cpu))
    released: Network = network
    training: dict[str, Any] = {"data": data, "step": load_progress(checkpoint).step}
    if blend_with:
        training["blended_with"] = _history(blend_with)
    if dimension:
        axes = principal_axes(vectors, dimension)
        training["kept_by_shortening"] = round(share_kept(vectors, axes), 5)
        released, vectors = rounded(Shortened(network, axes)), vectors @ axes.T
    embedder = TorchEmbedder(released, cpu)
    calibration = fit(*score_pairs(songs, reader, embedder, EvaluationProtocol(per_song=2)))
    if untrained:
        return export(released, folder, Release(version, calibration))
    guess_type = fit_type_guess(vectors, types)
    training["types_guessed_right"] = guessed_right(guess_type, songs, reader, embedder)
    if beside:
        training["beside"] = [_history(each) for each in beside]
    return export(released, folder, Release(version, calibration, training, guess_type=guess_type))


def _untrained(config: Config) -> Jepa:
    torch.manual_seed(config.train.seed)
    return Jepa(replace(config, name=f"{config.name}-untrained"))


def sources(songs: Sequence[Song]) -> list[dict[str, Any]]:
    """How many songs of which collection, under which licence."""
    counts = Counter((song.source, song.licence) for song in songs)
    return [
        {"source": source, "licence": licence, "songs": number}
        for (source, licence), number in counts.items()
    ]
