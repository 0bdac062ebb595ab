"""Sounds made here, and files of every format to keep them in."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import soundfile
from numpy.typing import NDArray

Samples = NDArray[np.float32]


def make_tone(seconds: float = 1.0, rate: int = 44_100, channels: int = 2, hertz: float = 440.0) -> Samples:
    """A sine [N, channels], its first channel twice as loud as the others."""
    wave = np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)
    levels = np.array([0.5] + [0.25] * (channels - 1))
    return np.asarray(wave[:, None] * levels, np.float32)


def write_with_soundfile(
    path: Path, samples: Samples, rate: int = 44_100, subtype: str | None = None
) -> Path:
    file_format = {".opus": "OGG", ".w64": "W64"}.get(path.suffix)
    soundfile.write(path, samples, rate, format=file_format, subtype=subtype)
    return path


def write_with_ffmpeg(path: Path, codec: str, *tracks: Samples, rate: int = 44_100) -> Path:
    """Encode each of `tracks` [N, 2] as an audio stream of its own; with none, write a film without sound."""
    with av.open(str(path), "w", format="adts" if path.suffix == ".aac" else None) as container:
        if not tracks:
            picture = container.add_stream("mpeg4", rate=10)
            picture.width = picture.height = 64
            picture.pix_fmt = "yuv420p"
            black = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
            container.mux([*picture.encode(black), *picture.encode()])
        streams = [container.add_stream(codec, rate=rate, layout="stereo") for _ in tracks]
        for stream, samples in zip(streams, tracks, strict=True):
            assert isinstance(stream, av.AudioStream)
            frame = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(samples.T), format="fltp", layout="stereo"
            )
            frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
            container.mux([*stream.encode(frame), *stream.encode()])
    return path


def damage(path: Path, begin: float, length: int) -> Path:
    """Overwrite `length` bytes of `path` with noise, from the fraction `begin` of it on."""
    content = bytearray(path.read_bytes())
    start = round(begin * len(content))
    content[start : start + length] = np.random.default_rng(0).bytes(length)
    path.write_bytes(content)
    return path


def cut_off(path: Path, keep: float) -> Path:
    """Leave only the first part of `path`, the fraction `keep` of its bytes."""
    content = path.read_bytes()
    path.write_bytes(content[: round(keep * len(content))])
    return path
