"""`POST /match`: a mix comes in, the stems that fit go out."""

from collections.abc import Callable
from typing import Annotated, Final

from fastapi import APIRouter, Depends, File, Request, UploadFile

from library.builds import StemIndexes
from service import kinds
from service.answering import answer_heard
from service.dependencies import DeskDep, IndexesDep, ResourcesDep
from service.documentation import WORK, problems
from service.hearing import Errand, read_mix
from service.match_query import read_question
from service.matching import HeardMix, Question
from service.patience import Patience
from service.schemas import MatchAnswer
from service.stopwatch import Stopwatch
from service.upload_guard import TOO_LARGE
from service.uploads import plain_name

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
    *WORK,
)

router = APIRouter(tags=["match"])


@router.post("/match", summary="Find the stems that fit a mix", responses=PROBLEMS)
async def match(
    *,
    request: Request,
    mix: Annotated[UploadFile, File(description="The mix: WAV, FLAC, AIFF, MP3, Ogg, Opus, M4A and others.")],
    question: Annotated[Question, Depends(read_question)],
    indexes: IndexesDep,
    resources: ResourcesDep,
    desk: DeskDep,
) -> MatchAnswer:
    """At most `limit` stems of each wanted type, ranked together, each with its best place in the mix.

    A long mix is asked about in up to three sections; `start` and `seconds` choose a region. Asking again
    with the same file and region, for another type say, is quicker: the mix is remembered for a while.
    """

    async def answer(patience: Patience) -> MatchAnswer:
        stopwatch = Stopwatch(before_step=patience.check)
        request.state.stopwatch = stopwatch
        errand = Errand(desk, resources, patience, stopwatch)
        turn, listen = await read_mix(errand, mix.file, mix.filename, question)
        return await desk.in_thread(
            lambda: find_answer(
                errand,
                indexes,
                question,
                listen,
                filename=plain_name(mix.filename),
                url_prefix=request.scope.get("root_path", ""),
            ),
            turn,
        )

    return await desk.carry_out(request, answer)


def find_answer(
    errand: Errand,
    indexes: StemIndexes,
    question: Question,
    listen: Callable[[], HeardMix],
    *,
    filename: str,
    url_prefix: str,
) -> MatchAnswer:
    """What blocks: the networks, the search and the catalogue, with a session of its own."""
    heard = listen()
    with errand.resources.catalogues.open() as catalogue:
        return answer_heard(
            errand.resources,
            indexes,
            catalogue,
            question,
            heard,
            filename=filename,
            stopwatch=errand.stopwatch,
            url_prefix=url_prefix,
        )
