"""The query parameters of a match."""

from pydantic import Field

from audio.stems import GROUPS, STEM_TYPES, expand_types
from service.asking import SHORTEST_SECONDS
from service.filter_query import MOST_VALUES, FilterQuery
from service.own_songs import MOST_STEMS_OF_A_SONG
from service.question import Question
from service.texts import StorableText


class MatchQuery(FilterQuery):
    """What may stand after `/match?`."""

    type: list[str] = Field(
        min_length=1,
        max_length=MOST_VALUES,
        description="Stem type or group of types that is wanted; repeat it for several.",
        json_schema_extra={"items": {"type": "string", "enum": [*STEM_TYPES, *GROUPS]}},
        examples=[["drums"]],
    )
    limit: int = Field(default=10, ge=1, le=1000, description="Stems of each type, at most.")
    start: float = Field(
        default=0.0, ge=0, le=86_400, description="Where the region of the mix begins, in seconds."
    )
    seconds: float | None = Field(
        default=None,
        ge=SHORTEST_SECONDS,
        le=86_400,
        description="Length of the region; left out, it is all that follows `start`.",
    )
    exclude_song: list[StorableText] = Field(
        default_factory=list,
        max_length=MOST_VALUES,
        description="Song whose stems are not wanted, the one that the mix is from for example; "
        "repeat it for several.",
    )

    exclude_own_song: bool = Field(
        default=False,
        description="Leave out songs that can be heard in the mix, told by their stems' fingerprints; "
        f"of a folder of more than {MOST_STEMS_OF_A_SONG} stems, those that can be heard themselves.",
    )

    sha256: str | None = Field(
        default=None,
        pattern="^[0-9a-f]{64}$",
        description="In place of the file: `query.sha256` of an answer about the same region with the same "
        "`exclude_own_song`, while that is remembered.",
    )

    def question(self) -> Question:
        """The same in the domain's terms.

        Raises:
            UnknownStemTypeError: a type that does not exist; its message lists those that do.
        """
        return Question(
            types=expand_types(self.type),
            limit=self.limit,
            start=self.start,
            seconds=self.seconds,
            without_songs=frozenset(self.exclude_song),
            without_own_song=self.exclude_own_song,
            filters=self.filters(),
        )
