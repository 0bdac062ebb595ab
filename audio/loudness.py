"""How loud a recording is, in LUFS: ITU-R BS.1770-4's integrated loudness with its two gates."""

import math
from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft

STEPS_PER_BLOCK = 4  # blocks of 400 ms, each overlapping the one before by 75 %
STEP_SECONDS = 0.1
ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0
STEPS_PER_SECOND = 10
# Transforms that are computed together take half the time of one after the other; memory stays small.
SECONDS_AT_ONCE = 8
IMPULSE_SECONDS = 0.12  # later the weighting's response to an impulse is below 1e-10


def integrated_loudness(samples: NDArray[np.float32], rate: int) -> float | None:
    """LUFS of [T] or [T, channels], full scale 1; None below 0.4 s or where no block is above −70 LUFS.

    All channels weigh the same: the standard's weights for surround need a layout that a stem does not have.
    Written here because pyloudnorm 0.2.0 took 2.6 times as long on one song and reads 5 channels at most.
    """
    channels = samples[:, None] if samples.ndim == 1 else samples
    edges = np.round(np.arange(int(len(channels) / (rate * STEP_SECONDS) + 1e-6) + 1) * rate * STEP_SECONDS)
    if len(edges) <= STEPS_PER_BLOCK:
        return None
    steps = np.zeros(len(edges) - 1)
    for channel in channels.T:
        steps += np.concatenate(list(_step_energies(channel, edges.astype(np.int64), rate)))
    blocks = np.convolve(steps, np.ones(STEPS_PER_BLOCK), mode="valid") / (
        STEPS_PER_BLOCK * STEP_SECONDS * rate
    )
    return _gated_loudness(blocks)


def _gated_loudness(blocks: NDArray[np.float64]) -> float | None:
    """Loudness of the blocks' mean squares [N] that pass the absolute, then the relative gate."""
    audible = blocks[blocks >= _mean_square(ABSOLUTE_GATE_LUFS)]
    if not len(audible):
        return None
    gate = _mean_square(_lufs(float(audible.mean())) + RELATIVE_GATE_LU)
    return _lufs(float(audible[audible > gate].mean()))


def _step_energies(
    channel: NDArray[np.float32], edges: NDArray[np.int64], rate: int
) -> Iterator[NDArray[np.float64]]:
    """Sums of squares of the K-weighted `channel` [T] between neighbouring `edges`, some seconds at a time.

    The filters are applied as a convolution with their response, by overlap and save: SciPy's recursive
    filters take as long, and half a second to import in every process that reads files.
    """
    response = _k_response(rate)
    lead = len(response)
    size = next_fast_len(rate + lead, real=True)
    transfer = rfft(response, size)
    for first in range(0, len(edges) - 1, SECONDS_AT_ONCE * STEPS_PER_SECOND):
        ends = edges[first : first + SECONDS_AT_ONCE * STEPS_PER_SECOND + 1] - edges[first]
        seconds = -(-int(ends[-1]) // rate)
        piece = np.zeros(lead + seconds * rate, np.float32)
        begin = int(edges[first]) - lead
        samples = channel[max(begin, 0) : edges[first] + ends[-1]]
        piece[max(-begin, 0) :][: len(samples)] = samples
        rows = np.lib.stride_tricks.sliding_window_view(piece, lead + rate)[::rate]
        weighted = irfft(rfft(rows, size, axis=1) * transfer, size, axis=1)[:, lead : lead + rate].ravel()
        yield np.add.reduceat(np.square(weighted[: ends[-1]]), ends[:-1], dtype=np.float64)


@cache
def _k_response(rate: int) -> NDArray[np.float32]:
    """What the K-weighting makes of a single 1, [`IMPULSE_SECONDS` × rate]."""
    response = [1.0] + [0.0] * (math.ceil(IMPULSE_SECONDS * rate) - 1)
    for b0, b1, b2, _, a1, a2 in _k_weighting(rate).tolist():
        first = second = 0.0
        for place, value in enumerate(response):
            output = b0 * value + first
            first, second = b1 * value - a1 * output + second, b2 * value - a2 * output
            response[place] = output
    return np.array(response, np.float32)


def _k_weighting(rate: int) -> NDArray[np.float64]:
    """The standard's two filters at any rate [2, 6]: a head's shelf, then a high-pass.

    B. De Man, "Evaluation of implementations of the EBU R128 loudness measurement" (AES 2018) gives the
    analogue parameters whose bilinear transform at 48 kHz is the standard's table.
    """
    k = math.tan(math.pi * 1681.974450955533 / rate)
    damping, gain = k / 0.7071752369554196, 10 ** (3.999843853973347 / 20)
    bend, norm = gain**0.4996667741545416, 1 + damping + k * k
    shelf = [gain + bend * damping + k * k, 2 * (k * k - gain), gain - bend * damping + k * k]
    shelf += [norm, 2 * (k * k - 1), 1 - damping + k * k]
    k = math.tan(math.pi * 38.13547087602444 / rate)
    damping = k / 0.5003270373238773
    total = 1 + damping + k * k
    # The standard's numerator is 1, −2, 1 as it stands, not divided by `total`.
    high_pass = [total, -2 * total, total, total, 2 * (k * k - 1), 1 - damping + k * k]
    return np.array([np.array(shelf) / norm, np.array(high_pass) / total])


def _lufs(mean_square: float) -> float:
    return -0.691 + 10 * math.log10(mean_square)


def _mean_square(lufs: float) -> float:
    return float(10 ** ((lufs + 0.691) / 10))
