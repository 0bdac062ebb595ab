"""A run whose process is killed, and started again by the same command."""

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest
from rich.console import Console

from model.checkpoint import load_network, load_progress
from model.run import train_run
from tests.model.configs import short, write_toml
from tests.model.test_checkpoint import KILLED, have_equal_weights

STEPS, KILLED_AT = 7, 5


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_toml(
        tmp_path / "config.toml", short(steps=STEPS, batch=2, checkpoint_every=3, validate_every=100)
    )


def start(songs_root: Path, run: Path, config: Path, console: Console) -> None:
    train_run(songs_root, run, config, steps=None, device="cpu", threads=1, console=console)


def start_until_killed(songs_root: Path, run: Path, config: Path) -> int:
    """Train in a process that kills itself, unasked, in the midst of step `KILLED_AT`; its exit status."""
    script = dedent(f"""
        import os, signal, sys
        from pathlib import Path
        from rich.console import Console
        from tests.model.test_killed_run import start

        steps = 0

        def kill(event, arguments):
            global steps
            if event == "open" and str(arguments[0]).endswith("log.csv") and arguments[1] == "a":
                steps += 1
                if steps == {KILLED_AT}:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(kill)
        start(Path({str(songs_root)!r}), Path({str(run)!r}), Path({str(config)!r}), Console(quiet=True))
    """)
    return subprocess.run([sys.executable, "-c", script], check=False, timeout=300).returncode  # noqa: S603 - our own


def test_a_killed_run_ends_with_the_weights_of_one_that_was_not(
    tmp_path: Path, songs_root: Path, config: Path
) -> None:
    whole, killed, console = tmp_path / "whole", tmp_path / "killed", Console(quiet=True)
    start(songs_root, whole, config, console)
    assert start_until_killed(songs_root, killed, config) == KILLED
    assert load_progress(killed / "last").step == 3
    start(songs_root, killed, config, console)
    assert load_progress(killed / "last").step == STEPS
    assert have_equal_weights(load_network(killed / "last"), load_network(whole / "last"))
    losses = [
        [row for row in (run / "log.csv").read_text().split() if "loss" in row] for run in (killed, whole)
    ]
    assert losses[0] == losses[1]
