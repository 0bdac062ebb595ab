"""Training batches: pairs of a mix and the stem that it lacks, each a pure function of seed and step.

Because a batch depends on nothing else, a run that is killed and resumed sees the same pairs.
"""

from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import count

import numpy as np
from numpy.typing import NDArray

from audio.stems import StemType
from audio.windows import WINDOW_SAMPLES
from model.config import Config
from model.key_and_tempo import KeyAndTempo, random_key_and_tempo, random_tempo
from model.material import Cut, Example, Material, WaveformMaterial
from model.mixing import random_equaliser
from model.same_tempo import songs_at_one_tempo
from model.songs import Song
from model.stem_reader import StemReader

TRIES = 12  # windows drawn from a song before another song is taken


class NoPairError(ValueError):
    """No window was found in which a stem and something else play."""


@dataclass(frozen=True)
class Pair:
    """One training example."""

    context: Example  # the mix without the stem, longer than the target by what is searched
    target: Example  # the stem
    cut: Cut  # of the target
    offset: int  # frames of the context before the target begins


@dataclass(frozen=True)
class Batch:
    """B pairs as arrays."""

    contexts: NDArray[np.float32]  # waveforms [B, T + search] or images [B, M, N + search]
    targets: NDArray[np.float32]  # waveforms [B, T] or images [B, M, N]
    context_equalisers: NDArray[np.float32]  # [B, M], added to the log image
    target_equalisers: NDArray[np.float32]  # [B, M]
    types: NDArray[np.int64]  # [B]
    same_song: NDArray[np.bool_]  # [B, B], pairs that are neither known to belong together nor known not to
    offsets: NDArray[np.int64]  # [B], frames of the context before its target


class PairSampler:
    """Draws pairs: a type, a song that has it, a window in which it plays, and some of the others."""

    def __init__(
        self, songs: list[Song], reader: StemReader, config: Config, material: Material | None = None
    ) -> None:
        self.reader, self.config, self.bins = reader, config.train, config.front_end.bins
        self.material = material or WaveformMaterial(reader, config)
        self.hop_samples, self.search_frames = config.front_end.hop_samples, config.search_frames
        self.by_type: dict[StemType, list[Song]] = defaultdict(list)
        for song in songs:
            for stem_type in song.types:
                self.by_type[stem_type].append(song)
        self.types = sorted(self.by_type)
        # The square root keeps rare types alive without drumming on a few songs.
        weights = np.sqrt([len(self.by_type[stem_type]) for stem_type in self.types])
        self.weights = weights / weights.sum()

    def batch(self, step: int) -> Batch:
        """The batch of `step`: the same for the same seed, songs and config."""
        generator = np.random.default_rng([self.config.seed, step])
        wanted = min(self.config.types_per_batch, len(self.types))
        types = generator.choice(len(self.types), wanted, replace=False, p=self.weights)
        pairs: list[Pair] = []
        for place, number in enumerate(types):
            upto = self.config.batch * (place + 1) // wanted
            pairs += self._pairs(self.types[number], upto - len(pairs), generator)
        # Where all stems of a type are silent, others take its places.
        for stem_type in self.types:
            if len(pairs) < self.config.batch:
                pairs += self._pairs(stem_type, self.config.batch - len(pairs), generator)
        if not pairs:
            raise NoPairError(
                "In no song a stem and something else beside it can be heard at once. Listen to the files."
            )
        return self._collate(pairs, generator)

    def batches(self, first_step: int, last_step: int, ahead: int = 3) -> Iterator[Batch]:
        """Batches of the steps, prepared `ahead` of their use in another thread."""
        with ThreadPoolExecutor(1) as pool:
            waiting = [
                pool.submit(self.batch, step)
                for step in range(first_step, min(first_step + ahead, last_step))
            ]
            for step in range(first_step, last_step):
                if step + ahead < last_step:
                    waiting.append(pool.submit(self.batch, step + ahead))
                yield waiting.pop(0).result()

    def _pairs(self, stem_type: StemType, wanted: int, generator: np.random.Generator) -> list[Pair]:
        """Pairs of one type, from as many different songs as there are; none where it is silent in all."""
        pairs: list[Pair] = []
        songs, tempo = self._candidates(stem_type, wanted, generator)
        for turn in count():
            for index in generator.permutation(len(songs)):
                change = random_key_and_tempo(self.config, generator, tempo)
                if pair := self._pair(songs[index], stem_type, change, generator):
                    pairs.append(pair)
                if len(pairs) >= wanted:
                    return pairs[:wanted]
            if turn > TRIES and not pairs:
                return []
        raise AssertionError  # `count` does not end

    def _candidates(
        self, stem_type: StemType, wanted: int, generator: np.random.Generator
    ) -> tuple[list[Song], float | None]:
        """Where the pairs of a type come from: all songs that have it, or now and then those of one tempo.

        These get faster or slower together, by the factor that goes with them: so they share a tempo still,
        and it is not always the one that they were rendered at.
        """
        songs = self.by_type[stem_type]
        if (
            self.config.same_tempo
            and generator.random() < self.config.same_tempo
            and (shared := songs_at_one_tempo(songs, wanted, generator))
        ):
            return shared, random_tempo(self.config, generator)
        return songs, None

    def _pair(
        self, song: Song, stem_type: StemType, change: KeyAndTempo, generator: np.random.Generator
    ) -> Pair | None:
        latest = max(self.reader.length(song) - round(WINDOW_SAMPLES * change.tempo), 0)
        for _ in range(TRIES):
            start = int(generator.integers(0, latest + 1))
            offset = int(generator.integers(self.search_frames + 1))
            if pair := self._pair_at(Cut(song, stem_type, start, change), offset, generator):
                return pair
        return None

    def _pair_at(self, cut: Cut, offset: int, generator: np.random.Generator) -> Pair | None:
        """The pair of a target, `offset` frames into its context; None if either rests."""
        jitter = int(generator.integers(-self.config.jitter_samples, self.config.jitter_samples + 1))
        target = self.material.target(cut, jitter, generator)
        if target is None:
            return None
        before = round(offset * self.hop_samples * cut.change.tempo)
        context = self.material.context(replace(cut, start=cut.start - before), generator)
        return None if context is None else Pair(context, target, cut, offset)

    def _collate(self, pairs: list[Pair], generator: np.random.Generator) -> Batch:
        equalisers = [
            random_equaliser(self.bins, self.config.equaliser_db, generator) for _ in range(2 * len(pairs))
        ]
        return Batch(
            contexts=np.stack([pair.context for pair in pairs]),
            targets=np.stack([pair.target for pair in pairs]),
            context_equalisers=np.stack(equalisers[0::2]),
            target_equalisers=np.stack(equalisers[1::2]),
            types=np.array([pair.cut.stem_type.number for pair in pairs]),
            same_song=self._same_song(pairs),
            offsets=np.array([pair.offset for pair in pairs]),
        )

    @staticmethod
    def _same_song(pairs: list[Pair]) -> NDArray[np.bool_]:
        """Which pairs come from one song or from versions of it: they may well belong together."""
        groups = np.array([pair.cut.song.group for pair in pairs])
        same: NDArray[np.bool_] = groups[:, None] == groups[None, :]
        return same
