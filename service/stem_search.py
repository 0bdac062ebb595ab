"""Looking stems up for a mix: the search, the second look, and what must not come back."""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from audio.agreement import LOOKED_AT
from audio.stems import STEM_TYPES, StemType
from library.builds import StemIndexes
from library.catalogue import Catalogue, StemNumbers
from library.filters import StemFilters
from library.ranking import StemHit
from library.search import Queries, search_stems
from service.duplicates import Duplicates, Found
from service.heard_mix import HeardMix
from service.own_songs import OwnSongs
from service.question import Question
from service.second_look import SecondLook
from service.stopwatch import Stopwatch


class StemSearch:
    """Looks stems up until all that were found are wanted, and no two are the same recording."""

    def __init__(
        self,
        indexes: StemIndexes,
        catalogue: Catalogue,
        question: Question,
        heard: HeardMix,
        stopwatch: Stopwatch,
    ) -> None:
        self._indexes = indexes
        self._catalogue = catalogue
        self._question = question
        self._stopwatch = stopwatch
        self._own_songs = (
            None
            if heard.fingerprint is None
            else OwnSongs(heard.fingerprint, self._stems_of, catalogue.fingerprints, stopwatch)
        )
        self._second_look = SecondLook(heard.sketch, catalogue.sketches)

    def run(self, stem_type: StemType, queries: Queries) -> list[Found]:
        """The best stems of `stem_type`, best first; each round leaves out what the last one had to drop."""
        dropped: set[int] = set()
        duplicates = Duplicates(self._catalogue.fingerprints, self._stopwatch)
        allowed = self._catalogue.numbers_where(self._question.filters, stem_type)
        while True:
            hits = self._ask(stem_type, queries, allowed, dropped)
            records = self._catalogue.stems_by_number([hit.number for hit in hits])
            found = [(hit, records[hit.number]) for hit in hits if hit.number in records]
            unwanted = {hit.number for hit in hits} - records.keys()
            if self._own_songs is not None:
                unwanted |= self._own_songs.among([record for _, record in found])
            collapsed = duplicates.collapse([each for each in found if each[0].number not in unwanted])
            unwanted |= collapsed.dropped
            if not unwanted:
                return collapsed.kept
            dropped |= unwanted

    def _ask(
        self, stem_type: StemType, queries: Queries, allowed: StemNumbers | None, dropped: Collection[int]
    ) -> list[StemHit]:
        heard = frozenset() if self._own_songs is None else self._own_songs.songs
        without_songs = self._question.without_songs | heard

        def is_there(numbers: StemNumbers) -> NDArray[np.bool_]:
            return self._catalogue.are_answerable(numbers, stem_type, without_songs)

        with self._stopwatch.step("search"):
            hits = search_stems(
                self._indexes,
                stem_type,
                queries,
                max(self._question.limit, LOOKED_AT),
                allowed=allowed,
                excluded=dropped,
                is_there=is_there,
            )
        with self._stopwatch.step("second_look"):
            return self._second_look.rank(hits, stem_type)[: self._question.limit]

    def _stems_of(self, song: str, limit: int) -> list[int]:
        wanted = StemFilters(songs=frozenset({song}))
        return [record.number for record in self._catalogue.list_stems(STEM_TYPES, wanted, limit=limit)]
