"""Builds are published while requests come in: none is dropped, and none mixes two builds."""

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from audio.stems import StemType
from library.builds import BUILDS
from library.garbage import remove_old_builds
from library.index_building import build_index
from library.index_kinds import plan_index
from library.publishing import NewBuild, publish_build
from library.search import search_stems
from library.vector_ids import pack_ids
from service.current_build import CurrentBuild
from tests.fakes import FakeQueries
from tests.library.test_builds import CREATED, MODEL
from tests.library.test_index import DIMENSION, unit_vectors

STEMS = 20
BUILDS_PUBLISHED = 12
TYPES = (StemType.BASS, StemType.DRUMS)


def publish(data: Path, generation: int) -> None:
    """A build in which every stem's number tells the build: 300, 301 and so on in generation 3."""
    numbers = 100 * generation + np.arange(STEMS)
    ids = np.concatenate([pack_ids(int(number), np.arange(2)) for number in numbers])
    build = NewBuild(
        model_id=MODEL,
        dimension=DIMENSION,
        window_seconds=8.0,
        hop_seconds=4.0,
        query_hop_seconds=0.5,
        created=CREATED.replace(minute=generation),
        contents=f"{generation:010}",
        indexes={
            each: build_index(plan_index(len(ids), DIMENSION), ids, unit_vectors(len(ids), seed=generation))
            for each in TYPES
        },
    )
    publish_build(data, build)
    remove_old_builds(data)


def ask_until(stop: threading.Event, current: CurrentBuild, answers: list[list[int]]) -> None:
    """Ask both types of one build, as a request does, again and again."""
    queries = FakeQueries(unit_vectors(3), np.arange(3, dtype=np.float64) * 0.5)
    while not stop.is_set():
        indexes = current.indexes()
        hits = [search_stems(indexes, each, queries, STEMS) for each in TYPES]
        answers.append([hit.number for some in hits for hit in some])


def run_thread(work: Callable[[], None], failures: list[Exception]) -> threading.Thread:
    """Start a thread that does `work`; what goes wrong in it is put into `failures`."""

    def guarded() -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
            failures.append(error)

    thread = threading.Thread(target=guarded, daemon=True)
    thread.start()
    return thread


def test_no_answer_is_dropped_or_mixed_while_builds_are_published(tmp_path: Path) -> None:
    publish(tmp_path, 0)
    stop, answers = threading.Event(), list[list[int]]()
    # Several services over one folder: each notices and opens every build by itself.
    services = [CurrentBuild(tmp_path, MODEL) for _ in range(2)]
    failures: list[Exception] = []
    threads = [run_thread(partial(ask_until, stop, each, answers), failures) for each in 2 * services]
    for generation in range(1, BUILDS_PUBLISHED + 1):
        publish(tmp_path, generation)
    while not failures and (not answers or answers[-1][0] // 100 != BUILDS_PUBLISHED):
        stop.wait(0.01)
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert all(len(answer) == 2 * STEMS for answer in answers)
    assert all(len({number // 100 for number in answer}) == 1 for answer in answers)
    assert len({answer[0] // 100 for answer in answers}) > 1
    assert len(list((tmp_path / BUILDS).iterdir())) == 2
