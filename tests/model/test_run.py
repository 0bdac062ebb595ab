"""Runs: folders in, folders out."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from rich.console import Console

from audio.stems import StemType
from audio.windows import WINDOW_SAMPLES
from model.card import read_card
from model.checkpoint import NoCheckpointError, load_network, load_progress
from model.embedder import Embedder
from model.ensemble import Ensemble
from model.export import ParityError, check_parity
from model.half_precision import rounded
from model.jepa import Jepa
from model.run import DATA_CARD, export_run, sources, train_run
from model.shortening import TooFewVectorsError
from model.songs import NoSongsError, Song
from model.train import OtherConfigError
from tests.model.configs import short, write_toml
from tests.model.multitracks import noise, write_song
from tests.model.test_checkpoint import have_equal_weights


def train(root: Path, run: Path, config: Path, steps: int | None = None) -> None:
    train_run(root, run, config, steps=steps, device="cpu", threads=1, console=Console(quiet=True))


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_toml(tmp_path_factory.mktemp("config") / "short.toml", short(steps=4, batch=2))


@pytest.fixture(scope="module")
def run(songs_root: Path, config: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two steps on the shared songs; read it, do not change it."""
    folder = tmp_path_factory.mktemp("runs") / "first"
    train(songs_root, folder, config, steps=2)
    return folder


