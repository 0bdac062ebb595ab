"""Band-limited single cycles, read at any pitch: the sources of the voice and the electronic instruments."""

import numpy as np
from numpy.typing import NDArray

from audio.decode import SAMPLE_RATE, Waveform

CYCLE = 2048
TOP_HERTZ = 7600.0

Tables = NDArray[np.float32]  # [tables, CYCLE]


def count_harmonics(hertz: float) -> int:
    """Harmonics of a tone that lie below `TOP_HERTZ`; at least one."""
    return max(1, min(int(TOP_HERTZ / hertz), CYCLE // 2 - 1))


def make_tables(amplitudes: NDArray[np.float64], phases: NDArray[np.float64] | float = 0.0) -> Tables:
    """Cycles [J, CYCLE] with harmonics 1..H of the given amplitudes [J, H], as sines turned by `phases`."""
    rows, harmonics = amplitudes.shape
    spectrum = np.zeros((rows, CYCLE // 2 + 1), np.complex128)
    spectrum[:, 1 : harmonics + 1] = -0.5j * CYCLE * amplitudes * np.exp(1j * np.asarray(phases))
    return np.fft.irfft(spectrum, n=CYCLE).astype(np.float32)


def pulse_tables(tilt: float, lowest: float, highest: float) -> Tables:
    """Glottal pulses, one cycle for each octave of pitch above `lowest`; harmonics fall as 1/h^tilt."""
    octaves = int(np.ceil(np.log2(highest / lowest)))
    rows = np.zeros((octaves, count_harmonics(2 * lowest)))
    for octave in range(octaves):
        # Above the octave's top no harmonic may fold back.
        harmonics = count_harmonics(lowest * 2 ** (octave + 1))
        rows[octave, :harmonics] = np.arange(1, harmonics + 1) ** -tilt
    return make_tables(rows, np.pi / 2)


def read_tables(tables: Tables, rows: NDArray[np.int64], phase: NDArray[np.float64]) -> Waveform:
    """The table of row `rows[t]` at `phase[t]` cycles, for each t."""
    places = (phase * CYCLE).astype(np.int64) & (CYCLE - 1)
    return tables.reshape(-1)[rows * CYCLE + places]


def steady_phase(hertz: float, samples: int, start: float = 0.0) -> NDArray[np.float64]:
    """Cycles of a steady tone at each sample."""
    return np.asarray(np.arange(samples) * (hertz / SAMPLE_RATE) + start)
