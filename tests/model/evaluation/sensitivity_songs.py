"""Songs whose stems share a rhythm, their renderings that are changed, and an embedder that hears rhythm."""

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audio.decode import SAMPLE_RATE, Waveform
from audio.stems import StemType
from audio.windows import WINDOW_SAMPLES
from model.overhang import Queries
from tests.model.evaluation.baseline_sounds import clicks, rhythm
from tests.model.multitracks import write_wav

SECONDS = 30.0
BPM = 120.0
HERTZ = {StemType.DRUMS: 3000.0, StemType.BASS: 200.0, StemType.KEYS: 900.0}


def write_rhythms(root: Path, songs: int = 3, transpose: int = 0, stretch: float = 1.0) -> Path:
    """`<root>/song-<n>/<type>.wav` and `song.json`, as the renderer writes them."""
    for number in range(songs):
        folder = root / f"song-{number}"
        for stem_type, hertz in HERTZ.items():
            pitch = hertz if stem_type is StemType.DRUMS else hertz * 2 ** (transpose / 12)
            times = rhythm(number, SECONDS) * stretch
            write_wav(folder / f"{stem_type}.wav", clicks(times, SECONDS * stretch, pitch))
        note = {"midi": f"{number}.mid", "bpm": BPM / stretch, "transpose": transpose, "stretch": stretch}
        (folder / "song.json").write_text(json.dumps(note))
    return root


class HearsRhythm:
    """Vectors are the loudness of a window over time, in order: it knows nothing of pitch."""

    query_hop_samples = 500
    _cells = 128

    def queries(self, mix: Waveform, stem_type: StemType) -> Queries:
        padded = np.pad(mix, (0, max(WINDOW_SAMPLES - len(mix), 0)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW_SAMPLES)[:: self.query_hop_samples]
        return Queries.in_a_row(self.candidate_vectors(windows), self.query_hop_samples / SAMPLE_RATE)

    def candidate_vectors(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        energy = np.add.reduceat(
            np.abs(windows), np.arange(0, WINDOW_SAMPLES, WINDOW_SAMPLES // self._cells), axis=1
        )
        energy = energy - energy.mean(axis=1, keepdims=True)
        lengths = np.linalg.norm(energy, axis=1, keepdims=True)
        return np.asarray(energy / np.maximum(lengths, 1e-9), np.float32)


def seconds(count: float) -> int:
    """Samples of so many seconds."""
    return round(count * SAMPLE_RATE)
