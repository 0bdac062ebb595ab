"""What each choice of the recipe is worth: the same short training, one choice changed at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console

from model.card import CARD, Calibration, read_card
from model.checkpoint import load_network
from model.config import Config
from model.export import Release, check_replaceable, export
from model.provenance import (
    DATA_CARD,
    OtherSongsError,
    describe_data,
    public,
    read_data,
    write_data,
)
from model.songs import find_sides
from model.stem_reader import StemReader
from model.train import OtherConfigError, Trainer, TrainingData, pick_device

Changes = Mapping[str, Mapping[str, object]]
"""Options that differ from the recipe's, by section."""


@dataclass(frozen=True)
class Row:
    """One choice undone, or one more made."""

    name: str
    changes: Changes


AS_WRITTEN: dict[str, object] = {"transpose_semitones": 0, "tempo_share": 0.0}
AS_RENDERED: dict[str, object] = {"recorded": False}

ROWS = (
    Row("recipe", {}),
    Row("no offset search in training", {"train": {"search_seconds": 0.0}}),
    Row("own wrong offsets are no negatives", {"loss": {"own_offsets": False}}),
    Row("no batches of one tempo", {"train": {"same_tempo": 0.0}}),
    Row("keys and tempi as written", {"train": AS_WRITTEN | AS_RENDERED}),
    Row("sounds as rendered", {"train": AS_RENDERED}),
    Row(
        "waveforms are mixed instead of spectra", {"train": AS_WRITTEN | AS_RENDERED | {"mix_powers": False}}
    ),
    Row("not centred", {"head": {"centred": False}}),
    Row("tokens alone", {"head": {"global_width": 0}}),
    Row("no term for the average", {"loss": {"contrastive_global": 0.0}}),
    Row("time average alone", {"head": {"kind": "time_average"}, "train": {"search_seconds": 0.0}}),
    Row("no distance to the target", {"loss": {"jepa": 0.0}}),
    Row("distance to the target alone", {"loss": {"contrastive": 0.0, "contrastive_global": 0.0}}),
    Row("no moving average", {"train": {"momentum_start": 0.0, "momentum_end": 0.0}}),
    Row("unconditioned", {"predictor": {"conditioned": False}}),
    # What moves keys and adds rooms knows log-frequency bins only, so its row is "sounds as rendered", too.
    Row("log-mel", {"front_end": {"kind": "log_mel", "bins": 80}, "train": AS_WRITTEN | AS_RENDERED}),
    Row("eight types a batch", {"train": {"types_per_batch": 8}}),
    Row("no equaliser, no gain", {"train": {"equaliser_db": 0.0, "gain_db": 0.0}}),
    Row("AdamW alone", {"train": {"optimiser": "adamw"}}),
    Row("two thirds of the width", {"encoder": {"width": 128}}),
    Row("twice the learning rates", {"train": {"learning_rate": 2e-3, "matrix_learning_rate": 6e-3}}),
)


class UnknownRowError(ValueError):
    """A row that is asked for and not in the table."""


@dataclass(frozen=True)
class Budget:
    """What every row may use."""

    steps: int = 150
    batch: int = 64
    warmup_steps: int = 20


def changed(config: Config, changes: Changes, budget: Budget) -> Config:
    """`config` with a row's changes, to be trained within the budget and validated by nobody."""
    values: dict[str, Any] = config.to_dict()
    values["train"] |= {
        "steps": budget.steps,
        "batch": budget.batch,
        "warmup_steps": budget.warmup_steps,
        "validate_every": budget.steps,
    }
    for section, options in changes.items():
        values[section] |= options
    return Config.from_dict(values)


def choose_rows(names: Sequence[str]) -> list[Row]:
    """The rows called `names`, or all.

    Raises:
        UnknownRowError: there is no such row.
    """
    known = {row.name: row for row in ROWS}
    if unknown := [name for name in names if name not in known]:
        raise UnknownRowError(f"There is no row {unknown[0]!r}. There are: {', '.join(known)}.")
    return [known[name] for name in names] or list(ROWS)


def train_rows(
    rows: Sequence[Row],
    root: Path,
    out: Path,
    config: Config,
    budget: Budget,
    *,
    held_out: float,
    device: str,
    console: Console,
) -> list[Path]:
    """Train and export each row that is not there yet; gives the releases, to be evaluated side by side.

    The last checkpoint of each is exported: validation chooses nothing, so all rows are treated alike.

    Raises:
        OtherConfigError: a row is there already, and was trained with another recipe or budget.
        OtherSongsError: rows are there already, and were trained on other songs.
        OccupiedFolderError: something else is where a release is to be.
    """
    sides = find_sides(root, held_out)
    data = TrainingData(sides.training, [], StemReader(out / "cache"))
    card = describe_data(root, sides)
    _check_songs(out, card)
    planned = [(row, _config_of(row, config, budget)) for row in rows]
    # All are looked at before the first is trained, which may take hours.
    missing = [(row, each) for row, each in planned if not _is_there(out / each.name, each)]
    out.mkdir(parents=True, exist_ok=True)
    write_data(out, card)
    learned_from = {**public(card), "step": budget.steps, "batch": budget.batch}
    for row, each in missing:
        console.print(row.name)
        run = out / "runs" / each.name
        Trainer(each, data, run, pick_device(device)).train(console)
        export(load_network(run / "last"), out / each.name, Release("0", Calibration(1.0, 0.0), learned_from))
    return [out / each.name for _, each in planned]


def _check_songs(out: Path, card: Mapping[str, Any]) -> None:
    """Refuse songs other than those of the rows that are there: their budget would not be equal."""
    begun = (out / DATA_CARD).exists() or (out / "runs").exists()
    if begun and read_data(out).get("names") != card["names"]:
        raise OtherSongsError(
            f"Rows in {out} were trained on other songs than those under {card['root']}. Choose another "
            "--out, or remove it."
        )


def _config_of(row: Row, config: Config, budget: Budget) -> Config:
    """How a row is trained; its name is that of its folder."""
    name = row.name.replace(",", "").replace(" ", "-")
    return replace(changed(config, row.changes, budget), name=name)


def _is_there(release: Path, config: Config) -> bool:
    """Whether the release of a row is there already.

    Raises:
        OtherConfigError: it is, and was trained with another config.
        OccupiedFolderError: something else is there.
    """
    check_replaceable(release)
    if not (release / CARD).exists():
        return False
    if Config.from_dict(read_card(release).config) != config:
        raise OtherConfigError(
            f"{release} was trained with another recipe or budget. Choose another --out, or remove it."
        )
    return True
