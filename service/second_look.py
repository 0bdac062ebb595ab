"""A second look at the stems that a search brought, by their rhythm and harmony: the order that users see."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from audio.agreement import Agreement
from audio.sketch import Sketch
from audio.stems import StemType
from library.ranking import StemHit

ReadSketches = Callable[[Collection[int]], Mapping[int, bytes]]


class SecondLook:
    """Compares each stem with the mix once, however often a search has to begin anew."""

    def __init__(self, mix: Sketch, read_sketches: ReadSketches) -> None:
        self._agreement = Agreement(mix)
        self._read_sketches = read_sketches
        self._bonuses: dict[tuple[StemType, int], float] = {}

    def rank(self, hits: Sequence[StemHit], stem_type: StemType) -> list[StemHit]:
        """The hits with what they agree added to their scores, best first; of equal ones, as they came."""
        self._compare([hit.number for hit in hits if (stem_type, hit.number) not in self._bonuses], stem_type)
        looked_at = [replace(hit, score=hit.score + self._bonuses[stem_type, hit.number]) for hit in hits]
        return sorted(looked_at, key=lambda hit: -hit.score)

    def _compare(self, numbers: Collection[int], stem_type: StemType) -> None:
        contents = self._read_sketches(numbers) if numbers else {}
        drawn = [Sketch.from_bytes(contents[number]) if number in contents else None for number in numbers]
        bonuses = self._agreement.bonuses(drawn, stem_type).tolist()
        self._bonuses |= {(stem_type, number): bonus for number, bonus in zip(numbers, bonuses, strict=True)}
