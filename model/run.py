"""Training and export runs: folders in, folders out."""

import math
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from rich.console import Console

from model.blending import blend
from model.calibration import CALIBRATED_BY, LEAST_SHARING, check_songs, fit, score_pairs
from model.card import ModelCard
from model.checkpoint import NoCheckpointError, Progress, has_checkpoint, load_network, load_progress
from model.config import Config
from model.ensemble import Ensemble
from model.export import Release, check_replaceable, export
from model.half_precision import rounded
from model.jepa import Jepa
from model.provenance import (
    DATA_CARD,
    check_not_learned,
    describe_run,
    history,
    public,
    read_data,
    write_data,
)
from model.run_lock import lock_run
from model.shortening import Network, Shortened, principal_axes, share_kept
from model.songs import HELD_OUT, Sides, Song, find_sides, find_songs
from model.stem_reader import StemReader
from model.stopping import stop_requests
from model.torch_embedder import TorchEmbedder
from model.train import Trainer, TrainingData, pick_device
from model.type_guess import fit_type_guess
from model.typed_windows import guessed_right, typed_windows
from model.unpack import unpack_release

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
        ValueError: no songs, an unknown option in the config, no such device; a run that goes on has another
            config, other songs or another start, or has another process at work in its folder.
    """
    if threads:
        torch.set_num_threads(threads)
    config = Config.from_toml(config_path or shipped_config())
    if steps is not None:
        config = replace(config, train=replace(config.train, steps=steps))
    sides = find_sides(root, HELD_OUT)
    with lock_run(run):
        card = describe_run(run, root, sides, start_from)
        data = TrainingData(sides.training, sides.validation, StemReader(run / "cache"))
        # First of all, so that the folder of a run with another config is left as it is.
        earlier = load_network(start_from / "best") if start_from else None
        trainer = Trainer(config, data, run, pick_device(device), earlier)
        write_data(run, card)
        _say_sides(sides, console)
        started = time.monotonic()
        with stop_requests(minutes) as shall_stop:
            progress = trainer.train(console, shall_stop)
    spent = (time.monotonic() - started) / 60
    console.print(
        f"{progress.step} of {config.train.steps} steps done, {spent:.0f} minutes; "
        f"{_say_best(progress)} in {run}."
    )


def _say_sides(sides: Sides, console: Console) -> None:
    console.print(
        f"Songs to learn from: {len(sides.training)}; held out, to choose the best checkpoint and to "
        f"calibrate: {len(sides.validation)}."
    )
    if sides.tests:
        console.print(f"Left out: {len(sides.tests)} in the data set's own test folder.")
    if len(sides.validation) < LEAST_SHARING:
        console.print(
            "Too few are held out to calibrate on: `model export` will need --calibrate SONGS.",
            style="yellow",
        )


def _say_best(progress: Progress) -> str:
    return f"best at step {progress.best_step}" if progress.best_step else "not validated yet"


def unpack_run(release: Path, out: Path) -> list[Path]:
    """Turn a release back into runs: to train on from one, or to export one beside others."""
    return unpack_release(release, out, DATA_CARD)


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
        OccupiedFolderError: `folder` holds something else than a release, or a run that is needed.
        NoCheckpointError: a run has nothing to export.
        UnlikeNetworksError: the networks cannot answer together.
        UnlikeWeightsError: the run cannot be blended with the other.
        TooFewVectorsError: `dimension` is more than the network has.
        NoDataCardError: a run does not say what it learned from.
        SongsUnknownError: the run was unpacked, so that its songs are not known.
        TooFewSongsError: there are no two songs to calibrate on.
        OtherSongsError: a run has learned from one of them.
    """
    check_replaceable(folder, [each for each in (run, *beside, blend_with, calibrate) if each])
    checkpoint = _checkpoint(run, last=last)
    network = _answering(checkpoint, beside, blend_with, untrained=untrained)
    data = read_data(run)
    if "root" not in data:
        raise SongsUnknownError(f"{run} was unpacked from a release: export it --beside a run of your own.")
    sides = find_sides(Path(data["root"]), HELD_OUT)
    songs = find_songs(calibrate) if calibrate else sides.validation
    check_songs(songs)
    for each in (run, *beside, *([blend_with] if blend_with else [])):
        check_not_learned(each, songs, "to calibrate on")
    training: dict[str, Any] = {"data": public(data), "step": load_progress(checkpoint).step}
    if blend_with:
        training["blended_with"] = history(blend_with)
    if beside:
        training["beside"] = [history(each) for each in beside]
    reader, cpu = StemReader(run / "cache"), torch.device("cpu")
    vectors, types = typed_windows(_some(sides.training), reader, TorchEmbedder(network, cpu))
    released: Network = network
    if dimension:
        axes = principal_axes(vectors, dimension)
        training["kept_by_shortening"] = round(share_kept(vectors, axes), 5)
        released, vectors = rounded(Shortened(network, axes)), vectors @ axes.T
    embedder = TorchEmbedder(released, cpu)
    calibration = fit(*score_pairs(songs, reader, embedder, CALIBRATED_BY))
    if untrained:
        return export(released, folder, Release(version, calibration))
    guess_type = fit_type_guess(vectors, types)
    training["types_guessed_right"] = guessed_right(guess_type, songs, reader, embedder)
    return export(released, folder, Release(version, calibration, training, guess_type=guess_type))


def _answering(
    checkpoint: Path, beside: Sequence[Path], blend_with: Path | None, *, untrained: bool
) -> Jepa | Ensemble:
    """The network that is released: of one run, or those of several together, in half precision."""
    trained = load_network(checkpoint)
    first = blend(trained, load_network(blend_with / "best")) if blend_with else trained
    networks = [first, *(load_network(each / "best") for each in beside)]
    if untrained:
        networks = [_untrained(each.config) for each in networks]
    return rounded(Ensemble(networks)) if beside else rounded(networks[0])


def _some(songs: Sequence[Song]) -> Sequence[Song]:
    """`GUESS_SONGS` at most, some of every collection: names are in order."""
    return songs[:: max(1, math.ceil(len(songs) / GUESS_SONGS))]


def _checkpoint(run: Path, *, last: bool) -> Path:
    """Where the checkpoint lies that is to be exported.

    Raises:
        NoCheckpointError: the run was not validated yet, so none is the best.
    """
    if not last and has_checkpoint(run / "last") and not has_checkpoint(run / "best"):
        raise NoCheckpointError(
            f"{run} holds no best checkpoint, for it was not validated yet. Train on, or export with --last."
        )
    return run / ("last" if last else "best")


def _untrained(config: Config) -> Jepa:
    torch.manual_seed(config.train.seed)
    return Jepa(replace(config, name=f"{config.name}-untrained"))
