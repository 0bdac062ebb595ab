"""`POST /compatibility`: how well one stem fits one mix, neither of which is in the library."""

from typing import Annotated, Final

import numpy as np
from fastapi import APIRouter, Depends, File, Query, Request, UploadFile
from pydantic import BaseModel, Field

from audio.decode import Recording
from audio.sketch import sketch
from audio.stems import STEM_TYPES, StemType, parse_stem_type
from audio.windows import HOP_SECONDS, WINDOW_SECONDS, cut_windows
from library.ranking import Clock, StemHit, StemWindows, rank_stems
from service import kinds
from service.asking import MixEmbedder, UnusableMixError, predict_queries
from service.dependencies import DeskDep, ResourcesDep
from service.documentation import WORK, problems
from service.heard_mix import HeardMix
from service.hearing import Errand, read_mix
from service.parameters import check_query, refuse_misplaced
from service.patience import Patience
from service.presenting import present_timings
from service.question import Question
from service.schemas import ModelView, Placement
from service.second_look import SecondLook
from service.stem_schemas import CompatibilityAnswer
from service.stopwatch import Stopwatch
from service.upload_guard import TOO_LARGE

WINDOWS_AT_ONCE: Final = 16

router = APIRouter(tags=["match"])


class CompatibilityQuery(BaseModel):
    """What may stand after `/compatibility?`."""

    type: str = Field(
        description="Type of the stem.", json_schema_extra={"enum": list(STEM_TYPES)}, examples=["drums"]
    )


async def read_type(request: Request, query: Annotated[CompatibilityQuery, Query()]) -> StemType:
    """The type that a request names.

    Raises:
        UnknownParameterError, RepeatedParameterError, MisplacedParameterError: see `service.parameters`.
        UnknownStemTypeError: there is no such type, or it is a group.
    """
    check_query(request.query_params, CompatibilityQuery)
    await refuse_misplaced(request, CompatibilityQuery)
    return parse_stem_type(query.type)


@router.post(
    "/compatibility",
    summary="Does a stem fit a mix?",
    responses=problems(
        (kinds.UNREADABLE_FORM, "The body cannot be read as a multipart/form-data form."),
        (TOO_LARGE, "The upload is larger than 100 MB, the limit of this server."),
        (kinds.NOT_AUDIO, "This is not audio in a known format."),
        (kinds.UNUSABLE_AUDIO, "The stem is silent, so nothing can be said of it. Send one with sound."),
        (kinds.UNKNOWN_TYPE, "Unknown stem type 'drum'. Known: drums, bass, vocals, …"),
        (kinds.UNKNOWN_PARAMETER, "Unknown query parameter 'mood'. Known: type."),
        (kinds.INVALID_PARAMETERS, "body.stem: Field required."),
        *WORK,
    ),
)
async def compare(
    *,
    request: Request,
    mix: Annotated[UploadFile, File(description="The mix, without the stem.")],
    stem: Annotated[UploadFile, File(description="The stem.")],
    stem_type: Annotated[StemType, Depends(read_type)],
    resources: ResourcesDep,
    desk: DeskDep,
) -> CompatibilityAnswer:
    """The score that the stem would have in `/match`, and where it fits best."""

    async def answer(patience: Patience) -> CompatibilityAnswer:
        stopwatch = Stopwatch(before_step=patience.check)
        request.state.stopwatch = stopwatch
        errand = Errand(desk, resources, patience, stopwatch)
        async with await desk.decoding.take():
            recording = await errand.decode(stem.file, stem.filename)
        read = await read_mix(errand, mix.file, mix.filename, Question(types=(stem_type,)))
        return await desk.in_thread(lambda: _compare(errand, read.listen(), recording, stem_type), read.turn)

    return await desk.carry_out(request, answer)


def _compare(errand: Errand, heard: HeardMix, stem: Recording, stem_type: StemType) -> CompatibilityAnswer:
    embedder = errand.resources.embedder
    hit = compare_stem(embedder, heard, stem, stem_type, errand.stopwatch)
    score = float(embedder.compatibility(np.array([hit.score], np.float32))[0])
    place = hit.not_before(heard.start)
    return CompatibilityAnswer(
        score=round(min(max(score, 0.0), 1.0), 4),
        placement=Placement(
            mix_start=round(place.mix_start, 3),
            stem_start=round(place.stem_start, 3),
            seconds=round(hit.overlap(heard.start, heard.end, WINDOW_SECONDS, stem.seconds), 3),
        ),
        model=ModelView(name=embedder.card.name, version=embedder.card.version),
        timings_ms=present_timings(errand.stopwatch),
    )


def compare_stem(
    embedder: MixEmbedder, heard: HeardMix, stem: Recording, stem_type: StemType, stopwatch: Stopwatch
) -> StemHit:
    """The best place of `stem` in the mix, with the evidence for it.

    Raises:
        UnusableMixError: the stem is silent.
    """
    windows = cut_windows(stem.waveform)
    if not len(windows.samples):
        raise UnusableMixError("The stem is silent, so nothing can be said of it. Send one with sound.")
    vectors = []
    for first in range(0, len(windows.samples), WINDOWS_AT_ONCE):
        with stopwatch.step("embed"):
            vectors.append(embedder.embed_stems(windows.samples[first : first + WINDOWS_AT_ONCE]))
    queries = predict_queries(embedder, heard.sections, [stem_type], stopwatch)[stem_type]
    held = StemWindows(np.concatenate(vectors), np.zeros(len(windows.numbers), np.int64), windows.numbers)
    card = embedder.card
    clock = Clock.between(card.query_hop_samples / card.sample_rate, HOP_SECONDS)
    with stopwatch.step("search"):
        (hit,) = rank_stems(
            np.zeros(1, np.int64), held, queries.vectors, queries.starts, clock=clock, limit=1
        )
    with stopwatch.step("second_look"):
        drawn = sketch(stem.waveform).to_bytes()
        (hit,) = SecondLook(heard.sketch, lambda _: {hit.number: drawn}).rank([hit], stem_type)
    return hit
