"""`POST /match`: a mix comes in, the stems that fit go out."""

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, File, Query, Request, UploadFile
from fastapi.exceptions import RequestValidationError

from library.builds import StemIndexes
from service import kinds
from service.answering import answer_heard
from service.dependencies import DeskDep, IndexesDep, ResourcesDep
from service.documentation import WORK, problems
from service.hearing import Errand, ReadMix, read_mix, recall_mix
from service.match_query import MatchQuery
from service.parameters import check_query, refuse_misplaced
from service.patience import Patience
from service.question import Question
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
    (kinds.MIX_NOT_REMEMBERED, "This server does not remember a mix with this SHA-256. Send the file."),
    (kinds.INVALID_PARAMETERS, "query.limit: Input should be less than or equal to 1000."),
    (kinds.NO_INDEX, "There is no index yet. Run: counterpart index PATH"),
    (kinds.UNUSABLE_INDEX, "The index was made by another model. Run: counterpart index rebuild"),
    (kinds.UNUSABLE_DATABASE, "The database has no tables yet. Run: counterpart db upgrade"),
    *WORK,
)

router = APIRouter(tags=["match"])


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks, and with what: a file that is sent, or the SHA-256 of one that was sent lately."""

    question: Question
    source: UploadFile | str


async def read_request(
    request: Request,
    query: Annotated[MatchQuery, Query()],
    mix: Annotated[
        UploadFile | None, File(description="The mix: WAV, FLAC, AIFF, MP3, Ogg, Opus, M4A and others.")
    ] = None,
) -> Asked:
    """The question that a request asks.

    Raises:
        RequestValidationError: there is neither a file nor a hash, or both.
        UnknownParameterError, RepeatedParameterError, MisplacedParameterError: see `service.parameters`.
        UnknownStemTypeError: there is a type that is not known.
    """
    source = choose_source(query.sha256, mix)
    check_query(request.query_params, MatchQuery)
    await refuse_misplaced(request, MatchQuery)
    return Asked(query.question(), source)


def choose_source(sha256: str | None, mix: UploadFile | None) -> UploadFile | str:
    """What is asked with.

    Raises:
        RequestValidationError: it is both or neither.
    """
    if mix is None and sha256 is None:
        raise RequestValidationError([{"type": "missing", "loc": ("body", "mix"), "msg": "Field required"}])
    if mix is not None and sha256 is not None:
        told = "Send either the file in the form field `mix` or the hash of one that was sent, not both"
        raise RequestValidationError([{"type": "value_error", "loc": ("query", "sha256"), "msg": told}])
    return mix or str(sha256)


@router.post("/match", summary="Find the stems that fit a mix", responses=PROBLEMS)
async def match(
    *,
    request: Request,
    asked: Annotated[Asked, Depends(read_request)],
    indexes: IndexesDep,
    resources: ResourcesDep,
    desk: DeskDep,
) -> MatchAnswer:
    """At most `limit` stems of each wanted type, ranked together, each with its best place in the mix.

    A long mix is asked about in sections, spread evenly over it; `start` and `seconds` choose a region. What
    is heard is remembered for a while: whoever asks again about the same region, for another type say, need
    not send the file again, but only the answer's `query.sha256`. Send it again if that answers 404.
    """
    question, source = asked.question, asked.source

    async def answer(patience: Patience) -> MatchAnswer:
        stopwatch = Stopwatch(before_step=patience.check)
        request.state.stopwatch = stopwatch
        errand = Errand(desk, resources, patience, stopwatch)
        if isinstance(source, str):
            filename, mix = plain_name(None), await recall_mix(errand, source, question)
        else:
            filename = plain_name(source.filename)
            mix = await read_mix(errand, source.file, source.filename, question)
        prefix = request.scope.get("root_path", "")
        return await desk.in_thread(
            lambda: find_answer(errand, indexes, question, mix, filename=filename, url_prefix=prefix),
            mix.turn,
        )

    return await desk.carry_out(request, answer)


def find_answer(
    errand: Errand,
    indexes: StemIndexes,
    question: Question,
    mix: ReadMix,
    *,
    filename: str,
    url_prefix: str,
) -> MatchAnswer:
    """What blocks: the networks, the search and the catalogue, with a session of its own."""
    heard = mix.listen()
    with errand.resources.catalogues.open() as catalogue:
        return answer_heard(
            errand.resources,
            indexes,
            catalogue,
            question,
            heard,
            filename=filename,
            sha256=mix.sha256,
            stopwatch=errand.stopwatch,
            url_prefix=url_prefix,
        )
