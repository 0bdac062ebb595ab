"""`/stems`: the library's stems, and of each what is known, its outline and its sound."""

import re
from pathlib import Path
from typing import Annotated, Final

import numpy as np
from fastapi import APIRouter, Query, Request
from fastapi import Path as PathParameter
from pydantic import Field
from starlette.responses import Response

from audio.stems import GROUPS, STEM_TYPES, StemType, expand_types
from library.builds import DamagedBuildError, NoBuildError, WrongModelError
from library.catalogue import Catalogue
from library.records import StemRecord
from library.search import holds_stem
from service import kinds
from service.audio_files import MEDIA_TYPES, answer_with_file, find_real_file
from service.current_build import CurrentBuild
from service.dependencies import CatalogueDep, InboxDep, ResourcesDep, UntilSentDep
from service.documentation import Responses, problems
from service.filter_query import MOST_VALUES, FilterQuery
from service.parameters import check_query
from service.part_files import find_part_file
from service.presenting import name_audio, present_stem
from service.schemas import PeaksAnswer, StemsAnswer, StemView

PUBLIC_ID: Final = re.compile(r"[0-9a-f]{16}")

StemId = Annotated[str, PathParameter(description="`stem.id` of a match.", examples=["3f9a0c1de25b7740"])]


class UnknownStemError(LookupError):
    """No stem of the library has this id (any more)."""

    def __init__(self, stem_id: str) -> None:
        super().__init__(f"There is no stem {stem_id[:64]!r} in the library. Ids come from /match.")


class StemNotIndexedError(LookupError):
    """A stem that was sent, and that the indexer could not make anything of."""

    def __init__(self, complaint: str) -> None:
        super().__init__(f"This stem was sent and cannot be indexed. {complaint}")


UNKNOWN: Final = (
    (kinds.UNKNOWN_STEM, "There is no stem '0000000000000000' in the library. Ids come from /match."),
    (kinds.UNUSABLE_DATABASE, "The database has no tables yet. Run: counterpart db upgrade"),
)
AUDIO_CONTENT: Final = {
    media_type: {"schema": {"type": "string", "format": "binary"}}
    for media_type in sorted(set(MEDIA_TYPES.values()))
}
AUDIO_RESPONSES: Final[Responses] = {
    200: {"description": "The whole file.", "content": AUDIO_CONTENT},
    206: {
        "description": "The part of the file that `Range` asked for, or several.",
        "content": {
            **AUDIO_CONTENT,
            "multipart/byteranges": {"schema": {"type": "string", "format": "binary"}},
        },
    },
    304: {"description": "The copy with the ETag of `If-None-Match` is current."},
    **problems(
        *UNKNOWN,
        (
            kinds.NOT_SERVED,
            "The file song-a/drums.wav is outside the library's folders, so it is not served.",
        ),
        (kinds.AUDIO_GONE, "The file song-a/drums.wav is gone since it was indexed."),
        (kinds.RANGE_OUTSIDE, "The range lies outside the file, which has 960044 bytes."),
        (kinds.UNUSABLE_AUDIO, "The stem file is damaged and cannot be taken apart. Export it again."),
    ),
}

router = APIRouter(prefix="/stems", tags=["library"])


class StemsQuery(FilterQuery):
    """What may stand after `/stems?`."""

    type: list[str] = Field(
        default_factory=list,
        max_length=MOST_VALUES,
        description="Stem type or group of types that is wanted; repeat it for several. Left out: all.",
        json_schema_extra={"items": {"type": "string", "enum": [*STEM_TYPES, *GROUPS]}},
    )
    limit: int = Field(default=100, ge=1, le=1000, description="Stems on a page, at most.")
    after: int = Field(
        default=0, ge=0, le=2**62, description="Where the page begins: `next` of the page before."
    )


