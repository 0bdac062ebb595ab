"""From a file to the whole answer: what `POST /match` and `counterpart match` both do."""

from collections.abc import Callable

from audio.decode import Recording
from library.builds import StemIndexes
from library.catalogue import Catalogue
from service.heard_mix import HeardMix, hear_mix
from service.matching import find_fits
from service.presenting import present_answer
from service.question import Question
from service.resources import Resources
from service.schemas import MatchAnswer
from service.stopwatch import Stopwatch


def answer_question(
    resources: Resources,
    indexes: StemIndexes,
    catalogue: Catalogue,
    question: Question,
    *,
    filename: str,
    sha256: str,
    read_mix: Callable[[], Recording],
) -> MatchAnswer:
    """Read the mix with `read_mix`, find what fits, and present it; every step is timed.

    Raises:
        UnreadableAudioError: the file is not audio that can be used.
        UnusableMixError: there is nothing in it to ask with.
    """
    stopwatch = Stopwatch()
    with stopwatch.step("decode"):
        recording = read_mix()
    heard = hear_mix(recording, question, resources.embedder, stopwatch)
    return answer_heard(
        resources,
        indexes,
        catalogue,
        question,
        heard,
        filename=filename,
        sha256=sha256,
        stopwatch=stopwatch,
    )


def answer_heard(
    resources: Resources,
    indexes: StemIndexes,
    catalogue: Catalogue,
    question: Question,
    heard: HeardMix,
    *,
    filename: str,
    sha256: str,
    stopwatch: Stopwatch,
    url_prefix: str = "",
) -> MatchAnswer:
    """Find what fits a mix that was heard, now or for an earlier question, and present it."""
    findings = find_fits(
        heard,
        question,
        embedder=resources.embedder,
        indexes=indexes,
        catalogue=catalogue,
        stopwatch=stopwatch,
    )
    return present_answer(
        findings,
        filename=filename,
        sha256=sha256,
        seconds=heard.seconds,
        card=resources.embedder.card,
        build=indexes.build,
        stopwatch=stopwatch,
        url_prefix=url_prefix,
    )
