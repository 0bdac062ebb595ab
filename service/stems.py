"""`/stems/{id}`: one stem of the library, and its sound."""

import re
from pathlib import Path, PurePosixPath
from typing import Annotated, Final

from fastapi import APIRouter, Request
from fastapi import Path as PathParameter
from starlette.responses import Response

from library.catalogue import Catalogue
from library.records import StemRecord
from service import kinds
from service.audio_files import MEDIA_TYPES, answer_with_file
from service.dependencies import CatalogueDep
from service.documentation import Responses, problems
from service.presenting import present_stem
from service.schemas import StemView

PUBLIC_ID: Final = re.compile(r"[0-9a-f]{16}")

StemId = Annotated[str, PathParameter(description="`stem.id` of a match.", examples=["3f9a0c1de25b7740"])]


class UnknownStemError(LookupError):
    """No stem of the library has this id (any more)."""

    def __init__(self, stem_id: str) -> None:
        super().__init__(f"There is no stem {stem_id[:64]!r} in the library. Ids come from /match.")


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
    206: {"description": "The part of the file that `Range` asked for.", "content": AUDIO_CONTENT},
    304: {"description": "The copy with the ETag of `If-None-Match` is current."},
    **problems(
        *UNKNOWN,
        (
            kinds.NOT_SERVED,
            "The file song-a/drums.wav is outside the library's folders, so it is not served.",
        ),
        (kinds.AUDIO_GONE, "The file song-a/drums.wav is gone since it was indexed."),
        (kinds.RANGE_OUTSIDE, "The range lies outside the file, which has 960044 bytes."),
    ),
}

router = APIRouter(prefix="/stems", tags=["library"])


@router.get("/{stem_id}", summary="Show a stem", responses=problems(*UNKNOWN))
def show_stem(stem_id: StemId, request: Request, catalogue: CatalogueDep) -> StemView:
    """The stem as `/match` shows it."""
    return present_stem(find_stem(catalogue, stem_id), request.scope.get("root_path", ""))


@router.head("/{stem_id}/audio", include_in_schema=False)
@router.get(
    "/{stem_id}/audio",
    summary="Hear a stem",
    response_class=Response,
    responses=AUDIO_RESPONSES,
)
def send_audio(stem_id: StemId, request: Request, catalogue: CatalogueDep) -> Response:
    """The stem's file as it was indexed.

    Understands `Range` and `If-Range`, so that players can seek, and `If-None-Match`, for caches.
    """
    stem = find_stem(catalogue, stem_id)
    return answer_with_file(stem.path, [root_of(stem)], stem.relative_path, request.headers)


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


def root_of(stem: StemRecord) -> Path:
    """The folder that was indexed when the stem was found."""
    return stem.path.parents[len(PurePosixPath(stem.relative_path).parts) - 1]
