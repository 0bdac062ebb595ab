"""Songs in, tables out, through exported graphs."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from model.card import BrokenModelError
from model.evaluation_run import NoQueriesError, evaluate_folders
from model.retrieval import Protocols
from model.songs import NoSongsError
from tests.model.multitracks import write_song, write_wav

ONE_EACH = Protocols(per_song=1)


def evaluate(root: Path, *releases: Path, cache: Path, json_path: Path | None = None) -> list[int]:
    console = Console(quiet=True)
    evaluations = evaluate_folders(
        root, releases, ONE_EACH, json_path=json_path, cache=cache, console=console
    )
    return [len(one.results) for one in evaluations]


def test_every_stem_of_every_song_is_asked_for(songs_root: Path, release: Path, tmp_path: Path) -> None:
    assert evaluate(songs_root, release, cache=tmp_path) == [6 * 3]


def test_releases_are_compared_on_the_same_queries(
    songs_root: Path, release: Path, vit_release: Path, tmp_path: Path
) -> None:
    path = tmp_path / "report.json"
    assert evaluate(songs_root, release, vit_release, cache=tmp_path, json_path=path) == [18, 18]
    labels = list(json.loads(path.read_text())["models"])
    assert labels[0].startswith("tiny (tiny-1.2.3-")
    assert labels[1].startswith("vit (small-vit-1.0.0-")


def test_a_folder_without_songs_is_refused(release: Path, tmp_path: Path) -> None:
    with pytest.raises(NoSongsError):
        evaluate(tmp_path, release, cache=tmp_path)


def test_a_folder_without_a_release_is_refused(songs_root: Path, tmp_path: Path) -> None:
    with pytest.raises(BrokenModelError, match=r"holds no model: card\.json is missing"):
        evaluate(songs_root, tmp_path, cache=tmp_path)


def test_a_single_song_gives_nothing_to_ask(release: Path, tmp_path: Path) -> None:
    write_song(tmp_path / "songs" / "only", 0)
    with pytest.raises(NoQueriesError, match=r"Nothing can be asked of .* two songs that share a stem type"):
        evaluate(tmp_path / "songs", release, cache=tmp_path)


def test_silent_songs_give_nothing_to_ask(release: Path, tmp_path: Path) -> None:
    for name in ("a/bass", "a/keys", "b/bass", "b/keys"):
        write_wav(tmp_path / f"{name}.wav", np.zeros(160_000, np.float32))
    with pytest.raises(NoQueriesError):
        evaluate(tmp_path, release, cache=tmp_path)


def test_evaluating_needs_no_pytorch() -> None:
    script = "import sys, model.evaluation_run; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False, timeout=300).returncode == 0  # noqa: S603 - our own
