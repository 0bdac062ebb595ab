"""The build that requests see: found when it appears, swapped when it changes, kept if the new one is bad."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from audio.stems import StemType
from library.builds import BUILDS, CURRENT, DamagedBuildError, NoBuildError, WrongModelError
from library.manifest import MANIFEST_FILE
from service.current_build import CurrentBuild
from tests.fakes import FakeCard
from tests.service.conftest import index
from tests.songs import stem_waveform, write_stem

MODEL = FakeCard().id


def add_song(stems: Path, data: Path) -> None:
    """Publish another build."""
    write_stem(stems / "song-09" / "bass.wav", stem_waveform(9, StemType.BASS, 8))
    index(stems, data)


def manifest_of_current(data: Path) -> Path:
    return (data / CURRENT).resolve() / MANIFEST_FILE


def give_to_another_model(manifest: Path) -> None:
    manifest.write_text(manifest.read_text().replace(MODEL, "other-2-ffffffff"))


def test_before_the_first_build_there_is_none(tmp_path: Path) -> None:
    build = CurrentBuild(tmp_path, MODEL)
    with pytest.raises(NoBuildError, match="counterpart index PATH"):
        build.indexes()
    assert build.build_id() is None


def test_the_first_build_is_found_when_it_appears(tmp_path: Path, own_stems: Path) -> None:
    build = CurrentBuild(tmp_path / "new", MODEL)
    assert build.build_id() is None
    index(own_stems, tmp_path / "new")
    assert build.indexes().manifest.stems == 12


def test_a_build_is_opened_once(own_data: Path) -> None:
    build = CurrentBuild(own_data, MODEL)
    assert build.indexes() is build.indexes()


def test_another_build_is_swapped_in_and_the_old_one_still_works(own_data: Path, own_stems: Path) -> None:
    build = CurrentBuild(own_data, MODEL)
    old = build.indexes()
    add_song(own_stems, own_data)
    new = build.indexes()
    assert (old.manifest.stems, new.manifest.stems) == (12, 13)
    assert old.index(StemType.BASS) is not None


def test_a_build_of_another_model_is_refused(own_data: Path) -> None:
    give_to_another_model(manifest_of_current(own_data))
    with pytest.raises(WrongModelError, match="other-2-ffffffff"):
        CurrentBuild(own_data, MODEL).indexes()


def test_a_refused_build_is_not_read_again_for_every_request(own_data: Path) -> None:
    manifest = manifest_of_current(own_data)
    give_to_another_model(manifest)
    build = CurrentBuild(own_data, MODEL)
    for _ in range(3):
        with pytest.raises(WrongModelError, match="other-2-ffffffff"):
            build.indexes()
        manifest.unlink(missing_ok=True)


def test_a_damaged_new_build_leaves_the_old_one_in_use(
    own_data: Path, own_stems: Path, caplog: pytest.LogCaptureFixture
) -> None:
    build = CurrentBuild(own_data, MODEL)
    old = build.indexes()
    add_song(own_stems, own_data)
    manifest_of_current(own_data).write_text("{}")
    with caplog.at_level(logging.ERROR):
        assert build.indexes() is old
        assert build.indexes() is old
    assert len(caplog.records) == 1


def test_the_build_after_a_damaged_one_is_taken(own_data: Path, own_stems: Path) -> None:
    manifest = manifest_of_current(own_data)
    whole = manifest.read_text()
    manifest.write_text("{}")
    build = CurrentBuild(own_data, MODEL)
    with pytest.raises(DamagedBuildError):
        build.indexes()
    manifest.write_text(whole)
    add_song(own_stems, own_data)
    assert build.indexes().manifest.stems == 13


def test_a_build_that_the_system_refused_is_tried_again_after_a_minute(
    own_data: Path, own_stems: Path, caplog: pytest.LogCaptureFixture
) -> None:
    seconds = [0.0]
    build = CurrentBuild(own_data, MODEL, clock=lambda: seconds[0])
    old = build.indexes()
    add_song(own_stems, own_data)
    with away(manifest_of_current(own_data).with_name("bass.faiss")):
        assert build.indexes() is old
    seconds[0] = 59.0
    assert build.indexes() is old
    assert [record.levelname for record in caplog.records].count("ERROR") == 1
    seconds[0] = 60.0
    assert build.indexes().manifest.stems == 13


def test_the_first_build_is_tried_again_as_well(own_data: Path) -> None:
    seconds = [0.0]
    build = CurrentBuild(own_data, MODEL, clock=lambda: seconds[0])
    with away(manifest_of_current(own_data)):
        assert build.build_id() is None
    assert build.build_id() is None
    seconds[0] = 60.0
    assert build.build_id() is not None


def test_what_the_files_are_does_not_pass(own_data: Path, own_stems: Path) -> None:
    seconds = [0.0]
    build = CurrentBuild(own_data, MODEL, clock=lambda: seconds[0])
    old = build.indexes()
    add_song(own_stems, own_data)
    manifest = manifest_of_current(own_data)
    whole = manifest.read_text()
    manifest.write_text("{}")
    assert build.indexes() is old
    manifest.write_text(whole)
    seconds[0] = 1e9
    assert build.indexes() is old


@contextmanager
def away(path: Path) -> Iterator[None]:
    """Without the file `path`, as where its server does not answer."""
    hidden = path.rename(path.with_suffix(".away"))
    yield
    hidden.rename(path)


def test_a_vanished_link_leaves_the_build_in_use(own_data: Path) -> None:
    build = CurrentBuild(own_data, MODEL)
    old = build.indexes()
    (own_data / CURRENT).unlink()
    assert build.indexes() is old


def test_many_threads_see_one_build(own_data: Path, own_stems: Path) -> None:
    build = CurrentBuild(own_data, MODEL)
    barrier = threading.Barrier(8)
    seen = []

    def look() -> None:
        barrier.wait()
        seen.append(build.indexes())

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 8
    assert all(each is seen[0] for each in seen)
    assert len(list((own_data / BUILDS).iterdir())) == 1
