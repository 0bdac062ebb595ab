"""Releases become runs again."""

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from rich.console import Console

from audio.stems import STEM_TYPES
from audio.windows import WINDOW_SAMPLES
from model.card import BrokenModelError, Calibration, read_card
from model.checkpoint import load_network, load_progress
from model.cli import model as commands
from model.embedder import Embedder
from model.ensemble import Ensemble
from model.export import Release, export
from model.half_precision import rounded
from model.jepa import Jepa
from model.run import SongsUnknownError, export_run, train_run
from model.shortening import Shortened
from model.torch_embedder import TorchEmbedder
from model.unpack import NotUnpackableError, read_networks, unpack_release
from tests.model.configs import short, write_toml
from tests.model.multitracks import noise
from tests.model.networks import network

CPU = torch.device("cpu")
DATA = {"training": [{"source": "own", "licence": "ours", "songs": 3}], "validation": []}
OTHER = {"training": [{"source": "other", "licence": "MIT", "songs": 9}], "validation": []}
HISTORY = {"data": DATA, "step": 7, "beside": [{**OTHER, "step": 5, "batch": 4}]}


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One network."""
    folder = tmp_path_factory.mktemp("single") / "release"
    export(network(1), folder, Release("1.2.3", Calibration(8.0, -4.0), {"step": 0}))
    return folder


@pytest.fixture(scope="module")
def pair_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two networks of different widths that answer together, in half precision as `model export` does."""
    folder = tmp_path_factory.mktemp("pair") / "release"
    pair = rounded(Ensemble([network(1), network(2, width=48)]))
    export(pair, folder, Release("1.0.0", Calibration(20.0, -4.0), HISTORY))
    return folder


def assert_answers_alike(jepa: Jepa | Ensemble, release: Path) -> None:
    graphs, unpacked = Embedder.open(release, threads=1), TorchEmbedder(jepa, CPU)
    mix, stems = noise(0, 13 * 16_000), np.stack([noise(seed, WINDOW_SAMPLES) for seed in (1, 2)])
    np.testing.assert_allclose(unpacked.candidate_vectors(stems), graphs.candidate_vectors(stems), atol=1e-4)
    for stem_type in STEM_TYPES:
        asked, expected = unpacked.queries(mix, stem_type), graphs.queries(mix, stem_type)
        np.testing.assert_allclose(asked.vectors, expected.vectors, atol=1e-4)


def test_a_single_network_answers_as_its_graphs_do(release: Path) -> None:
    (jepa,) = read_networks(release, read_card(release))
    assert_answers_alike(jepa.eval(), release)


def test_networks_side_by_side_answer_as_their_graphs_do(pair_release: Path) -> None:
    networks = read_networks(pair_release, read_card(pair_release))
    assert [each.config.encoder.width for each in networks] == [32, 48]
    assert_answers_alike(Ensemble(networks).eval(), pair_release)


def test_the_online_head_begins_as_the_targets(release: Path) -> None:
    (jepa,) = read_networks(release, read_card(release))
    pairs = zip(jepa.online.head.state_dict().values(), jepa.target.head.state_dict().values(), strict=True)
    assert all(torch.equal(mine, targets) for mine, targets in pairs)


def test_the_temperature_begins_as_the_calibrations(pair_release: Path) -> None:
    for jepa in read_networks(pair_release, read_card(pair_release)):
        assert float(jepa.log_scale.detach()) == pytest.approx(math.log(20.0))


def test_each_network_becomes_a_run_that_knows_its_data(pair_release: Path, tmp_path: Path) -> None:
    runs = unpack_release(pair_release, tmp_path / "runs", "data.json")
    assert [run.name for run in runs] == ["1", "2"]
    assert [json.loads((run / "data.json").read_text()) for run in runs] == [DATA, OTHER]
    assert [load_progress(run / "best").step for run in runs] == [7, 5]
    assert [load_network(run / "best").config.encoder.width for run in runs] == [32, 48]


def test_networks_whose_history_is_not_told_become_runs_too(tmp_path: Path) -> None:
    pair = rounded(Ensemble([network(1), network(2)]))
    export(pair, tmp_path / "release", Release("1.0.0", Calibration(1.0, 0.0)))
    runs = unpack_release(tmp_path / "release", tmp_path / "runs", "data.json")
    assert [load_progress(run / "best").step for run in runs] == [0, 0]