@router.get(
    "",
    summary="List stems",
    responses=problems(
        (kinds.UNKNOWN_TYPE, "Unknown stem type 'drum'. Known: drums, bass, vocals, …"),
        (kinds.UNKNOWN_PARAMETER, "Unknown query parameter 'mood'. Known: type, limit, …"),
        (kinds.INVALID_PARAMETERS, "query.limit: Input should be less than or equal to 1000."),
        (kinds.UNUSABLE_DATABASE, "The database has no tables yet. Run: counterpart db upgrade"),
    ),
)
def list_stems(
    request: Request, query: Annotated[StemsQuery, Query()], catalogue: CatalogueDep
) -> StemsAnswer:
    """The stems that pass every filter, in the order in which they were indexed, a page at a time."""
    check_query(request.query_params, StemsQuery)
    types = expand_types(query.type) if query.type else STEM_TYPES
    # One more than the page, to know whether there is another.
    found = catalogue.list_stems(types, query.filters(), after=query.after, limit=query.limit + 1)
    page = found[: query.limit]
    prefix = request.scope.get("root_path", "")
    return StemsAnswer(
        stems=[present_stem(each, prefix) for each in page],
        next=page[-1].number if len(found) > len(page) else None,
    )


@router.get("/{stem_id}/peaks", summary="Draw a stem", responses=problems(*UNKNOWN))
def send_peaks(stem_id: StemId, catalogue: CatalogueDep) -> PeaksAnswer:
    """The outline of the stem; empty if it was indexed by a version that drew none."""
    stem = find_stem(catalogue, stem_id)
    peaks = np.frombuffer(catalogue.peaks(stem.id) or b"", np.int8).reshape(-1, 2)
    return PeaksAnswer(seconds=round(stem.seconds, 3), peaks=peaks.tolist())


@router.get(
    "/{stem_id}",
    summary="Show a stem",
    responses=problems(
        *UNKNOWN,
        (kinds.STEM_NOT_INDEXED, "This stem was sent and cannot be indexed. The file is empty."),
    ),
)
def show_stem(
    stem_id: StemId, request: Request, catalogue: CatalogueDep, resources: ResourcesDep, inbox: InboxDep
) -> StemView:
    """The stem as `/match` shows it.

    One that was sent to `POST /stems` is shown once it can be found; if it will not be, the answer says why.
    """
    try:
        stem = find_stem(catalogue, stem_id)
    except UnknownStemError:
        if PUBLIC_ID.fullmatch(stem_id) and (complaint := inbox.complaint_about(stem_id, catalogue)):
            raise StemNotIndexedError(complaint) from None
        raise
    if inbox.holds(stem.paths) and not is_published(resources.build, stem):
        raise UnknownStemError(stem_id)
    return present_stem(stem, request.scope.get("root_path", ""))


@router.head("/{stem_id}/audio", include_in_schema=False)
@router.get(
    "/{stem_id}/audio",
    summary="Hear a stem",
    response_class=Response,
    responses=AUDIO_RESPONSES,
)
def send_audio(
    stem_id: StemId,
    request: Request,
    catalogue: CatalogueDep,
    resources: ResourcesDep,
    until_sent: UntilSentDep,
) -> Response:
    """The stem's file as it was indexed; of a file with several stems, only this one.

    Understands `Range` and `If-Range`, so that players can seek, and `If-None-Match`, for caches.
    """
    stem = find_stem(catalogue, stem_id)
    path, root = find_file(stem)
    if stem.part:  # the same in each of its files
        whole = find_real_file(path, [root], stem.relative_path)
        path = find_part_file(stem, whole, resources.settings.data, until_sent)
        root = path.parent
    called = name_audio(stem)
    return answer_with_file(path, [root], stem.relative_path, request.headers, called=called)


def find_stem(catalogue: Catalogue, stem_id: str) -> StemRecord:
    """The stem with this public id.

    Raises:
        UnknownStemError: there is none.
    """
    # PostgreSQL does not take every character in a text; an id has only these.
    stem = catalogue.stem(stem_id) if PUBLIC_ID.fullmatch(stem_id) else None
    if stem is None:
        raise UnknownStemError(stem_id)
    return stem


def is_published(build: CurrentBuild, stem: StemRecord) -> bool:
    """Whether the build that is searched holds the stem: it is in the catalogue a while before."""
    try:
        index = build.indexes().index(StemType(stem.type))
    except (NoBuildError, WrongModelError, DamagedBuildError):
        return False
    return index is not None and holds_stem(index, stem.number)


def find_file(stem: StemRecord) -> tuple[Path, Path]:
    """A file of the stem that is there, else its first, and the folder that was indexed when it was found."""
    places = list(zip(stem.paths, stem.roots, strict=True))
    return next((place for place in places if place[0].is_file()), places[0])
