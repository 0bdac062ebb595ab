"""The query parameters that narrow the library down before anything is searched or listed."""

from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from audio.key import compatible_keys, parse_key
from library.filters import StemFilters
from library.records import KINDS
from service.texts import StorableText

SLOWEST_BPM, FASTEST_BPM = 1.0, 1000.0
# Of one parameter. Each tag is a condition of its own, and SQLite takes no expression of more than 1000.
MOST_VALUES = 100


def _check_key(text: str) -> str:
    if parse_key(text) is None:
        raise ValueError(f"{text[:40]!r} is not a key. Write it as A minor, F# major, Am or 8A")
    return text


def _check_kind(text: str) -> str:
    if text not in KINDS:
        raise ValueError(f"{text[:40]!r} is not a kind. Known: {', '.join(KINDS)}")
    return text


KeyName = Annotated[str, AfterValidator(_check_key)]
KindName = Annotated[str, AfterValidator(_check_kind)]


class FilterQuery(BaseModel):
    """Filters. A stem of which the library does not know a fact does not pass a filter on it."""

    model_config = ConfigDict(allow_inf_nan=False)

    min_bpm: float | None = Field(
        default=None, ge=SLOWEST_BPM, le=FASTEST_BPM, description="Slowest tempo that is wanted."
    )
    max_bpm: float | None = Field(
        default=None, ge=SLOWEST_BPM, le=FASTEST_BPM, description="Fastest tempo that is wanted."
    )
    any_octave: bool = Field(
        default=False, description="Take stems at half or double a tempo in that range as well."
    )
    key: list[KeyName] = Field(
        default_factory=list,
        max_length=MOST_VALUES,
        description="Key that is wanted, as `A minor`, `F# major`, `Am` or `8A`; "
        "repeat it for any of several.",
    )
    key_compatible: bool = Field(
        default=False,
        description="Take stems in keys that go with `key` as well: its relative, a fifth up, a fifth down.",
    )
    licence: list[StorableText] = Field(
        default_factory=list,
        max_length=MOST_VALUES,
        description="Licence that is wanted; repeat it for any of several.",
    )
    tag: list[StorableText] = Field(
        default_factory=list,
        max_length=MOST_VALUES,
        description="Tag that is wanted; repeat it for all of several.",
    )
    song: list[StorableText] = Field(
        default_factory=list,
        max_length=MOST_VALUES,
        description="Song whose stems are wanted; repeat it for any of several.",
    )
    kind: list[KindName] = Field(
        default_factory=list,
        max_length=MOST_VALUES,
        description="Kind that is wanted; repeat it for any of several.",
        json_schema_extra={"items": {"type": "string", "enum": list(KINDS)}},
    )
    min_type_confidence: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="Leaves out stems whose type the model guessed with less confidence than this.",
    )

    @model_validator(mode="after")
    def check_range(self) -> Self:
        """Refuse a range that nothing can lie in."""
        if self.min_bpm is not None and self.max_bpm is not None and self.min_bpm > self.max_bpm:
            raise ValueError(f"min_bpm {self.min_bpm:g} is more than max_bpm {self.max_bpm:g}")
        return self

    def filters(self) -> StemFilters:
        """The same in the library's terms."""
        return StemFilters(
            min_bpm=self.min_bpm,
            max_bpm=self.max_bpm,
            any_octave=self.any_octave,
            keys=frozenset(name for text in self.key for name in _names_of(text, self.key_compatible)),
            licences=frozenset(self.licence),
            tags=frozenset(self.tag),
            songs=frozenset(self.song),
            kinds=frozenset(self.kind),
            min_type_confidence=self.min_type_confidence,
        )


def _names_of(text: str, with_compatible: bool) -> list[str]:
    key = parse_key(text)
    if key is None:
        return []
    return [str(each) for each in compatible_keys(key)] if with_compatible else [str(key)]


def filters_of(options: dict[str, Any]) -> StemFilters:
    """Filters by the names of the query parameters, which `options` loses.

    Raises:
        pydantic.ValidationError: a value is none that the parameter can have.
    """
    given = {name: options.pop(name) for name in FilterQuery.model_fields if name in options}
    said = {name: value for name, value in given.items() if value is not None}
    return FilterQuery.model_validate(said).filters()
