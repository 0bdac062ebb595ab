"""`POST /match`: a mix comes in, the stems that fit go out."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, File, Request, UploadFile

from audio.decode import DecodeLimits
from service import kinds
from service.answering import answer_question
from service.dependencies import CatalogueDep, IndexesDep, ResourcesDep
from service.documentation import problems
from service.match_query import read_question
from service.matching import Question
from service.schemas import MatchAnswer
from service.upload_guard import TOO_LARGE
from service.uploads import decode_upload, plain_name

PROBLEMS: Final = problems(
    (kinds.UNREADABLE_FORM, "The body cannot be read as a multipart/form-data form."),
    (TOO_LARGE, "The upload is larger than 100 MB, the limit of this server."),
    (kinds.NOT_AUDIO, "This is not audio in a known format."),
    (
        kinds.UNUSABLE_AUDIO,
        "The mix is 0.2 s long, and a search needs at least 2 seconds. Send a longer one.",
    ),
    (kinds.UNKNOWN_TYPE, "Unknown stem type 'drum'. Known: drums, bass, vocals, …"),
    (kinds.UNKNOWN_PARAMETER, "Unknown query parameter 'mood'. Known: type, limit, …"),
    (kinds.INVALID_PARAMETERS, "query.limit: Input should be less than or equal to 1000."),
    (kinds.NO_INDEX, "There is no index yet. Run: counterpart index PATH"),
    (kinds.UNUSABLE_INDEX, "The index was made by another model. Run: counterpart index rebuild"),
    (kinds.UNUSABLE_DATABASE, "The database has no tables yet. Run: counterpart db upgrade"),
)


@dataclass(frozen=True, slots=True)
class Shared:
    """What a match needs of the application."""

    resources: ResourcesDep
    indexes: IndexesDep
    catalogue: CatalogueDep


async def take_turn() -> AsyncIterator[None]:
    """A place among the few requests that decode and infer at the same time."""
    yield


def match_router(max_inference: int) -> APIRouter:
    """The endpoint, with at most `max_inference` of its requests at work; others wait without a thread."""
    router = APIRouter(tags=["match"])
    turn = Depends(take_turn, scope="function", max_concurrency=max_inference)

    @router.post("/match", summary="Find the stems that fit a mix", responses=PROBLEMS)
    def match(
        request: Request,
        mix: Annotated[
            UploadFile, File(description="The mix: WAV, FLAC, AIFF, MP3, Ogg, Opus, M4A and others.")
        ],
        question: Annotated[Question, Depends(read_question)],
        shared: Annotated[Shared, Depends()],
        _turn: Annotated[None, turn],
    ) -> MatchAnswer:
        """At most `limit` stems of each wanted type, ranked together, each with its best place in the mix.

        A long mix is asked about in up to three sections; `start` and `seconds` choose a region.
        """
        limits = DecodeLimits(max_seconds=shared.resources.settings.max_mix_seconds)
        return answer_question(
            shared.resources,
            shared.indexes,
            shared.catalogue,
            question,
            filename=plain_name(mix.filename),
            read_mix=lambda: decode_upload(mix.file, mix.filename, limits),
            url_prefix=request.scope.get("root_path", ""),
        )

    return router