@pytest.fixture(scope="module")
def exported(run: Path, songs_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported") / "first"
    export_run(run, folder, version="0.3.0", calibrate=songs_root, untrained=False)
    return folder


def test_steps_can_be_given_instead_of_the_configs(run: Path) -> None:
    assert load_progress(run / "last").step == 2
    assert load_network(run / "last").config.train.steps == 2


def test_a_run_says_which_data_it_saw(run: Path, songs_root: Path) -> None:
    card = json.loads((run / DATA_CARD).read_text())
    assert card["root"] == str(songs_root)
    assert card["training"] == [{"source": "", "licence": "", "songs": 4}]
    assert card["validation"] == [{"source": "", "licence": "", "songs": 2}]


def test_a_folder_without_songs_starts_no_run(tmp_path: Path, config: Path) -> None:
    with pytest.raises(NoSongsError):
        train(tmp_path, tmp_path / "run", config)
    assert not (tmp_path / "run").exists()


def test_a_refused_run_leaves_the_folder_as_it_was(run: Path, config: Path, tmp_path: Path) -> None:
    for number in range(4):
        write_song(tmp_path / "other songs" / f"{number}", number)
    before = (run / DATA_CARD).read_text()
    with pytest.raises(OtherConfigError):
        train(tmp_path / "other songs", run, config, steps=3)
    assert (run / DATA_CARD).read_text() == before


def test_an_exported_run_is_its_best_checkpoint(run: Path, exported: Path) -> None:
    assert check_parity(rounded(load_network(run / "best")).eval(), exported) < 1e-4
    card = read_card(exported)
    assert (card.name, card.version) == ("tiny", "0.3.0")
    assert card.training["step"] == load_progress(run / "best").step


def test_an_exported_run_can_be_calibrated_on_other_songs(exported: Path) -> None:
    assert read_card(exported).calibration.pairs == 2 * 6 * 3  # both kinds, six songs, three types


def test_a_card_tells_the_data_and_not_where_they_lay(exported: Path, songs_root: Path) -> None:
    data = read_card(exported).training["data"]
    assert set(data) == {"training", "validation"}
    assert str(songs_root) not in (exported / "card.json").read_text()


def test_networks_of_several_runs_answer_together(run: Path, songs_root: Path, tmp_path: Path) -> None:
    card = export_run(
        run, tmp_path / "both", version="0.3.0", calibrate=songs_root, untrained=False, beside=[run]
    )
    assert card.dimension == 2 * load_network(run / "best").config.dimension
    (other,) = card.training["beside"]
    assert other["step"] == load_progress(run / "best").step
    assert other["training"] == card.training["data"]["training"]
    together = Ensemble([load_network(run / "best"), load_network(run / "best")])
    assert check_parity(rounded(together).eval(), tmp_path / "both") < 1e-4


def test_the_last_step_is_exported_if_it_is_asked_for(
    run: Path, songs_root: Path, config: Path, tmp_path: Path
) -> None:
    """Validation may like an earlier step better: both lie in the run's folder."""
    copied = Path(shutil.copytree(run, tmp_path / "run"))
    shutil.rmtree(copied / "last")
    train(songs_root, tmp_path / "longer", config, steps=4)
    shutil.copytree(tmp_path / "longer" / "last", copied / "last")
    card = export_run(copied, tmp_path / "out", version="1", calibrate=songs_root, untrained=False, last=True)
    assert card.training["step"] == 4
    assert check_parity(rounded(load_network(copied / "last")).eval(), tmp_path / "out") < 1e-4
    with pytest.raises(ParityError):
        check_parity(rounded(load_network(copied / "best")).eval(), tmp_path / "out")


def test_vectors_can_be_shortened(run: Path, songs_root: Path, tmp_path: Path) -> None:
    card = export_run(
        run, tmp_path / "short", version="1", calibrate=songs_root, untrained=False, dimension=8
    )
    assert card.dimension == 8
    assert 0.5 < card.training["kept_by_shortening"] <= 1.0
    embedder = Embedder.open(tmp_path / "short")
    vectors = embedder.embed_stems(noise(0, 2 * WINDOW_SAMPLES).reshape(2, -1))
    assert vectors.shape == (2, 8)
    assert embedder.guess_type is not None
    assert embedder.guess_type.weights.shape[0] == 8


def test_vectors_cannot_be_made_longer(run: Path, songs_root: Path, tmp_path: Path) -> None:
    with pytest.raises(TooFewVectorsError, match="100000 numbers a vector were asked for"):
        export_run(
            run, tmp_path / "long", version="1", calibrate=songs_root, untrained=False, dimension=100_000
        )
    assert not (tmp_path / "long").exists()


def test_an_untrained_export_is_the_network_before_its_first_step(run: Path, tmp_path: Path) -> None:
    card = export_run(run, tmp_path / "untrained", version="0.3.0", calibrate=None, untrained=True)
    assert (card.name, card.training) == ("tiny-untrained", {})
    trained = load_network(run / "best")
    torch.manual_seed(0)
    fresh = Jepa(trained.config)
    assert not have_equal_weights(fresh, trained)
    assert check_parity(rounded(fresh).eval(), tmp_path / "untrained") < 1e-4


def test_a_run_without_a_best_checkpoint_cannot_be_exported(run: Path, tmp_path: Path) -> None:
    copied = Path(shutil.copytree(run, tmp_path / "run"))
    shutil.rmtree(copied / "best")
    with pytest.raises(NoCheckpointError, match="holds no checkpoint"):
        export_run(copied, tmp_path / "out", version="1", calibrate=None, untrained=False)


def test_data_are_counted_by_source_and_licence() -> None:
    facts = [("folk", "CC0-1.0"), ("folk", "CC0-1.0"), ("folk", "CC-BY-4.0"), ("rock", "CC0-1.0")]
    stems: dict[StemType, tuple[Path, ...]] = {StemType.BASS: (Path("bass.wav"),)}
    songs = [Song(str(i), str(i), stems, source=where, licence=what) for i, (where, what) in enumerate(facts)]
    assert sources(songs) == [
        {"source": "folk", "licence": "CC0-1.0", "songs": 2},
        {"source": "folk", "licence": "CC-BY-4.0", "songs": 1},
        {"source": "rock", "licence": "CC0-1.0", "songs": 1},
    ]


def test_a_run_can_begin_with_anothers_network_and_its_card_says_so(
    songs_root: Path, run: Path, config: Path, tmp_path: Path
) -> None:
    quiet = Console(quiet=True)
    train_run(
        songs_root, tmp_path / "next", config, steps=1, device="cpu", threads=1, console=quiet, start_from=run
    )
    card = json.loads((tmp_path / "next" / DATA_CARD).read_text())
    assert card["started_from"]["training"] == json.loads((run / DATA_CARD).read_text())["training"]
    assert (card["started_from"]["step"], card["started_from"]["batch"]) == (2, 2)
    assert "root" not in card["started_from"]


def test_a_run_whose_minutes_are_over_is_saved_and_goes_on(
    songs_root: Path, config: Path, tmp_path: Path
) -> None:
    quiet, slice_of = Console(quiet=True), tmp_path / "run"
    train_run(songs_root, slice_of, config, steps=3, device="cpu", threads=1, console=quiet, minutes=1e-9)
    assert load_progress(slice_of / "last").step == 1
    train(songs_root, slice_of, config, steps=3)
    assert load_progress(slice_of / "last").step == 3