def test_runs_that_are_there_are_left_alone(release: Path, tmp_path: Path) -> None:
    (tmp_path / "1").mkdir()
    with pytest.raises(NotUnpackableError, match="there already"):
        unpack_release(release, tmp_path, "data.json")
    assert not list((tmp_path / "1").iterdir())


def test_a_network_that_has_hardly_learned_can_be_told(jepa: Jepa, tmp_path: Path) -> None:
    """Its norms are all ones, and the exporter stores what is alike once."""
    export(jepa, tmp_path / "untrained", Release("1.0.0", Calibration(1.0, 0.0)))
    (network,) = read_networks(tmp_path / "untrained", read_card(tmp_path / "untrained"))
    for name, weights in network.target.named_parameters():
        torch.testing.assert_close(weights, jepa.target.get_parameter(name), atol=1e-3, rtol=1e-2)


def test_shortened_vectors_do_not_tell_their_networks(jepa: Jepa, tmp_path: Path) -> None:
    axes = np.eye(jepa.dimension, dtype=np.float32)[:8]
    export(Shortened(jepa, axes).eval(), tmp_path / "short", Release("1.0.0", Calibration(1.0, 0.0)))
    with pytest.raises(NotUnpackableError, match="shortened"):
        read_networks(tmp_path / "short", read_card(tmp_path / "short"))


@pytest.mark.parametrize("changes", [{"width": 48}, {"depth": 9}])
def test_graphs_of_another_network_than_the_card_says_are_refused(
    release: Path, changes: dict[str, int]
) -> None:
    card = read_card(release)
    other = {**card.config, "encoder": {**card.config["encoder"], **changes}}
    with pytest.raises(NotUnpackableError, match=r"does not hold|another architecture"):
        read_networks(release, replace(card, config=other))


def test_a_damaged_release_is_refused(release: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    for path in release.iterdir():
        content = path.read_bytes()
        (damaged / path.name).write_bytes(content[:-1] if path.name == "target.onnx" else content)
    with pytest.raises(BrokenModelError):
        unpack_release(damaged, tmp_path / "runs", "data.json")
    assert not (tmp_path / "runs").exists()


def test_a_run_begins_with_an_unpacked_network_and_is_exported_beside_another(
    pair_release: Path, songs_root: Path, tmp_path: Path
) -> None:
    first, second = unpack_release(pair_release, tmp_path / "shipped", "data.json")
    config = write_toml(tmp_path / "config.toml", short(steps=1))
    quiet = Console(quiet=True)
    train_run(
        songs_root,
        tmp_path / "run",
        config,
        steps=1,
        device="cpu",
        threads=1,
        console=quiet,
        start_from=first,
    )
    begun, unpacked = (load_network(run / "best").parameters() for run in (tmp_path / "run", first))
    for after, before in zip(begun, unpacked, strict=True):  # a step's length away
        assert torch.allclose(after, before, atol=0.05)
    card = export_run(
        tmp_path / "run",
        tmp_path / "release",
        version="2.0.0",
        calibrate=None,
        untrained=False,
        beside=[second],
        blend_with=first,
    )
    assert card.training["blended_with"]["training"] == DATA["training"]
    assert card.training["data"]["started_from"]["training"] == DATA["training"]
    assert card.training["beside"][0]["training"] == OTHER["training"]


def test_an_unpacked_run_has_no_songs_to_be_calibrated_on(release: Path, tmp_path: Path) -> None:
    (run,) = unpack_release(release, tmp_path / "runs", "data.json")
    with pytest.raises(SongsUnknownError, match="--beside"):
        export_run(run, tmp_path / "out", version="1", calibrate=None, untrained=False)


def test_the_command_says_what_can_be_done_next(release: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(commands, ["unpack", str(release), "--out", str(tmp_path / "runs")])
    assert result.exit_code == 0, result.output
    assert f"--from {tmp_path / 'runs' / '1'}" in result.output
    again = CliRunner().invoke(commands, ["unpack", str(release), "--out", str(tmp_path / "runs")])
    assert again.exit_code == 1
    assert "there already" in again.output
