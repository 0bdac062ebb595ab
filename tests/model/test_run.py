"""Runs: folders in, folders out."""

import json
import shutil
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
import torch
from rich.console import Console

from audio.windows import WINDOW_SAMPLES
from model.calibration import TooFewSongsError
from model.card import read_card
from model.checkpoint import NoCheckpointError, load_network, load_progress
from model.embedder import Embedder
from model.ensemble import Ensemble
from model.export import OccupiedFolderError
from model.half_precision import rounded
from model.jepa import Jepa
from model.parity import ParityError, check_parity
from model.provenance import DATA_CARD, NothingToGoOnWithError, OtherSongsError, OtherStartError
from model.run import export_run, train_run
from model.run_lock import RunBusyError, lock_run
from model.shortening import TooFewVectorsError
from model.songs import HELD_OUT, NoSongsError
from model.train import OtherConfigError
from tests.model.configs import short, write_toml
from tests.model.multitracks import names_of_side, noise, write_song
from tests.model.test_checkpoint import have_equal_weights
from tests.model.test_songs import touch


def train(
    root: Path,
    run: Path,
    config: Path,
    steps: int | None = None,
    *,
    start_from: Path | None = None,
    minutes: float | None = None,
) -> str:
    """Train; returns what was said."""
    said = StringIO()
    train_run(
        root,
        run,
        config,
        steps=steps,
        device="cpu",
        threads=1,
        console=Console(file=said, width=200),
        start_from=start_from,
        minutes=minutes,
    )
    return said.getvalue()


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


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
    export_run(run, folder, version="0.3.0", calibrate=None, untrained=False)
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


def assert_refused(run: Path, error: type[Exception], refused: Callable[[], object]) -> None:
    """`refused` ends in `error`, and leaves the run as it was."""
    before = contents(run)
    with pytest.raises(error):
        refused()
    assert contents(run) == before


def test_a_run_refused_for_its_config_leaves_the_folder_as_it_was(
    run: Path, songs_root: Path, config: Path, tmp_path: Path
) -> None:
    more = Path(shutil.copytree(songs_root, tmp_path / "more songs"))
    write_song(more / "another", 9)
    assert_refused(run, OtherConfigError, lambda: train(more, run, config, steps=3))


def test_a_run_refused_for_its_songs_leaves_the_folder_as_it_was(
    run: Path, config: Path, tmp_path: Path
) -> None:
    names = (f"{name}/{part}.wav" for name in "abc" for part in ("bass", "keys"))
    others = touch(tmp_path / "others", *names)
    assert_refused(run, OtherSongsError, lambda: train(others, run, config, steps=2))


def test_a_run_refused_for_its_start_leaves_the_folder_as_it_was(
    run: Path, songs_root: Path, config: Path
) -> None:
    assert_refused(run, OtherStartError, lambda: train(songs_root, run, config, steps=2, start_from=run))


def test_a_network_without_its_training_is_not_trained_over(
    run: Path, songs_root: Path, config: Path, tmp_path: Path
) -> None:
    unpacked = tmp_path / "shipped"
    shutil.copytree(run / "best", unpacked / "best")
    before = contents(unpacked)
    with pytest.raises(NothingToGoOnWithError, match="--from"):
        train(songs_root, unpacked, config, steps=2)
    assert contents(unpacked) == before


def test_training_says_how_many_songs_are_learned_from_and_held_out(
    run: Path, songs_root: Path, config: Path, tmp_path: Path
) -> None:
    copied = Path(shutil.copytree(run, tmp_path / "run"))
    said = train(songs_root, copied, config, steps=2)
    assert "Songs to learn from: 4; held out, to choose the best checkpoint and to calibrate: 2." in said
    assert "--calibrate" not in said


def test_training_says_which_songs_it_leaves_out_and_that_too_few_are_held_out(
    config: Path, tmp_path: Path
) -> None:
    names = names_of_side(held_out=False, share=HELD_OUT)
    for number in range(2):
        write_song(tmp_path / "songs" / next(names), number, seconds=10)
    write_song(tmp_path / "songs" / "train" / "one", 2, seconds=10)
    for name in ("two", "three"):
        touch(tmp_path / "songs" / "test" / name, "drums.wav", "bass.wav")
    said = train(tmp_path / "songs", tmp_path / "run", config, steps=1)
    assert "Songs to learn from: 3" in said
    assert "Left out: 2 in the data set's own test folder." in said
    assert "Too few are held out to calibrate on: `model export` will need --calibrate SONGS." in said
    card = json.loads((tmp_path / "run" / DATA_CARD).read_text())
    assert sum(one["songs"] for one in card["training"]) == 3
    assert card["validation"] == []


