"""Training batches: pairs of a mix and the stem that it lacks, each a pure function of seed and step.

Because a batch depends on nothing else, a run that is killed and resumed sees the same pairs.
"""

from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray

from audio.decode import Waveform
from audio.stems import StemType
from audio.windows import WINDOW_SAMPLES
from model.config import TrainConfig
from model.mixing import is_active, mix, random_equaliser, random_gains, random_subset
from model.songs import Song
from model.stem_reader import StemReader

TRIES = 12  # windows drawn from a song before another song is taken


class NoPairError(ValueError):
    """No window was found in which a stem and something else play."""


@dataclass(frozen=True)
class Pair:
    """One training example."""

    context: Waveform  # [T], the mix without the stem
    target: Waveform  # [T], the stem
    stem_type: StemType
    song: str


@dataclass(frozen=True)
class Batch:
    """B pairs as arrays."""

    contexts: NDArray[np.float32]  # [B, T]
    targets: NDArray[np.float32]  # [B, T]
    context_equalisers: NDArray[np.float32]  # [B, M], added to the log image
    target_equalisers: NDArray[np.float32]  # [B, M]
    types: NDArray[np.int64]  # [B]
    songs: NDArray[np.int64]  # [B], equal for pairs of one song


class PairSampler:
    """Draws pairs: a type, a song that has it, a window in which it plays, and some of the others."""

    def __init__(self, songs: list[Song], reader: StemReader, config: TrainConfig, bins: int) -> None:
        self.reader, self.config, self.bins = reader, config, bins
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
        """Pairs of one type, from as many different songs as there are."""
        songs = self.by_type[stem_type]
        pairs: list[Pair] = []
        for turn in count():
            for index in generator.permutation(len(songs)):
                if pair := self._pair(songs[index], stem_type, generator):
                    pairs.append(pair)
                if len(pairs) == wanted:
                    return pairs
            if turn > TRIES and not pairs:
                raise NoPairError(f"In no song does anything else play beside the {stem_type}.")
        raise AssertionError  # `count` does not end

    def _pair(self, song: Song, stem_type: StemType, generator: np.random.Generator) -> Pair | None:
        length = self.reader.length(song)
        for _ in range(TRIES):
            start = int(generator.integers(0, max(length - WINDOW_SAMPLES, 0) + 1))
            jitter = int(generator.integers(-self.config.jitter_samples, self.config.jitter_samples + 1))
            target = self.reader.read(song.stems[stem_type], start + jitter, WINDOW_SAMPLES)
            if is_active(target) and (others := self._others(song, stem_type, start)):
                return self._mixed(song, stem_type, target, others, generator)
        return None

    def _others(self, song: Song, stem_type: StemType, start: int) -> list[Waveform]:
        read = (
            self.reader.read(song.stems[other], start, WINDOW_SAMPLES)
            for other in song.types
            if other != stem_type
        )
        return [waveform for waveform in read if is_active(waveform)]

    def _mixed(
        self,
        song: Song,
        stem_type: StemType,
        target: Waveform,
        others: list[Waveform],
        generator: np.random.Generator,
    ) -> Pair:
        chosen = [others[index] for index in random_subset(len(others), generator)]
        gains = random_gains(len(chosen), self.config.gain_db, generator)
        return Pair(mix(chosen, gains), target, stem_type, song.group)

    def _collate(self, pairs: list[Pair], generator: np.random.Generator) -> Batch:
        numbers = {name: number for number, name in enumerate(dict.fromkeys(pair.song for pair in pairs))}
        equalisers = [
            random_equaliser(self.bins, self.config.equaliser_db, generator) for _ in range(2 * len(pairs))
        ]
        return Batch(
            contexts=np.stack([pair.context for pair in pairs]),
            targets=np.stack([pair.target for pair in pairs]),
            context_equalisers=np.stack(equalisers[0::2]),
            target_equalisers=np.stack(equalisers[1::2]),
            types=np.array([pair.stem_type.number for pair in pairs]),
            songs=np.array([numbers[pair.song] for pair in pairs]),
        )
