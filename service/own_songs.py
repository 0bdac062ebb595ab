"""Songs that are in the mix already, told by the fingerprints of their stems."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Final

from audio.fingerprint import OWN_SONG, Fingerprint, Spectrum, find_spectrum_in_mix, shared_size
from library.records import StemRecord
from service.duplicates import ReadFingerprints, unpack
from service.stem_inbox import NO_SONG
from service.stopwatch import Stopwatch

# More than a multitrack has. A "song" with more is a folder of loops that do not belong together: that one of
# them is heard says nothing of the others.
MOST_STEMS_OF_A_SONG: Final = 64
# Of processor time, a comparison takes 1 to 2 ms in a mix of three minutes and up to 5 ms in one of twenty.
STEMS_A_STEP: Final = 16

ReadStems = Callable[[str, int], Collection[int]]
"""Numbers of the stems of a song, so many at most."""


class OwnSongs:
    """Finds stems of songs that are heard in the mix; listens for each stem once, a few at a step.

    Of a song all stems are listened for until one is heard, those that were found first. Of a folder of more
    than `most_stems`, and of what was sent without a song, only those that were found: each is for itself.
    """

    def __init__(
        self,
        mix: Fingerprint,
        read_stems: ReadStems,
        read_fingerprints: ReadFingerprints,
        stopwatch: Stopwatch,
        most_stems: int = MOST_STEMS_OF_A_SONG,
    ) -> None:
        self._mix = MixSpectra(mix)
        self._read_stems = read_stems
        self._read_fingerprints = read_fingerprints
        self._stopwatch = stopwatch
        self._most_stems = most_stems
        self._stems: dict[str, Collection[int]] = {NO_SONG: ()}
        self._is_heard: dict[int, bool] = {}
        self._songs: set[str] = set()

    @property
    def songs(self) -> frozenset[str]:
        """Songs that were heard so far: all of their stems are to be left out."""
        return frozenset(self._songs)

    def among(self, records: Sequence[StemRecord]) -> set[int]:
        """The numbers of those `records` that are heard themselves or belong to a song that is."""
        for song in sorted({song for record in records for song in record.songs} - self._stems.keys()):
            with self._stopwatch.step("own_song"):
                self._look_up(song)
        waiting = list(self._candidates(records))
        for first in range(0, len(waiting), STEMS_A_STEP):
            with self._stopwatch.step("own_song"):
                self._listen(waiting[first : first + STEMS_A_STEP])
        return {record.number for record in records if self._is_own(record)}

    def _look_up(self, song: str) -> None:
        numbers = self._read_stems(song, self._most_stems + 1)
        self._stems[song] = () if len(numbers) > self._most_stems else numbers

    def _candidates(self, records: Sequence[StemRecord]) -> Iterator[tuple[int, str | None]]:
        """Stems to listen for, each with the song that it would give away."""
        found: dict[str, list[int]] = {}
        for record in records:
            for song in sorted(record.songs):
                found.setdefault(song, []).append(record.number)
        for song, numbers in found.items():
            whole = self._stems[song]
            yield from ((number, song if whole else None) for number in dict.fromkeys([*numbers, *whole]))

    def _listen(self, candidates: Iterable[tuple[int, str | None]]) -> None:
        open_ones = [(number, song) for number, song in candidates if song not in self._songs]
        unknown = {number for number, _ in open_ones} - self._is_heard.keys()
        contents = self._read_fingerprints(unknown) if unknown else {}
        for number, song in open_ones:
            if song in self._songs:
                continue
            if number not in self._is_heard:
                self._is_heard[number] = number in contents and self._mix.hold(unpack(contents[number]))
            if song is not None and self._is_heard[number]:
                self._songs.add(song)

    def _is_own(self, record: StemRecord) -> bool:
        return bool(record.songs & self._songs) or self._is_heard.get(record.number, False)


class MixSpectra:
    """A mix's spectrum in each of the few sizes that stems are compared by: each is made once."""

    def __init__(self, mix: Fingerprint) -> None:
        self._mix = mix
        self._made: dict[int, Spectrum] = {}

    def of(self, size: int) -> Spectrum:
        """The spectrum of this size."""
        if size not in self._made:
            self._made[size] = Spectrum.of(self._mix, size)
        return self._made[size]

    def hold(self, stem: Fingerprint) -> bool:
        """Whether `stem` is heard in the mix."""
        size = shared_size(len(self._mix), len(stem))
        occurrence = find_spectrum_in_mix(self.of(size), Spectrum.of(stem, size))
        return occurrence is not None and occurrence.strength >= OWN_SONG
