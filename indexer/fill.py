"""The vectors of a library's stems, from shards into one index a stem type. A damaged shard is left out."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from audio.stems import StemType
from library.index import Vectors
from library.index_building import BuiltIndex, IndexBuilder
from library.index_kinds import IndexPlan, plan_index
from library.records import EmbeddedStem
from library.shards import DamagedShardError, ShardStore, StemVectors
from library.vector_ids import Ids, pack_ids

_VECTORS_AT_ONCE = 16_384
_SEED = 0  # the same library gives the same index


@dataclass(slots=True)
class StemSource:
    """Reads stems out of shards; sets damaged ones aside and goes on without them."""

    shards: ShardStore
    damaged: list[Path] = field(default_factory=list)

    def read(self, stems: Sequence[EmbeddedStem]) -> Iterator[tuple[EmbeddedStem, StemVectors]]:
        """Each of `stems` with its vectors, if they can be read."""
        for stem in stems:
            if stem.content_hash not in self.shards:
                continue
            try:
                stored = self.shards.read(stem.content_hash)
            except DamagedShardError as error:
                self.shards.set_aside(error.path)
                self.damaged.append(error.path)
                continue
            yield stem, stored


def fill_indexes(
    stems: Sequence[EmbeddedStem], source: StemSource, dimension: int
) -> tuple[dict[StemType, BuiltIndex], list[EmbeddedStem]]:
    """One index a type over `stems` (by number, all with vectors), and the stems that are in one."""
    plans = _plan(stems, source.shards, dimension)
    training = _read_training(stems, source, plans)
    fillings = {each: _Filling(IndexBuilder(plan, training.get(each))) for each, plan in plans.items()}
    filled = []
    for stem, stored in source.read(stems):
        fillings[stem.type].add(pack_ids(stem.number, stored.windows), stored.vectors)
        filled.append(stem)
    return {each: filling.finish() for each, filling in fillings.items() if filling.has_vectors()}, filled


@dataclass(slots=True)
class _Filling:
    """An index that is being filled, and the vectors that wait to be added together."""

    builder: IndexBuilder
    ids: list[Ids] = field(default_factory=list)
    vectors: list[Vectors] = field(default_factory=list)
    waiting: int = 0

    def add(self, ids: Ids, vectors: Vectors) -> None:
        self.ids.append(ids)
        self.vectors.append(vectors)
        self.waiting += len(ids)
        if self.waiting >= _VECTORS_AT_ONCE:
            self._hand_over()

    def has_vectors(self) -> bool:
        return bool(self.waiting or len(self.builder))

    def finish(self) -> BuiltIndex:
        self._hand_over()
        return self.builder.finish(np.random.default_rng(_SEED))

    def _hand_over(self) -> None:
        if self.waiting:
            self.builder.add(np.concatenate(self.ids), np.concatenate(self.vectors))
        self.ids.clear()
        self.vectors.clear()
        self.waiting = 0


def _plan(stems: Sequence[EmbeddedStem], shards: ShardStore, dimension: int) -> dict[StemType, IndexPlan]:
    windows: dict[StemType, int] = defaultdict(int)
    for stem in stems:
        windows[stem.type] += shards.count_windows(stem.content_hash)
    return {each: plan_index(windows[each], dimension) for each in StemType if each in windows}


def _read_training(
    stems: Sequence[EmbeddedStem], source: StemSource, plans: dict[StemType, IndexPlan]
) -> dict[StemType, Vectors]:
    """A sample of each type whose plan asks for one: some whole stems, as they come in the shards."""
    generator = np.random.default_rng(_SEED)
    chosen: set[int] = set()
    for stem_type, plan in plans.items():
        of_type = [stem for stem in stems if stem.type == stem_type] if plan.training else []
        room = plan.training
        for place in generator.permutation(len(of_type)):
            if room <= 0:
                break
            chosen.add(of_type[place].number)
            room -= source.shards.count_windows(of_type[place].content_hash)
    vectors: dict[StemType, list[Vectors]] = defaultdict(list)
    for stem, stored in source.read([stem for stem in stems if stem.number in chosen]):
        vectors[stem.type].append(stored.vectors)
    return {each: np.concatenate(some) for each, some in vectors.items()}
