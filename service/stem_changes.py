"""`POST /stems` and `DELETE /stems/{id}`: the library changes, for whoever has a key that may write."""

from functools import partial
from inspect import signature
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Depends, File, Form, Request, Response, UploadFile
from pydantic import Field

from audio.decode import Recording, UnreadableAudioError
from audio.parts import is_stem_file
from audio.stems import STEM_TYPES, parse_stem_type
from audio.windows import is_silent
from library.records import stem_id
from service import kinds
from service.asking import UnusableMixError
from service.dependencies import DeskDep, InboxDep, ResourcesDep
from service.documentation import WORK, problems
from service.filter_query import FASTEST_BPM, MOST_VALUES, SLOWEST_BPM, KeyName
from service.hearing import Errand
from service.parameters import MisplacedParameterError, refuse_unknown
from service.patience import Patience
from service.recent_mixes import hash_upload
from service.resources import Resources
from service.stem_inbox import StemFacts
from service.stem_schemas import AcceptedStem
from service.stems import UNKNOWN, StemId, find_stem
from service.stopwatch import Stopwatch
from service.texts import StorableText
from service.upload_guard import TOO_LARGE
from service.uploads import plain_name

LONGEST_TEXT = 200

router = APIRouter(prefix="/stems", tags=["library"])

Text = Annotated[StorableText, Field(max_length=LONGEST_TEXT)]


def read_facts(  # one parameter a form field: FastAPI reads no model beside a file
    *,
    type: Annotated[str, Form(json_schema_extra={"enum": list(STEM_TYPES)}, description="Its type.")],  # noqa: A002
    song: Annotated[Text | None, Form(description="The song that it belongs to.")] = None,
    licence: Annotated[Text | None, Form(description="Its licence, as it will be shown.")] = None,
    tag: Annotated[
        list[Text] | None, Form(max_length=MOST_VALUES, description="A tag; repeat it for several.")
    ] = None,
    bpm: Annotated[float | None, Form(ge=SLOWEST_BPM, le=FASTEST_BPM, description="Its tempo.")] = None,
    key: Annotated[KeyName | None, Form(description="Its key, as `A minor`, `Am` or `8A`.")] = None,
) -> StemFacts:
    """What a request says of its stem.

    Raises:
        UnknownStemTypeError: a type that does not exist, or a group of types.
    """
    return StemFacts(
        type=parse_stem_type(type),
        song=(song or "").strip() or None,
        licence=licence,
        tags=tuple(each.replace(";", " ") for each in tag or ()),
        bpm=bpm,
        key=key,
    )


FORM_FIELDS: Final = ("stem", *signature(read_facts).parameters)


async def refuse_unknown_facts(request: Request) -> None:
    """Make sure that everything that is said of a stem is understood: nothing asks for it again.

    Raises:
        UnknownParameterError: a form field is not known.
        MisplacedParameterError: the address has parameters.
    """
    for name in request.query_params:
        raise MisplacedParameterError(name, in_form=False)
    refuse_unknown(await request.form(), FORM_FIELDS, "form field")


@router.post(
    "",
    dependencies=[Depends(refuse_unknown_facts)],
    summary="Add a stem",
    status_code=202,
    responses=problems(
        (kinds.UNREADABLE_FORM, "The body cannot be read as a multipart/form-data form."),
        (TOO_LARGE, "The upload is larger than 100 MB, the limit of this server."),
        (kinds.NOT_AUDIO, "This is not audio in a known format."),
        (kinds.UNUSABLE_AUDIO, "The stem is silent. Send one with sound."),
        (kinds.UNKNOWN_TYPE, "Unknown stem type 'drum'. Known: drums, bass, vocals, …"),
        (kinds.UNKNOWN_PARAMETER, "Unknown form field 'tags'. Known: stem, type, song, …"),
        (kinds.INVALID_PARAMETERS, "body.bpm: Input should be less than or equal to 1000."),
        (kinds.UNUSABLE_DATABASE, "The database has no tables yet. Run: counterpart db upgrade"),
        *WORK,
    ),
)
async def add_stem(
    *,
    request: Request,
    stem: Annotated[
        UploadFile, File(description="The stem: WAV, FLAC, AIFF, MP3, Ogg, Opus, M4A and others.")
    ],
    facts: Annotated[StemFacts, Depends(read_facts)],
    resources: ResourcesDep,
    desk: DeskDep,
    inbox: InboxDep,
) -> AcceptedStem:
    """Takes the stem, and has it embedded and published in the background; `stem_url` answers then.

    Needs a key with the scope `write`. A stem that the library has already is answered with `indexed`. A file
    of several stems (`.stem.mp4`) is refused: each of them has a type and an id of its own.
    """
    refuse_stem_file(stem.filename)

    async def answer(patience: Patience) -> AcceptedStem:
        errand = Errand(desk, resources, patience, Stopwatch(before_step=patience.check))
        public_id = stem_id(await desk.in_thread(partial(hash_upload, stem.file)))
        async with await desk.decoding.take():
            refuse_silence(await errand.decode(stem.file, stem.filename))
        known = await desk.in_thread(partial(_is_known, resources, public_id))
        if not known:
            await desk.in_thread(partial(inbox.keep, stem.file, stem.filename, public_id, facts))
            resources.runner.ask()
        prefix = request.scope.get("root_path", "")
        return AcceptedStem(
            id=public_id,
            status="indexed" if known else "waiting",
            stem_url=f"{prefix}/stems/{public_id}",
        )

    return await desk.carry_out(request, answer)


@router.delete(
    "/{stem_id}",
    summary="Remove a stem",
    status_code=204,
    response_class=Response,
    responses=problems(*UNKNOWN),
)
def remove_stem(stem_id: StemId, resources: ResourcesDep, inbox: InboxDep) -> Response:
    """Takes the stem out of every answer, at once. Needs a key with the scope `write`.

    A file that was sent to `POST /stems` is deleted, unless other stems lie in it. One in a folder of the
    library stays where it is, and comes back when that folder is indexed again.
    """
    with resources.catalogues.change() as catalogue:
        stem = find_stem(catalogue, stem_id)
        shared = catalogue.shared_paths(stem.number)
        catalogue.mark_gone([stem.number])
    inbox.remove([path for path in stem.paths if path not in shared])
    return Response(status_code=204)


def refuse_stem_file(filename: str | None) -> None:
    """Make sure that the upload is one stem: one id is answered with, and one type is said.

    Raises:
        UnreadableAudioError: its name says that it holds four.
    """
    if is_stem_file(Path(plain_name(filename).strip())):
        raise UnreadableAudioError(
            "unsupported",
            "A .stem.mp4 holds several stems. Export its parts and send each as a file of its own.",
        )


def refuse_silence(recording: Recording) -> None:
    """Make sure that there is something to find.

    Raises:
        UnusableMixError: there is not.
    """
    if is_silent(recording.waveform):
        raise UnusableMixError("The stem is silent. Send one with sound.")


def _is_known(resources: Resources, public_id: str) -> bool:
    with resources.catalogues.open() as catalogue:
        return catalogue.stem(public_id) is not None
