"""What is heard in a mix before anything is searched: enough to answer any question about it."""

from dataclasses import dataclass

from audio.agreement import COMPARED_SECONDS
from audio.decode import SAMPLE_RATE, Recording
from audio.fingerprint import Fingerprint, fingerprint
from audio.key import KeyGuess, estimate_key
from audio.sketch import Sketch, sketch
from audio.tempo import Tempo, estimate_tempo
from audio.windows import cut_middle
from service.asking import EncodedSection, MixEmbedder, cut_region, encode_sections
from service.question import Question
from service.stopwatch import Stopwatch

# More of a region tells little about its tempo and key, and takes longer than the search.
HEARD_SECONDS = 60


@dataclass(frozen=True, slots=True)
class MixFacts:
    """What is estimated of a mix; None where nothing can be told."""

    tempo: Tempo | None = None
    key: KeyGuess | None = None


NO_FACTS = MixFacts()


@dataclass(frozen=True, slots=True)
class HeardMix:
    """All that is needed of a region of a mix to ask any question about it, without its file."""

    seconds: float
    """Length of the whole mix as uploaded."""
    start: float
    """Seconds into the mix at which the region begins."""
    end: float
    """Seconds into the mix at which it ends."""
    sections: tuple[EncodedSection, ...]
    facts: MixFacts
    """Of the first minute of the region."""
    sketch: Sketch
    """Of the middle of the region, see `audio.agreement`."""
    fingerprint: Fingerprint | None
    """Of the region; None where the question does not need it."""

    @property
    def nbytes(self) -> int:
        """Memory that it takes."""
        marks = 0 if self.fingerprint is None else self.fingerprint.nbytes
        return marks + self.sketch.nbytes + sum(each.nbytes for each in self.sections)


def hear_mix(
    recording: Recording, question: Question, embedder: MixEmbedder, stopwatch: Stopwatch
) -> HeardMix:
    """Listen to the region that `question` is about; types and filters do not matter yet.

    Raises:
        UnusableMixError: the region is too short, silent or outside the mix.
    """
    region = cut_region(recording.waveform, question.start, question.seconds)
    sections = encode_sections(embedder, region, question.start, stopwatch)
    with stopwatch.step("metadata"):
        heard = region[: HEARD_SECONDS * SAMPLE_RATE]
        facts = MixFacts(estimate_tempo(heard), estimate_key(heard))
        drawn = sketch(cut_middle(region, COMPARED_SECONDS))
        marks = fingerprint(region) if question.without_own_song else None
    return HeardMix(
        seconds=recording.seconds,
        start=question.start,
        end=question.start + len(region) / SAMPLE_RATE,
        sections=sections,
        facts=facts,
        sketch=drawn,
        fingerprint=marks,
    )
