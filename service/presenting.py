"""From findings to the JSON that callers see; the endpoint and `counterpart match --json` print the same."""

from pathlib import PurePath
from typing import Final
from urllib.parse import quote

from audio.parts import STEM_FILE_SUFFIX, is_stem_file, part_suffix
from library.records import StemRecord
from service.asking import EmbedderCard
from service.matching import Findings, Fit
from service.schemas import Match, MatchAnswer, ModelView, Placement, QueryView, StemView, Timings
from service.stopwatch import Stopwatch

# The steps that callers see as one.
SEARCHING: Final = ("search", "second_look", "own_song", "duplicates")


def present_answer(
    findings: Findings,
    *,
    filename: str,
    sha256: str,
    seconds: float,
    card: EmbedderCard,
    build: str,
    stopwatch: Stopwatch,
    url_prefix: str = "",
) -> MatchAnswer:
    """The whole answer; `seconds` is the length of the mix as uploaded."""
    tempo, key = findings.facts.tempo, findings.facts.key
    return MatchAnswer(
        query=QueryView(
            filename=filename,
            sha256=sha256,
            seconds=round(seconds, 3),
            windows=findings.windows,
            bpm=None if tempo is None else round(tempo.bpm, 1),
            bpm_confidence=None if tempo is None else round(tempo.confidence, 3),
            key=None if key is None else str(key.key),
            key_confidence=None if key is None else round(key.confidence, 3),
        ),
        model=ModelView(name=card.name, version=card.version),
        build=build,
        matches=[_match(rank, fit, url_prefix) for rank, fit in enumerate(findings.fits, start=1)],
        timings_ms=present_timings(stopwatch),
    )


def present_stem(stem: StemRecord, url_prefix: str = "") -> StemView:
    """A stem without what is only this server's business, such as its place on the disk."""
    return StemView(
        id=stem.id,
        type=stem.type,
        song=stem.song,
        path=stem.relative_path,
        seconds=round(stem.seconds, 3),
        type_source=stem.type_source,
        type_confidence=stem.type_confidence,
        bpm=stem.bpm,
        bpm_source=stem.bpm_source,
        bpm_confidence=stem.bpm_confidence,
        key=stem.key,
        key_source=stem.key_source,
        key_confidence=stem.key_confidence,
        kind=stem.kind,
        loudness=stem.loudness,
        licence=stem.licence,
        tags=list(stem.tags),
        audio_url=f"{url_prefix}/stems/{quote(stem.id)}/audio",
        audio_name=name_audio(stem),
        peaks_url=f"{url_prefix}/stems/{quote(stem.id)}/peaks",
    )


def name_audio(stem: StemRecord) -> str:
    """What the file is called in which this stem is sent; one that is a part of a file has one of its own."""
    path = PurePath(stem.relative_path)
    if not stem.part:
        return path.name
    whole = path.name[: -len(STEM_FILE_SUFFIX)] if is_stem_file(path) else path.stem
    return f"{whole} {stem.type}{part_suffix(stem.part)}"


def _match(rank: int, fit: Fit, url_prefix: str) -> Match:
    return Match(
        rank=rank,
        score=round(fit.score, 4),
        stem=present_stem(fit.stem, url_prefix),
        placement=Placement(
            mix_start=round(fit.mix_start, 3),
            stem_start=round(fit.stem_start, 3),
            seconds=round(fit.seconds, 3),
        ),
    )


def present_timings(stopwatch: Stopwatch) -> Timings:
    """What each step took."""
    return Timings(
        decode=round(stopwatch.milliseconds("decode"), 2),
        context=round(stopwatch.milliseconds("context"), 2),
        predict=round(stopwatch.milliseconds("predict"), 2),
        search=round(sum(stopwatch.milliseconds(name) for name in SEARCHING), 2),
        total=round(stopwatch.total_milliseconds(), 2),
    )
