"""What is wanted for a mix."""

from dataclasses import dataclass, field

from audio.stems import StemType
from library.filters import StemFilters


@dataclass(frozen=True, slots=True)
class Question:
    """What is wanted for a mix."""

    types: tuple[StemType, ...]
    limit: int = 10
    """Stems of each type."""
    start: float = 0.0
    """Where the region of the mix begins, in seconds."""
    seconds: float | None = None
    """Length of the region; None is all that follows `start`."""
    without_songs: frozenset[str] = frozenset()
    without_own_song: bool = False
    """Whether songs are left out of which another stem sounds in the mix."""
    filters: StemFilters = field(default_factory=StemFilters)
