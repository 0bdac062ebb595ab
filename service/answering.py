"""From a file to the whole answer: what `POST /match` and `counterpart match` both do."""

from collections.abc import Callable

from audio.decode import Recording
from library.builds import StemIndexes
from library.catalogue import Catalogue
from service.matching import Question, match_mix
from service.presenting import present_answer
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
    read_mix: Callable[[], Recording],
    url_prefix: str = "",
) -> MatchAnswer:
    """Read the mix with `read_mix`, find what fits, and present it; every step is timed.

    Raises:
        UnreadableAudioError: the file is not audio that can be used.
        UnusableMixError: there is nothing in it to ask with.
    """
    stopwatch = Stopwatch()
    with stopwatch.step("decode"):
        recording = read_mix()
    findings = match_mix(
        recording.waveform,
        question,
        embedder=resources.embedder,
        indexes=indexes,
        catalogue=catalogue,
        stopwatch=stopwatch,
    )
    return present_answer(
        findings,
        filename=filename,
        seconds=recording.seconds,
        card=resources.embedder.card,
        build=indexes.build,
        stopwatch=stopwatch,
        url_prefix=url_prefix,
    )
