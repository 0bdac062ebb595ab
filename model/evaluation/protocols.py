"""Protocols of retrieval experiments: where queries are cut, and which parts of stems are candidates."""

import math
from dataclasses import dataclass

from audio.windows import HOP_SECONDS, WINDOW_SECONDS


@dataclass(frozen=True)
class EvaluationProtocol:
    """One protocol.

    By default `shifted`: a query begins where no stem window does, so that timing is found by search.
    """

    name: str = "shifted"
    first_start: float = 1.37  # seconds
    seconds: float = 20.0  # longest query
    distance: float = 24.0  # from one query of a song to the next
    per_song: int = 3
    hop_seconds: float = HOP_SECONDS  # of the candidates' windows
    other_section: bool = False  # queries from a song's first half, candidates from the second
    relations: bool = True  # other songs of a query's source are candidates, be they versions of its song

    @property
    def whole_songs(self) -> bool:
        """Whether a query is as long as its song."""
        return math.isinf(self.seconds)

    def queries_end(self, song_seconds: float) -> float:
        """Where the last query ends at the latest."""
        return (song_seconds - WINDOW_SECONDS) / 2 if self.other_section else song_seconds

    def candidates_begin(self, song_seconds: float) -> float:
        """Where candidates begin: a window or more after the last query, if they are another section."""
        return (song_seconds + WINDOW_SECONDS) / 2 if self.other_section else 0.0


PROTOCOLS: dict[str, EvaluationProtocol] = {
    one.name: one
    for one in (
        EvaluationProtocol(),
        EvaluationProtocol("aligned", first_start=0.0),
        EvaluationProtocol("other-section", other_section=True),
        # For songs that were rendered at one tempo with their bars aligned: timing gives nothing away.
        EvaluationProtocol("grid"),
        # Stem-JEPA, section 4.3: whole songs, one query a stem, all stems of all songs are candidates.
        EvaluationProtocol("musdb18", first_start=0.0, seconds=math.inf, per_song=1),
    )
}