def test_an_exported_run_is_its_best_checkpoint(run: Path, exported: Path) -> None:
    assert check_parity(rounded(load_network(run / "best")).eval(), exported) < 1e-4
    card = read_card(exported)
    assert (card.name, card.version) == ("tiny", "0.3.0")
    assert card.training["step"] == load_progress(run / "best").step


def test_an_exported_run_can_be_calibrated_on_other_songs(run: Path, tmp_path: Path) -> None:
    for number in range(3):
        write_song(tmp_path / "others" / f"other {number}", number)
    card = export_run(run, tmp_path / "out", version="1", calibrate=tmp_path / "others", untrained=False)
    assert card.calibration.pairs == 2 * 3 * 3  # both kinds, three songs, three types


def test_a_card_tells_the_data_and_not_where_they_lay(exported: Path, songs_root: Path) -> None:
    data = read_card(exported).training["data"]
    assert set(data) == {"training", "validation"}
    assert str(songs_root) not in (exported / "card.json").read_text()


def test_networks_of_several_runs_answer_together(run: Path, songs_root: Path, tmp_path: Path) -> None:
    card = export_run(run, tmp_path / "both", version="0.3.0", calibrate=None, untrained=False, beside=[run])
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
    card = export_run(copied, tmp_path / "out", version="1", calibrate=None, untrained=False, last=True)
    assert card.training["step"] == 4
    assert check_parity(rounded(load_network(copied / "last")).eval(), tmp_path / "out") < 1e-4
    with pytest.raises(ParityError):
        check_parity(rounded(load_network(copied / "best")).eval(), tmp_path / "out")


def test_vectors_can_be_shortened(run: Path, songs_root: Path, tmp_path: Path) -> None:
    card = export_run(run, tmp_path / "short", version="1", calibrate=None, untrained=False, dimension=8)
    assert card.dimension == 8
    assert 0.5 < card.training["kept_by_shortening"] <= 1.0
    embedder = Embedder.open(tmp_path / "short")
    vectors = embedder.embed_stems(noise(0, 2 * WINDOW_SAMPLES).reshape(2, -1))
    assert vectors.shape == (2, 8)
    assert embedder.guess_type is not None
    assert embedder.guess_type.weights.shape[0] == 8


def test_vectors_cannot_be_made_longer(run: Path, songs_root: Path, tmp_path: Path) -> None:
    with pytest.raises(TooFewVectorsError, match="100000 numbers a vector were asked for"):
        export_run(run, tmp_path / "long", version="1", calibrate=None, untrained=False, dimension=100_000)
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
    with pytest.raises(NoCheckpointError, match=r"it was not validated yet\. .*export with --last"):
        export_run(copied, tmp_path / "out", version="1", calibrate=None, untrained=False)
    shutil.rmtree(copied / "last")
    with pytest.raises(NoCheckpointError, match="holds no checkpoint"):
        export_run(copied, tmp_path / "out", version="1", calibrate=None, untrained=False)


@pytest.mark.parametrize("place", [".", "..", "best"], ids=["the run", "what holds it", "a part of it"])
def test_a_release_does_not_replace_the_run_that_it_is_made_from(
    run: Path, tmp_path: Path, place: str
) -> None:
    copied = Path(shutil.copytree(run, tmp_path / "runs" / "first"))
    (copied.parent / "card.json").touch()  # as if it were a release
    before = contents(copied)
    with pytest.raises(OccupiedFolderError, match=r"Choose another --out"):
        export_run(copied, copied / place, version="1", calibrate=None, untrained=False)
    assert contents(copied) == before


