"""Checkpoints: whole or not at all, and everything that a run needs to go on."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest
import torch

from model.checkpoint import (
    NoCheckpointError,
    Progress,
    has_checkpoint,
    load_network,
    load_progress,
    load_training,
    save_checkpoint,
)
from model.jepa import Jepa
from tests.model.configs import tiny

KILLED = -9


def network(seed: int = 0) -> Jepa:
    torch.manual_seed(seed)
    return Jepa(tiny())


def optimiser_of(jepa: Jepa) -> torch.optim.Optimizer:
    return torch.optim.AdamW([one for one in jepa.parameters() if one.requires_grad], lr=1e-2)


def learn(jepa: Jepa, optimiser: torch.optim.Optimizer) -> None:
    """Any step will do."""
    total = torch.stack([one.square().sum() for one in jepa.parameters() if one.requires_grad]).sum()
    optimiser.zero_grad()
    total.backward()  # type: ignore[no-untyped-call]  # PyTorch leaves it untyped
    optimiser.step()


def save(folder: Path, step: int, seed: int = 0) -> Jepa:
    jepa = network(seed)
    save_checkpoint(folder, jepa, optimiser_of(jepa), Progress(step, 0.25, step - 1))
    return jepa


def have_equal_weights(one: Jepa, other: Jepa) -> bool:
    return all(map(torch.equal, one.state_dict().values(), other.state_dict().values()))


def test_a_network_comes_back_as_it_was(tmp_path: Path) -> None:
    saved = save(tmp_path / "last", 3, seed=5)
    loaded = load_network(tmp_path / "last")
    assert loaded.config == saved.config
    assert have_equal_weights(loaded, saved)


def test_progress_comes_back_as_it_was(tmp_path: Path) -> None:
    save(tmp_path / "last", 3)
    assert load_progress(tmp_path / "last") == Progress(step=3, best_score=0.25, best_step=2)


def test_a_run_that_never_validated_can_be_saved(tmp_path: Path) -> None:
    jepa = network()
    save_checkpoint(tmp_path / "last", jepa, optimiser_of(jepa), Progress(1, float("-inf"), 0))
    assert load_progress(tmp_path / "last").best_score == float("-inf")


def test_the_optimiser_goes_on_as_if_nothing_had_happened(tmp_path: Path) -> None:
    jepa = network()
    optimiser = optimiser_of(jepa)
    learn(jepa, optimiser)
    save_checkpoint(tmp_path / "last", jepa, optimiser, Progress(1, 0.0, 0))
    loaded = load_network(tmp_path / "last")
    resumed = optimiser_of(loaded)
    load_training(tmp_path / "last", resumed)
    learn(jepa, optimiser)
    learn(loaded, resumed)
    assert have_equal_weights(loaded, jepa)


def test_randomness_goes_on_as_if_nothing_had_happened(tmp_path: Path) -> None:
    save(tmp_path / "last", 1)
    expected = torch.rand(3)
    torch.manual_seed(99)
    load_training(tmp_path / "last", optimiser_of(network()))
    assert torch.equal(torch.rand(3), expected)


def test_a_new_checkpoint_replaces_the_old_one(tmp_path: Path) -> None:
    save(tmp_path / "last", 1)
    save(tmp_path / "last", 2, seed=1)
    assert load_progress(tmp_path / "last").step == 2
    assert have_equal_weights(load_network(tmp_path / "last"), network(1))
    assert [path.name for path in tmp_path.iterdir()] == ["last"]


def test_a_folder_without_a_checkpoint_is_refused_with_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(NoCheckpointError, match=r"holds no checkpoint\. Train one: counterpart model train"):
        load_network(tmp_path / "last")
    assert not has_checkpoint(tmp_path / "last")


def test_an_empty_folder_is_no_checkpoint_and_no_fresh_start(tmp_path: Path) -> None:
    (tmp_path / "last").mkdir()
    assert has_checkpoint(tmp_path / "last")
    with pytest.raises(NoCheckpointError, match="holds no checkpoint"):
        load_network(tmp_path / "last")


@pytest.mark.parametrize("content", [b"", b"torn", b"PK\x03\x04 torn"])
def test_damaged_weights_are_refused(tmp_path: Path, content: bytes) -> None:
    save(tmp_path / "last", 1)
    (tmp_path / "last" / "weights.pt").write_bytes(content)
    with pytest.raises(NoCheckpointError, match=r"weights\.pt cannot be read"):
        load_network(tmp_path / "last")


@pytest.mark.parametrize("name", ["weights.pt", "training.pt"])
def test_a_missing_file_is_refused(tmp_path: Path, name: str) -> None:
    save(tmp_path / "last", 1)
    (tmp_path / "last" / name).unlink()
    with pytest.raises(NoCheckpointError, match=f"{name} cannot be read"):
        load_training(tmp_path / "last", optimiser_of(load_network(tmp_path / "last")))


def test_a_kill_between_the_two_renames_leaves_the_old_checkpoint(tmp_path: Path) -> None:
    saved = save(tmp_path / "last", 1)
    (tmp_path / "last").rename(tmp_path / "last.previous")
    assert has_checkpoint(tmp_path / "last")
    assert load_progress(tmp_path / "last").step == 1
    assert have_equal_weights(load_network(tmp_path / "last"), saved)


def test_a_kill_while_writing_leaves_the_old_checkpoint(tmp_path: Path) -> None:
    save(tmp_path / "last", 1)
    (tmp_path / "last.partial").mkdir()
    (tmp_path / "last.partial" / "config.json").write_text("{")
    assert load_progress(tmp_path / "last").step == 1
    save(tmp_path / "last", 2)
    assert load_progress(tmp_path / "last").step == 2


def test_two_kills_in_a_row_leave_a_checkpoint(tmp_path: Path) -> None:
    """The first falls between the renames; the second just before the run's next checkpoint has its name."""
    save(tmp_path / "last", 1)
    for step in (2, 3):
        assert save_until_killed(tmp_path / "last", step) == KILLED
        assert load_progress(tmp_path / "last").step == 1


def save_until_killed(folder: Path, step: int) -> int:
    """Save in a process that is killed as it renames the written checkpoint; its exit status."""
    script = dedent(f"""
        import os, signal, sys
        from pathlib import Path
        from tests.model.test_checkpoint import save

        def kill(event, arguments):
            if event == "os.rename" and str(arguments[0]).endswith(".partial"):
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(kill)
        save(Path({str(folder)!r}), {step})
    """)
    return subprocess.run([sys.executable, "-c", script], check=False, timeout=300).returncode  # noqa: S603 - our own


def test_a_checkpoint_of_another_network_is_told_by_its_config(tmp_path: Path) -> None:
    jepa = Jepa(replace(tiny(), name="other"))
    save_checkpoint(tmp_path / "last", jepa, optimiser_of(jepa), Progress(1, 0.0, 0))
    assert load_network(tmp_path / "last").config.name == "other"
