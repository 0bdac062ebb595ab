"""How windows become stems: hop of the stems' windows, offsets of the mix, merge rule, where files begin.

    python -m bench.merging ~/songs

Each table changes one thing about what serving does (windows 4 s apart, a query every 31 ms, the best lag)
and asks all queries of the protocol `shifted` again. Intervals of 95 % come from resampling songs' sources.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from audio.alignment import AGREEMENT
from audio.decode import SAMPLE_RATE
from audio.stems import StemType
from audio.windows import HOP_SECONDS, cut_windows
from model.embedder import Embedder
from model.evaluation.bootstrap import bootstrap, compare, interval_of_mean
from model.evaluation.metrics import Ranked, mean_normalised_rank, normalised_ranks, rank_of, recall_at
from model.evaluation.protocols import EvaluationProtocol
from model.evaluation.queries import cut_queries
from model.evaluation.scorer import StemVectors, ask
from model.songs import Song, find_songs
from model.stem_reader import StemReader
from model.weights import shipped_weights

HOPS = (1.0, 2.0, 4.0, 8.0)
STRIDES = (1, 2, 4, 8, 16, 32)
SPANS = (1.0, 2.0, 4.0, 8.0)
TRIMS = 5

Place = tuple[str, StemType]
Stems = Mapping[Place, StemVectors]
Rule = Callable[[NDArray[np.float32], NDArray[np.int64]], float]
"""Score of a stem by its products with the queries [K, V], and the lag of each pair in query hops [K, V]."""


@dataclass(frozen=True)
class Asked:
    """A query of a song for one of its stems."""

    song: str
    group: str
    stem_type: StemType
    vectors: NDArray[np.float32]  # [K, D]
    hops: NDArray[np.int64]  # [K]

    def every(self, stride: int) -> "Asked":
        kept = self.hops % stride == 0
        return Asked(self.song, self.group, self.stem_type, self.vectors[kept], self.hops[kept])

    def first(self, count: int) -> "Asked":
        kept = self.hops < count
        return Asked(self.song, self.group, self.stem_type, self.vectors[kept], self.hops[kept])


def best_pair(products: NDArray[np.float32], lags: NDArray[np.int64]) -> float:  # noqa: ARG001 - a rule
    return float(products.max())


def mean_of_best_windows(products: NDArray[np.float32], lags: NDArray[np.int64]) -> float:  # noqa: ARG001
    return float(products.max(axis=1).mean())


def best_lag(power: float) -> Rule:
    """The sum of a lag's pairs over their number to this power, of the best lag (`audio.alignment`)."""

    def rule(products: NDArray[np.float32], lags: NDArray[np.int64]) -> float:
        numbers = (lags - lags.min()).ravel()
        pairs = np.bincount(numbers)
        total = np.bincount(numbers, products.ravel())
        return float((total[pairs > 0] / pairs[pairs > 0] ** power).max())

    return rule


SERVING = best_lag(AGREEMENT)
RULES: dict[str, Rule] = {
    "best pair of windows": best_pair,
    "each offset's best window, averaged": mean_of_best_windows,
    "best lag, power 1 (mean)": best_lag(1.0),
    f"best lag, power {AGREEMENT:g}": SERVING,
    "best lag, power 0.5": best_lag(0.5),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", type=Path, help="release folder; default: the shipped one")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--per-song", type=int, default=3, help="queries of each stem")
    arguments = parser.parse_args()
    embedder = Embedder.open(arguments.model or shipped_weights(), threads=arguments.threads)
    songs, console = find_songs(arguments.folder), Console()
    hop = embedder.query_hop_samples
    with tempfile.TemporaryDirectory() as cache:
        reader = StemReader(Path(cache))
        stems = {each: embed_stems(songs, reader, embedder, each) for each in HOPS}
        asked = list(ask_all(songs, reader, embedder, EvaluationProtocol(per_song=arguments.per_song)))
        usual = rank_all(asked, stems[HOP_SECONDS], SERVING, hop)
        console.print(
            f"{embedder.card.id}: {len(usual)} queries, {len({one.group for one in usual})} sources"
        )
        by_hop = {f"{each:g} s": rank_all(asked, stems[each], SERVING, hop) for each in HOPS}
        tabulate("windows apart", by_hop, usual)
        tabulate("offsets apart", dict(ask_fewer(asked, stems[HOP_SECONDS], hop)), usual)
        by_rule = {name: rank_all(asked, stems[HOP_SECONDS], rule, hop) for name, rule in RULES.items()}
        tabulate("merge rule", by_rule, usual)
        compare_trims(songs, reader, embedder, asked, usual)


