"""A build is published whole or not at all, and opened only if it is what was published."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from audio.stems import StemType
from library.builds import (
    DamagedBuildError,
    NoBuildError,
    StemIndexes,
    WrongModelError,
    current_folder,
    current_manifest,
    open_current,
)
from library.durable import TEMPORARY_SUFFIX
from library.index_building import build_index
from library.index_gpu import NoGpuError, count_gpus
from library.index_kinds import plan_index, plan_quantised
from library.manifest import Manifest, ManifestError
from library.publishing import NewBuild, publish_build, remove_unfinished_builds
from library.vector_ids import pack_ids
from tests.library.test_index import DIMENSION, unit_vectors

MODEL = "fake-1-00000000"
CREATED = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def make_build(windows: int = 6, contents: str = "abcdef0123") -> NewBuild:
    ids = np.concatenate([pack_ids(3, np.arange(2)), pack_ids(8, np.arange(windows - 2))])
    built = build_index(plan_index(windows, DIMENSION), ids, unit_vectors(windows))
    return NewBuild(
        model_id=MODEL,
        dimension=DIMENSION,
        window_seconds=8.0,
        hop_seconds=8.0,
        query_hop_seconds=0.5,
        created=CREATED,
        contents=contents,
        indexes={StemType.BASS: built},
    )


def test_a_published_build_is_the_current_one(tmp_path: Path) -> None:
    manifest = publish_build(tmp_path, make_build())
    indexes = open_current(tmp_path, MODEL)
    assert indexes.build == manifest.build == "20261123T120000-abcdef01"
    assert indexes.manifest == manifest
    assert (indexes.types[StemType.BASS].stems, indexes.types[StemType.BASS].vectors) == (2, 6)


def test_an_open_build_answers(tmp_path: Path) -> None:
    publish_build(tmp_path, make_build())
    indexes = open_current(tmp_path, MODEL)
    assert indexes.search(StemType.BASS, unit_vectors(6)[[4]], 1).ids.tolist() == [(8 << 20) + 2]
    assert len(indexes.search(StemType.DRUMS, unit_vectors(1), 1)) == 0


def test_a_closed_build_finds_nothing(tmp_path: Path) -> None:
    publish_build(tmp_path, make_build())
    indexes = open_current(tmp_path, MODEL)
    indexes.close()
    assert len(indexes.search(StemType.BASS, unit_vectors(1), 1)) == 0


def test_an_open_build_outlives_the_next_publication(tmp_path: Path) -> None:
    publish_build(tmp_path, make_build(windows=6))
    folder = current_folder(tmp_path)
    publish_build(tmp_path, make_build(windows=3, contents="0123456789"))
    assert len(StemIndexes.open(folder).index(StemType.BASS) or ()) == 6
    assert len(open_current(tmp_path, MODEL).index(StemType.BASS) or ()) == 3


def test_builds_of_the_same_second_have_different_names(tmp_path: Path) -> None:
    names = {publish_build(tmp_path, make_build()).build for _ in range(3)}
    assert len(names) == 3


def test_a_build_without_stems_can_be_published(tmp_path: Path) -> None:
    publish_build(tmp_path, replace(make_build(), indexes={}))
    assert open_current(tmp_path, MODEL).types == {}


def test_no_build_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(NoBuildError, match="counterpart index PATH"):
        open_current(tmp_path, MODEL)
    assert current_manifest(tmp_path) is None


def test_a_build_of_another_model_is_refused(tmp_path: Path) -> None:
    publish_build(tmp_path, make_build())
    with pytest.raises(
        WrongModelError, match=rf"{MODEL}, but .* other-1-11111111.*counterpart index rebuild"
    ):
        open_current(tmp_path, "other-1-11111111")


def test_another_model_is_noticed_before_a_large_index_is_read(tmp_path: Path) -> None:
    publish_build(tmp_path, make_build())
    (tmp_path / "current" / "bass.faiss").unlink()
    with pytest.raises(WrongModelError):
        open_current(tmp_path, "other-1-11111111")


def test_a_changed_index_is_refused(tmp_path: Path) -> None:
    publish_build(tmp_path, make_build())
    path = tmp_path / "current" / "bass.faiss"
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(DamagedBuildError, match=r"checksum of bass\.faiss"):
        open_current(tmp_path, MODEL)


def test_a_missing_index_is_refused(tmp_path: Path) -> None:
    publish_build(tmp_path, make_build())
    (tmp_path / "current" / "bass.faiss").unlink()
    with pytest.raises(DamagedBuildError, match="counterpart index rebuild"):
        open_current(tmp_path, MODEL)


def test_what_the_system_refuses_may_pass_and_what_the_files_are_does_not(tmp_path: Path) -> None:
    publish_build(tmp_path, make_build())
    for name in ("bass.faiss", "manifest.json"):
        path = tmp_path / "current" / name
        path.rename(tmp_path / name)
        path.mkdir()  # opening it is an OSError, as it is without a file descriptor to spare
        assert may_pass(tmp_path) is True
        path.rmdir()
        path.write_bytes((tmp_path / name).read_bytes()[:-1] + b"?")
        assert may_pass(tmp_path) is False
        (tmp_path / name).replace(path)
    assert open_current(tmp_path, MODEL).manifest.stems == 2


def may_pass(data: Path) -> bool:
    """What is said of a build that cannot be opened."""
    with pytest.raises(DamagedBuildError, match="counterpart index rebuild") as refusal:
        open_current(data, MODEL)
    return refusal.value.may_pass


def test_a_link_to_nowhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "current").symlink_to("builds/none")
    with pytest.raises(DamagedBuildError, match="missing"):
        open_current(tmp_path, MODEL)
    assert current_manifest(tmp_path) is None


def test_a_manifest_that_promises_other_counts_is_refused(tmp_path: Path) -> None:
    publish_build(tmp_path, make_build())
    path = tmp_path / "current" / "manifest.json"
    fields = json.loads(path.read_text())
    fields["dimension"] = 5
    path.write_text(json.dumps(fields))
    with pytest.raises(DamagedBuildError, match="6 x 5"):
        open_current(tmp_path, MODEL)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"types": {"violin": {}}}', '{"types": 1}'])
def test_what_is_no_manifest_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(ManifestError, match="not a build's manifest"):
        Manifest.read(tmp_path)


def test_a_manifest_comes_back_from_its_text(tmp_path: Path) -> None:
    manifest = publish_build(tmp_path, make_build())
    (tmp_path / "manifest.json").write_text(manifest.to_json())
    assert Manifest.read(tmp_path) == manifest
    assert (manifest.stems, manifest.vectors) == (2, 6)


def test_a_build_that_a_kill_left_unfinished_is_not_published_and_can_be_cleared_away(tmp_path: Path) -> None:
    manifest = publish_build(tmp_path, make_build())
    unfinished = tmp_path / "builds" / f"20261123T120001-abcdef01{TEMPORARY_SUFFIX}"
    unfinished.mkdir()
    (unfinished / "bass.faiss").write_bytes(b"half")
    remove_unfinished_builds(tmp_path)
    assert not unfinished.exists()
    assert open_current(tmp_path, MODEL).build == manifest.build


def test_the_manifest_tells_kind_size_and_measured_recall(tmp_path: Path) -> None:
    vectors = unit_vectors(400)
    built = build_index(plan_quantised(DIMENSION, lists=1), np.arange(400), vectors)
    manifest = publish_build(tmp_path, replace(make_build(), indexes={StemType.KEYS: built}))
    indexed = manifest.types[StemType.KEYS]
    assert indexed.kind == built.index.kind
    assert indexed.bytes == (tmp_path / "current" / "keys.faiss").stat().st_size
    assert (indexed.recall, indexed.recall_queries) == (built.measured.recall, built.measured.queries)
    assert indexed.recall > 0.9
    assert indexed.recall_queries > 0


def test_an_exact_index_has_nothing_to_measure(tmp_path: Path) -> None:
    indexed = publish_build(tmp_path, make_build()).types[StemType.BASS]
    assert (indexed.kind, indexed.recall, indexed.recall_queries) == ("flat", 1.0, 0)


def test_a_build_that_is_deleted_while_it_is_opened_gives_way_to_the_current_one(tmp_path: Path) -> None:
    old = publish_build(tmp_path, make_build())
    new = publish_build(tmp_path, make_build(contents="0123456789"))

    class LinkThatMoves(type(tmp_path)):  # type: ignore[misc]
        """A data folder whose link points at the old build, which is gone, when it is first looked at."""

        looks = 0

        def __truediv__(self, name: str) -> Path:
            path: Path = super().__truediv__(name)
            if name == "current":
                LinkThatMoves.looks += 1
                path.unlink()
                path.symlink_to(Path("builds") / (old.build if LinkThatMoves.looks == 1 else new.build))
            return path

    (tmp_path / "builds" / old.build / "bass.faiss").unlink()
    assert open_current(LinkThatMoves(tmp_path), MODEL).build == new.build


def test_a_damaged_current_build_is_not_tried_for_ever(tmp_path: Path) -> None:
    publish_build(tmp_path, make_build())
    (tmp_path / "current" / "manifest.json").write_text("{}")
    with pytest.raises(DamagedBuildError):
        open_current(tmp_path, MODEL)


if not count_gpus():

    def test_a_build_is_not_opened_on_a_gpu_that_is_not_there(tmp_path: Path) -> None:
        publish_build(tmp_path, make_build())
        with pytest.raises(NoGpuError, match="FAISS sees none here"):
            open_current(tmp_path, MODEL, "cuda")