def test_a_release_does_not_replace_a_run_beside_it(run: Path, tmp_path: Path) -> None:
    beside = Path(shutil.copytree(run, tmp_path / "second"))
    with pytest.raises(OccupiedFolderError, match=r"would replace .*second"):
        export_run(run, beside, version="1", calibrate=None, untrained=False, beside=[beside])
    assert contents(beside) == contents(run)


@pytest.mark.parametrize("held_out", [0, 1])
def test_an_export_without_songs_to_calibrate_on_ends_before_any_is_read(
    run: Path, tmp_path: Path, held_out: int
) -> None:
    copied = Path(shutil.copytree(run, tmp_path / "run"))
    learned, validation = (names_of_side(held_out=side, share=HELD_OUT) for side in (False, True))
    names = [*(next(learned) for _ in range(3)), *(next(validation) for _ in range(held_out))]
    unreadable = touch(
        tmp_path / "songs", *(f"{name}/{part}.wav" for name in names for part in ("bass", "keys"))
    )
    (copied / DATA_CARD).write_text(json.dumps({"root": str(unreadable), "training": [], "validation": []}))
    with pytest.raises(TooFewSongsError, match="--calibrate SONGS"):
        export_run(copied, tmp_path / "out", version="1", calibrate=None, untrained=False)
    assert not (tmp_path / "out").exists()


def test_an_export_calibrates_on_nothing_of_a_data_sets_own_test_folder(run: Path, tmp_path: Path) -> None:
    copied = Path(shutil.copytree(run, tmp_path / "run"))
    names = ["train/a", *(f"test/{number}" for number in range(60))]  # some of which would be held out
    root = touch(tmp_path / "songs", *(f"{name}/{part}.wav" for name in names for part in ("bass", "drums")))
    (copied / DATA_CARD).write_text(json.dumps({"root": str(root), "training": [], "validation": []}))
    with pytest.raises(TooFewSongsError):
        export_run(copied, tmp_path / "out", version="1", calibrate=None, untrained=False)


def test_a_run_can_begin_with_anothers_network_and_its_card_says_so(
    songs_root: Path, run: Path, config: Path, tmp_path: Path
) -> None:
    train(songs_root, tmp_path / "next", config, steps=1, start_from=run)
    card = json.loads((tmp_path / "next" / DATA_CARD).read_text())
    assert card["started_from"]["training"] == json.loads((run / DATA_CARD).read_text())["training"]
    assert (card["started_from"]["step"], card["started_from"]["batch"]) == (2, 2)
    assert not {"root", "names"} & set(card["started_from"])
    train(songs_root, tmp_path / "next", config, steps=1)
    assert json.loads((tmp_path / "next" / DATA_CARD).read_text()) == card


def test_a_run_whose_minutes_are_over_is_saved_and_goes_on(
    songs_root: Path, config: Path, tmp_path: Path
) -> None:
    slice_of = tmp_path / "run"
    said = train(songs_root, slice_of, config, steps=3, minutes=1e-9)
    assert "1 of 3 steps done, 0 minutes; not validated yet in" in said
    assert load_progress(slice_of / "last").step == 1
    said = train(songs_root, slice_of, config, steps=3)
    assert "3 of 3 steps done, 0 minutes; best at step 3 in" in said
    assert load_progress(slice_of / "last").step == 3


def test_an_export_calibrates_on_nothing_that_was_learned_from(
    run: Path, songs_root: Path, tmp_path: Path
) -> None:
    """Someone has changed the manifest since, and with it what is held out."""
    with pytest.raises(OtherSongsError, match="has learned from"):
        export_run(run, tmp_path / "out", version="1", calibrate=songs_root, untrained=False)
    other = Path(shutil.copytree(run, tmp_path / "other"))
    data = json.loads((other / DATA_CARD).read_text())
    data["names"]["training"] += data["names"]["validation"]
    (other / DATA_CARD).write_text(json.dumps(data))
    with pytest.raises(OtherSongsError, match="other has learned from"):
        export_run(run, tmp_path / "out", version="1", calibrate=None, untrained=False, beside=[other])
    assert not (tmp_path / "out").exists()


def test_two_processes_do_not_train_in_one_folder(run: Path, songs_root: Path, config: Path) -> None:
    with lock_run(run):
        assert_refused(run, RunBusyError, lambda: train(songs_root, run, config, steps=2))
    train(songs_root, run, config, steps=2)
