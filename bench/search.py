"""How fast, how exact and how large an index of a million vectors is.

    python bench/search.py --vectors 1000000
    python bench/search.py --vectors 10000000 --dimension 256

Wall time is what a request waits; processor time is what it costs, and does not grow when others keep the
machine busy. Both are also given as multiples of one matrix product of 1024³ on one thread, taken in between.
"""

import argparse
import resource
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import faiss
import numpy as np
from rich.console import Console
from rich.table import Table
from synthetic import WINDOWS_A_STEM, Library, Seed, describe, draw_queries

from audio.stems import StemType
from library.builds import StemIndexes
from library.index import StemIndex, Vectors
from library.index_building import BuiltIndex, IndexBuilder
from library.index_faiss import FaissIndex
from library.index_kinds import plan_index
from library.index_rows import StemNumbers
from library.manifest import Manifest
from library.search import search_stems
from library.vector_ids import WINDOW_BITS
from model.embedder import Embedder
from model.weights import shipped_weights

T = TypeVar("T")
ROUNDS = 15
PORTION = 65_536
DEMO = Path(__file__).resolve().parent.parent / "demo"


@dataclass(frozen=True)
class Taken:
    """Medians, in seconds."""

    wall: float
    processor: float


@dataclass(frozen=True)
class Queries:
    vectors: Vectors
    starts: np.ndarray


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vectors", type=int, default=1_000_000)
    parser.add_argument("--dimension", type=int, default=512)
    parser.add_argument("--threads", type=int, default=2, help="of building; a search takes one")
    parser.add_argument("--questions", type=int, default=128, help="for recall")
    parser.add_argument("--seed", type=Path, help="vectors to start from; made if it is not there")
    arguments = parser.parse_args()
    seed = read_seed(arguments.seed).shorten(arguments.dimension)
    library = Library(seed, arguments.vectors)
    queries = draw_queries(seed, max(arguments.questions, 320))
    console = Console()
    console.print(
        f"{arguments.vectors:,} x {arguments.dimension}: {describe(library.windows(0, PORTION), queries)}"
    )
    product = time_product()
    faiss.omp_set_num_threads(arguments.threads)
    built, building = build(library, arguments.dimension)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "index.faiss"
        built.index.save(path)
        size = path.stat().st_size
        index = FaissIndex.load(path)
        del built.index._filled  # noqa: SLF001 - only what was loaded is to be measured
        table = Table("", "wall", "processor", "× product", title=f"{index.kind}")
        add_row(table, "build", building, product)
        table.add_row("recall@10, by the manifest", f"{built.measured.recall:.4f}")
        measure(table, index, queries, product)
        recall = measure_recall(index, library, queries[: arguments.questions])
        table.add_row("recall@10, mixes' queries", f"{recall:.4f}")
        table.add_row("bytes a vector, on disk", f"{size / arguments.vectors:.0f}")
        table.add_row(
            "most memory ever used", f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB"
        )
        console.print(table)


def read_seed(path: Path | None) -> Seed:
    """Real vectors to start from: those of the demo, unless they were kept in `path`."""
    if path is not None and path.exists():
        return Seed.load(path)
    seed = Seed.embed_demo(Embedder.open(shipped_weights()), DEMO)
    if path is not None:
        seed.save(path)
    return seed


def build(library: Library, dimension: int) -> tuple[BuiltIndex, Taken]:
    """Fill an index, and the time that took without making the vectors."""
    plan = plan_index(library.count, dimension)
    training = library.windows(0, max(plan.training, 1))
    wall = processor = 0.0

    def timed(step: Callable[[], T]) -> T:
        nonlocal wall, processor
        began = time.perf_counter(), time.process_time()
        result = step()
        wall += time.perf_counter() - began[0]
        processor += time.process_time() - began[1]
        return result

    builder = timed(lambda: IndexBuilder(plan, training))
    for start in range(0, library.count, PORTION):
        vectors = library.windows(start, min(start + PORTION, library.count))
        rows = np.arange(start, start + len(vectors))
        ids = (rows // WINDOWS_A_STEM << WINDOW_BITS) + rows % WINDOWS_A_STEM
        timed(partial(builder.add, ids, vectors))
    return timed(lambda: builder.finish(np.random.default_rng(0))), Taken(wall, processor)


def measure(table: Table, index: StemIndex, queries: Vectors, product: Taken) -> None:
    """One query, many at once, and whole searches with their second step, filters and tombstones."""
    add_row(table, "1 query", take(lambda turn: index.search(queries[turn : turn + 1], 10)), product)
    add_row(table, "64 offsets", take(lambda turn: index.search(queries[turn : turn + 64], 10), 5), product)
    manifest = Manifest("bench", "bench", index.dimension, 8.0, 4.0, 0.03125, "2026-11-23", "", {})
    indexes = StemIndexes(manifest, {StemType.BASS: index})
    asked = [Queries(queries[turn : turn + 64], np.arange(64) * 0.03125) for turn in range(8)]
    everyone = np.arange(index.stems)
    removed = np.random.default_rng(3).permutation(everyone)[: min(100_000, index.stems // 10)]

    def add_search(
        name: str,
        limit: int = 10,
        allowed: StemNumbers | None = None,
        excluded: Collection[int] | StemNumbers = (),
    ) -> None:
        search = partial(search_stems, limit=limit, allowed=allowed, excluded=excluded)
        taken = take(lambda turn: search(indexes, StemType.BASS, asked[turn]), 5)
        add_row(table, f"64 offsets, {name}", taken, product)

    add_search("10 stems")
    add_search("10 stems, a tenth removed", excluded=removed)
    add_search("10 of 1 stem in 2", allowed=everyone[::2])
    add_search("10 of 1 stem in 1000", allowed=everyone[::1000])
    add_search("1000 stems", limit=1000)


def measure_recall(index: StemIndex, library: Library, queries: Vectors) -> float:
    """Against the vectors as they were made, in single precision."""
    best = np.empty((len(queries), 0), np.float32)
    for start in range(0, library.count, PORTION):
        scores = queries @ library.windows(start, min(start + PORTION, library.count)).T
        best = np.sort(np.concatenate([best, scores], axis=1), axis=1)[:, -10:]
    hits = index.search(queries, 10)
    # Half precision moves a score by less than this.
    return float((hits.scores >= best[hits.queries, 0] - 2e-4).sum() / (10 * len(queries)))


def time_product() -> Taken:
    square = np.random.default_rng(0).normal(size=(1024, 1024)).astype(np.float32)
    return take(lambda _: square @ square)


def take(step: Callable[[int], object], rounds: int = ROUNDS) -> Taken:
    """Medians of `rounds` calls after one that warms up."""
    step(0)
    walls, processors = [], []
    for turn in range(1, rounds + 1):
        began = time.perf_counter(), time.process_time()
        step(turn)
        walls.append(time.perf_counter() - began[0])
        processors.append(time.process_time() - began[1])
    return Taken(float(np.median(walls)), float(np.median(processors)))


def add_row(table: Table, name: str, taken: Taken, product: Taken) -> None:
    ratio = taken.processor / product.processor
    table.add_row(name, f"{1000 * taken.wall:,.1f} ms", f"{1000 * taken.processor:,.1f} ms", f"{ratio:.2f}")


if __name__ == "__main__":
    main()
