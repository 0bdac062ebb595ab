"""Cut a stem into the windows that it is stored by, and a long mix into the sections that it asks with."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.decode import SAMPLE_RATE, Waveform

WINDOW_SECONDS = 8.0
WINDOW_SAMPLES = 128_000
# Between a stem's windows in an index. Half a window, not a whole one: twice the vectors, but on validation
# songs of release 0.1.0 R@1 rises from 75 to 79 % for mixes of 12 s and from 80 to 81 % for mixes of 20 s.
HOP_SECONDS = 4.0
SHORTEST_TAIL_SECONDS = 2.0
# Of a mix: three minutes of a song and more. On 289 whole mixes of validation songs (median 3.6 minutes) the
# networks alone find 92.0 % at once by three sections, 93.8 by six, 96.2 by twelve and 96.5 by sixteen.
SECTIONS = 12
SECTION_SECONDS = 16.0

SILENCE_DBFS = -60.0
SILENCE_BELOW_LOUDEST_DB = 40.0


@dataclass(frozen=True)
class Windows:
    """A stem's audible windows, in order."""

    samples: NDArray[np.float32]  # [B, WINDOW_SAMPLES]
    starts: NDArray[np.float64]  # [B] seconds
    numbers: NDArray[np.int64]  # [B] start / hop: a silent window leaves a gap


def cut_middle(waveform: Waveform, seconds: float) -> Waveform:
    """At most `seconds` from the middle of [T]: an intro and an ending say least about a song."""
    samples = round(seconds * SAMPLE_RATE)
    begin = max((len(waveform) - samples) // 2, 0)
    return waveform[begin : begin + samples]


def is_silent(waveform: Waveform) -> bool:
    """Whether [T] is empty or its RMS is at most `SILENCE_DBFS`."""
    return _rms(waveform) <= _amplitude(SILENCE_DBFS)


def cut_windows(waveform: Waveform, hop_seconds: float = HOP_SECONDS) -> Windows:
    """Sparse windows of [T], the last one filled up with zeros; those that `find_windows` finds."""
    numbers = find_windows(waveform, hop_seconds)
    starts = numbers * _hop_samples(hop_seconds) / SAMPLE_RATE
    return Windows(copy_windows(waveform, numbers, hop_seconds), starts, numbers)


def find_windows(waveform: Waveform, hop_seconds: float = HOP_SECONDS) -> NDArray[np.int64]:
    """Numbers of the windows of [T] that are kept [B], ascending.

    Silent windows are left out: those below `SILENCE_DBFS`, or `SILENCE_BELOW_LOUDEST_DB` or more under the
    loudest. So is an end shorter than `SHORTEST_TAIL_SECONDS`, unless it is all there is.
    """
    hop_samples = _hop_samples(hop_seconds)
    # A window that begins after another has reached the end would only repeat it.
    end = min(max(len(waveform) - WINDOW_SAMPLES, 0) + hop_samples, max(len(waveform), 1))
    pieces = [waveform[start : start + WINDOW_SAMPLES] for start in range(0, end, hop_samples)]
    kept = np.flatnonzero(_are_audible(pieces))
    if len(kept) > 1 and len(pieces[kept[-1]]) < SHORTEST_TAIL_SECONDS * SAMPLE_RATE:
        kept = kept[:-1]
    return kept.astype(np.int64)


def copy_windows(
    waveform: Waveform, numbers: NDArray[np.int64], hop_seconds: float = HOP_SECONDS
) -> NDArray[np.float32]:
    """The windows of [T] with these numbers [B, WINDOW_SAMPLES], filled up with zeros beyond its end."""
    samples = np.zeros((len(numbers), WINDOW_SAMPLES), dtype=np.float32)
    for row, start in zip(samples, (numbers * _hop_samples(hop_seconds)).tolist(), strict=True):
        piece = waveform[start : start + WINDOW_SAMPLES]
        row[: len(piece)] = piece
    return samples


def choose_sections(
    waveform: Waveform, section_seconds: float = SECTION_SECONDS, limit: int = SECTIONS, step_samples: int = 1
) -> list[tuple[float, Waveform]]:
    """Up to `limit` audible sections of a mix [T], spread evenly, as (start in seconds, samples).

    A mix of at most one and a half sections is one section, whole. A silent mix has none. Sections begin at
    multiples of `step_samples`: with the distance of two queries, all queries of a mix lie on one clock.
    """
    section_samples = round(section_seconds * SAMPLE_RATE)
    if len(waveform) <= 1.5 * section_samples:
        return [] if is_silent(waveform) else [(0.0, waveform)]
    count = -(-len(waveform) // section_samples)
    starts = np.linspace(0, len(waveform) - section_samples, count).astype(np.int64)
    starts -= starts % step_samples
    sections = [waveform[start : start + section_samples] for start in starts]
    audible = np.flatnonzero(_are_audible(sections))
    # The middles of `chosen` equal parts: an intro and an ending say least about a song.
    chosen = min(limit, len(audible))
    numbers = [audible[(2 * part + 1) * len(audible) // (2 * chosen)] for part in range(chosen)]
    return [(float(starts[number]) / SAMPLE_RATE, sections[number]) for number in numbers]


def _hop_samples(hop_seconds: float) -> int:
    hop_samples = round(hop_seconds * SAMPLE_RATE)
    if hop_samples < 1:
        raise ValueError(f"The hop is {hop_seconds} s. Use more than 0, {WINDOW_SECONDS:g} for example.")
    return hop_samples


def _are_audible(pieces: list[Waveform]) -> NDArray[np.bool_]:
    levels = np.array([_rms(piece) for piece in pieces])
    loudest = levels.max(initial=0.0)
    gate = max(_amplitude(SILENCE_DBFS), loudest * _amplitude(-SILENCE_BELOW_LOUDEST_DB))
    return np.array(levels > gate, dtype=np.bool_)


def _rms(waveform: Waveform) -> float:
    return float(np.sqrt(np.dot(waveform, waveform) / max(len(waveform), 1)))


def _amplitude(decibels: float) -> float:
    return float(10 ** (decibels / 20))