def embed_stems(
    songs: Sequence[Song],
    reader: StemReader,
    embedder: Embedder,
    hop_seconds: float,
    generator: np.random.Generator | None = None,
) -> Stems:
    """Every audible stem; with a `generator`, each file begins somewhere in its first 4 s."""
    found = {}
    for song in songs:
        for stem_type, paths in song.stems.items():
            trim = 0 if generator is None else int(generator.integers(4 * SAMPLE_RATE))
            windows = cut_windows(reader.read(paths, trim, reader.length(song) - trim), hop_seconds)
            if len(windows.starts):
                vectors = embedder.embed_stems(windows.samples)
                found[song.name, stem_type] = StemVectors(vectors, windows.starts)
    return found


def ask_all(
    songs: Sequence[Song], reader: StemReader, embedder: Embedder, protocol: EvaluationProtocol
) -> Iterator[Asked]:
    """All queries, with a vector for every offset at which something plays."""
    for song in songs:
        for query in cut_queries(song, reader, protocol):
            vectors, hops = ask(embedder, query.mix, query.stem_type)
            yield Asked(query.song, query.group, query.stem_type, vectors, hops)


def ask_fewer(asked: Sequence[Asked], stems: Stems, hop_samples: int) -> Iterator[tuple[str, list[Ranked]]]:
    """Offsets further apart, and offsets of the mix's beginning alone."""
    for stride in STRIDES:
        some = [each.every(stride) for each in asked]
        offsets = np.median([len(each.hops) for each in some])
        name = f"{1000 * stride * hop_samples / SAMPLE_RATE:g} ms ({offsets:g} offsets)"
        yield name, rank_all(some, stems, SERVING, hop_samples)
    for span in SPANS:
        some = [each.first(round(span * SAMPLE_RATE / hop_samples)) for each in asked]
        offsets = np.median([len(each.hops) for each in some])
        name = f"31 ms, first {span:g} s ({offsets:g} offsets)"
        yield name, rank_all(some, stems, SERVING, hop_samples)


def rank_all(asked: Sequence[Asked], stems: Stems, rule: Rule, hop_samples: int) -> list[Ranked]:
    """Rank of each query's own stem among those of its type; queries without rivals are left out."""
    ranked = []
    for query in asked:
        places = [place for place in stems if place[1] == query.stem_type]
        own = (query.song, query.stem_type)
        if own in places and len(places) > 1:
            scores = np.array([score(query, stems[place], rule, hop_samples) for place in places], np.float32)
            found = rank_of(scores, places.index(own))
            ranked.append(Ranked(query.group, query.stem_type, found.rank, len(places), found.tied))
    return ranked


def score(query: Asked, stem: StemVectors, rule: Rule, hop_samples: int) -> float:
    """How well one stem fits; minus infinity if nothing of the query was asked."""
    if not len(query.hops):
        return -np.inf
    windows = np.rint(stem.starts * SAMPLE_RATE / hop_samples).astype(np.int64)
    return rule(query.vectors @ stem.vectors.T, query.hops[:, None] - windows)


def compare_trims(
    songs: Sequence[Song], reader: StemReader, embedder: Embedder, asked: Sequence[Asked], usual: list[Ranked]
) -> None:
    """Files that begin elsewhere: whether the ranks stay."""
    drawn: dict[str, list[Ranked]] = {}
    for seed in range(TRIMS):
        stems = embed_stems(songs, reader, embedder, HOP_SECONDS, np.random.default_rng(seed))
        ranked = rank_all(asked, stems, SERVING, embedder.query_hop_samples)
        drawn[f"0-4 s cut off each file, draw {seed}"] = ranked
    tabulate("beginning of files", {"as they are": usual, **drawn}, usual)
    before = normalised_ranks(usual)
    after = np.stack([normalised_ranks(each) for each in drawn.values()])
    same, moved = (after == before).mean(axis=0), np.abs(after - before).mean(axis=0)
    groups = [each.group for each in usual]
    Console().print(
        f"Same rank as before, %: {interval_of_mean(same, groups)}; "
        f"normalised rank moved by, %: {interval_of_mean(moved, groups)}"
    )


def tabulate(title: str, results: Mapping[str, list[Ranked]], usual: list[Ranked]) -> None:
    """R@1 and mean normalised rank with their intervals, and how R@1 differs from serving's."""
    table = Table(title, "R@1, %", "mean rank, %", "R@1 less serving's", "queries")
    first = recall_at(1)
    for name, ranked in results.items():
        paired = len(ranked) == len(usual)
        difference = str(compare(ranked, usual, first).difference) if paired else ""
        row = (str(bootstrap(ranked, first)), str(bootstrap(ranked, mean_normalised_rank)), difference)
        table.add_row(name, *row, str(len(ranked)))
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
