"""Turn a file of any common format into 16 kHz mono, and refuse, with a reason, what is not usable audio."""

import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import soundfile
from numpy.typing import NDArray

from audio.containers import recognise_container
from audio.pyav_reader import open_with_pyav
from audio.resample import Resampler
from audio.sound import Sound
from audio.soundfile_reader import UnknownLengthError, open_with_soundfile
from audio.unreadable import UnreadableAudioError

__all__ = [
    "SAMPLE_RATE",
    "DecodeLimits",
    "Recording",
    "UnreadableAudioError",
    "Waveform",
    "decode",
]

SAMPLE_RATE = 16_000

Waveform = NDArray[np.float32]
"""[T] float32, mono, finite, at `SAMPLE_RATE`."""

# Full scale is 1. Integers kept in a float file reach 2^31; above this, squares overflow float32.
LARGEST_SAMPLE = 1e10
# Ten minutes of digital silence in FLAC take 1,077 bit/s. A header that promises less was made up.
FEWEST_BITS_PER_SECOND = 100


@dataclass(frozen=True)
class DecodeLimits:
    """What a file may be; rates in Hz, lengths in seconds."""

    max_seconds: float = 3600
    min_seconds: float = 0.1
    min_rate: int = 8_000
    max_rate: int = 384_000
    max_channels: int = 8
    # Of all channels together: an hour of stereo at 192 kHz. 12 MB of FLAC can hold ten times as much.
    max_samples: int = 1_400_000_000


DEFAULT_LIMITS = DecodeLimits()


@dataclass(frozen=True)
class Recording:
    """A decoded file: its sound, and how long, how fast and how wide the file itself is."""

    waveform: Waveform
    seconds: float  # what was there, whatever the header says
    sample_rate: int
    channels: int
    announced_seconds: float | None = None  # by the header, if it says anything: often an estimate


def decode(path: Path, limits: DecodeLimits = DEFAULT_LIMITS) -> Recording:
    """Read `path` block by block; memory is bounded by the waveform and one block.

    Raises:
        UnreadableAudioError: the file is not audio, is damaged or is outside `limits`.
        OSError: the file is not there or may not be read.
    """
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableAudioError("not_audio", "This is not a file. Name an audio file.")
    if status.st_size == 0:
        raise UnreadableAudioError("empty", "The file is empty. Send a file with sound in it.")
    with path.open("rb", buffering=0) as file, open_sound(file) as sound:
        _check_header(sound, limits, file_bytes=os.fstat(file.fileno()).st_size)
        return _read_recording(sound, limits)


@contextmanager
def open_sound(file: BinaryIO) -> Iterator[Sound]:
    """Open `file` with the reader that suits it.

    FFmpeg reads the lossy formats: there it needs 0.4 (Opus) to 1.1 (MP3) of libsndfile's time, and
    libsndfile ends a broken MP3 early without a word while its decoder writes to stderr.

    Raises:
        UnreadableAudioError: it is not audio.
    """
    with ExitStack() as stack:
        yield _enter_reader(file, stack)


def _enter_reader(file: BinaryIO, stack: ExitStack) -> Sound:
    container = recognise_container(file)
    if container is None:
        raise UnreadableAudioError(
            "not_audio",
            "This is not audio in a known format. "
            "Send WAV, FLAC, AIFF, CAF, MP3, Ogg, Opus, M4A, AAC or WebM.",
        )
    if container.lossless:
        with suppress(soundfile.LibsndfileError, UnknownLengthError):
            return stack.enter_context(open_with_soundfile(file))
    return stack.enter_context(open_with_pyav(file, container.demuxer))


def _check_header(sound: Sound, limits: DecodeLimits, file_bytes: int) -> None:
    if not limits.min_rate <= sound.sample_rate <= limits.max_rate:
        raise UnreadableAudioError(
            "unsupported",
            f"The sample rate is {sound.sample_rate} Hz. "
            f"Export the audio at {limits.min_rate} to {limits.max_rate} Hz, 44100 for example.",
        )
    if sound.channels > limits.max_channels:
        raise UnreadableAudioError(
            "unsupported",
            f"The audio has {sound.channels} channels. "
            f"Export it with at most {limits.max_channels}; two are enough.",
        )
    announced_seconds = (sound.announced_frames or 0) / sound.sample_rate
    believable = file_bytes * 8 >= announced_seconds * FEWEST_BITS_PER_SECOND
    if believable:
        _check_length(announced_seconds, sound, limits)


def _read_recording(sound: Sound, limits: DecodeLimits) -> Recording:
    resampler = Resampler(sound.sample_rate, SAMPLE_RATE)
    frames = 0
    for block in sound.blocks:
        frames += len(block)
        _check_length(frames / sound.sample_rate, sound, limits)
        resampler.add(_check_samples(_downmix(block)))
    seconds = frames / sound.sample_rate
    if seconds < limits.min_seconds:
        raise UnreadableAudioError(
            "too_short" if frames else "empty",
            f"The file holds less than {limits.min_seconds:g} s of audio. Send a longer one.",
        )
    promised = sound.announced_frames if sound.promised_frames is None else sound.promised_frames
    announced = None if promised is None else promised / sound.sample_rate
    return Recording(resampler.finish(), seconds, sound.sample_rate, sound.channels, announced)


def _downmix(block: NDArray[np.float32]) -> NDArray[np.float32]:
    """[N, channels] -> [N], the channels' average."""
    channels = block.shape[1]
    total = block[:, 0].copy()
    with np.errstate(over="ignore", invalid="ignore"):  # `_check_samples` finds what comes of it
        for channel in range(1, channels):  # ten times as fast as mean(axis=1)
            total += block[:, channel]
    return total if channels == 1 else total * np.float32(1 / channels)


def _check_samples(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    # NaN makes the maximum NaN, and no comparison with NaN holds: one pass finds NaN, infinity and nonsense.
    if not np.abs(samples).max(initial=0) <= LARGEST_SAMPLE:
        raise UnreadableAudioError(
            "damaged",
            "The audio has samples that are not finite numbers (NaN or infinity) or far beyond full scale. "
            "Export it again, as 16- or 24-bit integers for example.",
        )
    return samples


def _check_length(seconds: float, sound: Sound, limits: DecodeLimits) -> None:
    longest = min(limits.max_seconds, limits.max_samples / (sound.sample_rate * sound.channels))
    if seconds > longest:
        raise UnreadableAudioError(
            "too_long", f"The audio is longer than {longest:.6g} s. Cut it to the part that matters."
        )
