"""What a stem is: the closed list of types, the groups that a query may name, and the tables onto it.

The order of `StemType` is the order of the predictor's type embedding: append, never reorder.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum


class StemType(StrEnum):
    """One of the parts that a mix is made of."""

    DRUMS = "drums"
    BASS = "bass"
    VOCALS = "vocals"
    GUITAR = "guitar"
    KEYS = "keys"
    STRINGS = "strings"
    WIND = "wind"
    SYNTH = "synth"
    OTHER = "other"

    @property
    def number(self) -> int:
        """Row of the predictor's type embedding."""
        return STEM_TYPES.index(self)


STEM_TYPES: tuple[StemType, ...] = tuple(StemType)

GROUPS: Mapping[str, tuple[StemType, ...]] = {
    "harmony": (
        StemType.GUITAR,
        StemType.KEYS,
        StemType.STRINGS,
        StemType.WIND,
        StemType.SYNTH,
        StemType.OTHER,
    ),
    "any": STEM_TYPES,
}


class UnknownStemTypeError(ValueError):
    """A name that is none of those that may stand where it stands: stem types, or groups as well."""

    def __init__(self, name: str, known: Iterable[str] = (*STEM_TYPES, *GROUPS)) -> None:
        super().__init__(f"Unknown stem type {name!r}. Known: {', '.join(known)}.")
        self.name = name


def parse_stem_type(name: str) -> StemType:
    """The one type that is called `name`, for what cannot be several: a group is none.

    Raises:
        UnknownStemTypeError: it is no type; the message lists the types, without the groups.
    """
    known = _normalise(name)
    if known not in set(STEM_TYPES):
        raise UnknownStemTypeError(name, STEM_TYPES)
    return StemType(known)


def expand_types(names: Iterable[str]) -> tuple[StemType, ...]:
    """Types that `names` (types or groups) stand for, each once, in the list's order.

    Raises:
        UnknownStemTypeError: a name is neither; its message lists the known ones.
    """
    wanted = {stem_type for name in names for stem_type in _expand(name)}
    return tuple(stem_type for stem_type in STEM_TYPES if stem_type in wanted)


def _expand(name: str) -> tuple[StemType, ...]:
    known = _normalise(name)
    if known in GROUPS:
        return GROUPS[known]
    if known not in set(STEM_TYPES):
        raise UnknownStemTypeError(name)
    return (StemType(known),)


def _normalise(name: str) -> str:
    return name.strip().lower()
