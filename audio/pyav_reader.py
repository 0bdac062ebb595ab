"""Read compressed files (MP3, Ogg, Opus, AAC, M4A, MP4, WebM, WMA) with FFmpeg, block by block."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from numpy.typing import NDArray

from audio.sound import BLOCK_FRAMES, Sound
from audio.unreadable import UnreadableAudioError

# A packet is about 20 ms. Players skip one that is broken, and so do we; more of them is damage.
MOST_BROKEN_PACKETS = 8


class _PatientFile:
    """A file that answers an impossible seek, which broken files ask for, as FFmpeg wants it: by a number."""

    def __init__(self, file: BinaryIO) -> None:
        self.read = file.read
        self.tell = file.tell
        self._seek = file.seek

    def seek(self, offset: int, whence: int) -> int:
        try:
            return self._seek(offset, whence)
        except (OSError, OverflowError):
            return -1


@contextmanager
def open_with_pyav(file: BinaryIO, demuxer: str) -> Iterator[Sound]:
    """Open the first audio stream of `file`, which FFmpeg is to read as `demuxer` and as nothing else.

    Raises:
        UnreadableAudioError: FFmpeg cannot read it, or it holds no audio.
    """
    file.seek(0)
    try:
        # From an open file, with no protocol allowed: nothing in the file can make FFmpeg open another.
        container = av.open(
            _PatientFile(file),
            mode="r",
            format=demuxer,
            options={"protocol_whitelist": ""},
            metadata_errors="replace",
        )
    except av.FFmpegError as error:
        raise _damaged(error) from error
    with container:
        if not container.streams.audio:
            raise UnreadableAudioError(
                "not_audio", "The file holds no audio, only pictures or data. Send one with an audio track."
            )
        yield _read_sound(container, container.streams.audio[0])


def _read_sound(container: InputContainer, stream: AudioStream) -> Sound:
    frames = _decode_frames(container, stream)
    first = next(frames, None)
    if first is None:
        raise _damaged(None)
    announced = _announced_seconds(container, stream)
    return Sound(
        sample_rate=first.sample_rate,  # the decoder's, not the header's: HE-AAC doubles it
        channels=first.layout.nb_channels,
        announced_frames=None if announced is None else round(announced * first.sample_rate),
        blocks=_collect_blocks(first, frames),
    )


def _announced_seconds(container: InputContainer, stream: AudioStream) -> float | None:
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    return None if container.duration is None else container.duration / av.time_base


def _decode_frames(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    broken_packets = 0
    try:
        for packet in container.demux(stream):
            try:
                yield from packet.decode()
            except av.InvalidDataError:
                broken_packets += 1
                if broken_packets > MOST_BROKEN_PACKETS:
                    raise
    except av.FFmpegError as error:
        raise _damaged(error) from error


def _collect_blocks(first: AudioFrame, rest: Iterator[AudioFrame]) -> Iterator[NDArray[np.float32]]:
    """Blocks [N, channels] of many frames each: a call a frame would cost more than the decoding."""
    to_float = av.AudioResampler(format="fltp")
    pieces = [_samples(to_float, first)]
    frames = first.samples
    for frame in rest:
        if (frame.sample_rate, frame.layout.nb_channels) != (first.sample_rate, first.layout.nb_channels):
            raise UnreadableAudioError(
                "unsupported",
                "The sample rate or the number of channels changes within the file. "
                "Export it again with one of each.",
            )
        pieces.append(_samples(to_float, frame))
        frames += frame.samples
        if frames >= BLOCK_FRAMES:
            yield np.concatenate(pieces, axis=1).T
            pieces, frames = [], 0
    if pieces:
        yield np.concatenate(pieces, axis=1).T


def _samples(to_float: av.AudioResampler, frame: AudioFrame) -> NDArray[np.float32]:
    return np.concatenate([part.to_ndarray() for part in to_float.resample(frame)], axis=1, dtype=np.float32)


def _damaged(error: av.FFmpegError | None) -> UnreadableAudioError:
    detail = f" ({error.strerror})" if error is not None and error.strerror else ""
    return UnreadableAudioError(
        "damaged", f"The audio is damaged and cannot be decoded{detail}. Export it again."
    )
