"""Whether a stem is a loop, a one-shot (a single hit or note) or a part of a whole song."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from audio.decode import SAMPLE_RATE, Waveform
from audio.onsets import ONSET_RATE, onset_strength
from audio.tempo import Tempo

StemKind = Literal["loop", "one-shot", "song"]

BLOCK_SAMPLES = SAMPLE_RATE // 20
LONGEST_ONE_SHOT_SECONDS = 12.0
LONGEST_LOOP_SECONDS = 70.0  # 32 bars at 110 bpm
SHORTEST_LOOP_SECONDS = 0.9
# A one-shot rings out; a loop is cut where its sound goes on, or after a rest that fills its bar.
RINGS_OUT_DB = -30.0
BEATS_IN_A_LOOP = (4, 8, 12, 16, 24, 32, 48, 64, 96, 128)
BEAT_TOLERANCE = 0.06  # of a beat at the end: an estimate of 0.2 % after 32 beats
ONSET_SHARE = 0.3  # of the strongest: less is an overtone or a ripple, not a new note
# The onset strength of ripples in 14 pads and strings stays below 0.14; notes in 27 loops reach 0.2 to 1.4.
LEAST_ONSET = 0.2
ONSET_GAP_SECONDS = 0.08
FEWEST_LOOP_ONSETS = 3
SHORTEST_PAD_LOOP_SECONDS = 4.0


@dataclass(frozen=True)
class LoopGuess:
    """What a stem seems to be, and about how probable it is."""

    kind: StemKind
    confidence: float


def guess_kind(waveform: Waveform, tempo: Tempo | None = None) -> LoopGuess:
    """Kind of [T] at 16 kHz; with its `tempo`, a whole number of beats speaks for a loop.

    Rules, not a network: length first, then how many notes begin, whether the sound rings out, and beats.
    """
    seconds = len(waveform) / SAMPLE_RATE
    if seconds > LONGEST_LOOP_SECONDS:
        return LoopGuess("song", min(0.9 + (seconds - LONGEST_LOOP_SECONDS) / 500, 0.99))
    whole_beats = tempo is not None and _is_whole_loop(seconds, tempo)
    if seconds > LONGEST_ONE_SHOT_SECONDS:
        return _loop_or_song(seconds, whole_beats=whole_beats, ending_db=_ending_db(waveform))
    return _loop_or_one_shot(seconds, _count_onsets(waveform), _ending_db(waveform), whole_beats=whole_beats)


def _loop_or_song(seconds: float, *, whole_beats: bool, ending_db: float) -> LoopGuess:
    """The longer, the more a song; a whole number of beats and a sound at the end speak for a loop."""
    song = 0.35 + 0.5 * (seconds - LONGEST_ONE_SHOT_SECONDS) / LONGEST_LOOP_SECONDS
    song += (-0.25 if whole_beats else 0.1) + (0.1 if ending_db < RINGS_OUT_DB else -0.1)
    return _decide("song", song)


def _loop_or_one_shot(seconds: float, onsets: int, ending_db: float, *, whole_beats: bool) -> LoopGuess:
    if seconds < SHORTEST_LOOP_SECONDS:
        return LoopGuess("one-shot", 0.95)
    if onsets < FEWEST_LOOP_ONSETS:  # but a pad's loop of two bars has few onsets too
        one_shot = 0.9 if seconds < SHORTEST_PAD_LOOP_SECONDS else 0.75
    else:
        one_shot = 0.25 - 0.02 * min(onsets - FEWEST_LOOP_ONSETS, 10)
    one_shot += 0.2 if ending_db < RINGS_OUT_DB else -0.2
    one_shot -= 0.15 if whole_beats else 0.0
    return _decide("one-shot", one_shot)


def _decide(kind: StemKind, probability: float) -> LoopGuess:
    """`kind` if it is at least as probable as a loop."""
    probability = min(max(probability, 0.05), 0.95)
    return LoopGuess(kind, probability) if probability >= 0.5 else LoopGuess("loop", 1 - probability)  # noqa: PLR2004


def _is_whole_loop(seconds: float, tempo: Tempo) -> bool:
    beats = seconds * tempo.bpm / 60
    return any(abs(beats - whole) <= BEAT_TOLERANCE * max(whole / 16, 1) for whole in BEATS_IN_A_LOOP)


def _ending_db(waveform: Waveform) -> float:
    """Level of the last 0.1 s against the loudest 0.05 s."""
    blocks = waveform[: len(waveform) // BLOCK_SAMPLES * BLOCK_SAMPLES].reshape(-1, BLOCK_SAMPLES)
    levels = (blocks.astype(np.float64) ** 2).mean(axis=1)
    loudest = float(levels.max(initial=0.0))
    if loudest == 0:
        return 0.0
    return float(10 * np.log10(max(float(levels[-2:].mean()) / loudest, 1e-10)))


def _count_onsets(waveform: Waveform) -> int:
    """Notes or hits that begin in [T], the first included: a sound before the first frame has no rise."""
    strength = onset_strength(np.concatenate([np.zeros(SAMPLE_RATE // 8, np.float32), waveform]))
    return len(_pick_onsets(strength))


def _pick_onsets(strength: NDArray[np.float32]) -> list[int]:
    """Frames of the local maxima that stand out, none within `ONSET_GAP_SECONDS` of the one before."""
    if len(strength) < 3:  # noqa: PLR2004 - a maximum has two neighbours
        return []
    middle = strength[1:-1]
    least = max(ONSET_SHARE * float(strength.max()), LEAST_ONSET)
    is_peak = (middle > strength[:-2]) & (middle >= strength[2:]) & (middle > least)
    picked: list[int] = []
    for frame in np.flatnonzero(is_peak) + 1:
        if not picked or frame - picked[-1] >= ONSET_GAP_SECONDS * ONSET_RATE:
            picked.append(int(frame))
    return picked
