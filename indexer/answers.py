"""What a process that listens answers: a header in JSON, then the waveform in blocks.

Never pickled: a file that takes such a process over must not be able to send objects to the indexer, which
writes to the database. What it does send is looked at before anything is made of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from multiprocessing import BufferTooShort
from multiprocessing.connection import Connection

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from audio.decode import DEFAULT_LIMITS, SAMPLE_RATE, Waveform
from audio.key import parse_key
from audio.sketch import Sketch
from audio.unreadable import Reason, UnreadableAudioError
from indexer.listen import Listened
from library.records import KINDS, Heard, SoundFacts

BLOCK_SAMPLES = 1 << 18  # a megabyte
HEADER_BYTES = 8 << 20  # an hour's outline, fingerprint and sketch take one
_LONGEST_TEXT = 10_000
_LARGEST_INTEGER = 1 << 31
# The resampler may end a little later than the file.
_MOST_SAMPLES = int(DEFAULT_LIMITS.max_seconds + 10) * SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a file was not decoded, in a form that survives the way between processes."""

    message: str
    reason: Reason | None = None
    """Of an `UnreadableAudioError`; None of an `OSError`."""
    number: int | None = None
    """Of an `OSError`."""

    def as_error(self) -> UnreadableAudioError | OSError:
        """The error that it was."""
        if self.reason is not None:
            return UnreadableAudioError(self.reason, self.message)
        return OSError(self.number or 0, self.message)


_CONFIG = ConfigDict(allow_inf_nan=False, ser_json_bytes="base64", val_json_bytes="base64")


class _Sound(BaseModel):
    """Everything of a `Listened` but its waveform."""

    model_config = _CONFIG

    samples: int = Field(ge=0, le=_MOST_SAMPLES)
    facts: SoundFacts
    heard: Heard
    note: str = Field(max_length=_LONGEST_TEXT)

    @model_validator(mode="after")
    def _check(self) -> "_Sound":
        """What the database, or a service that ranks by it, would stumble on."""
        numbers = (self.facts.sample_rate, self.facts.channels, self.heard.version)
        if not all(0 <= number < _LARGEST_INTEGER for number in numbers):
            raise ValueError("There is no such number of channels, sample rate or version.")
        if self.heard.kind not in {None, *KINDS}:
            raise ValueError("There is no such kind.")
        if any(key and parse_key(key) is None for key in (self.heard.key, self.heard.tagged_key)):
            raise ValueError("There is no such key.")
        if len(self.heard.fingerprint or b"") % 4 or len(self.heard.peaks or b"") % 2:
            raise ValueError("The fingerprint or the outline is cut short.")
        if self.heard.sketch is not None:
            Sketch.from_bytes(self.heard.sketch)
        return self


class _Header(BaseModel):
    """One of the two."""

    model_config = _CONFIG

    refused: Refused | None = None
    sound: _Sound | None = None


def send_answer(connection: Connection, said: Listened | Refused) -> None:
    """Send what was heard, then the waveform in blocks: in one piece it would be there three times."""
    if isinstance(said, Refused):
        connection.send_bytes(_Header(refused=said).model_dump_json().encode())
        return
    sound = _Sound(samples=len(said.waveform), facts=said.facts, heard=said.heard, note=said.note)
    connection.send_bytes(_Header(sound=sound).model_dump_json().encode())
    for block in _blocks(said.waveform):
        connection.send_bytes(block.data.cast("B"))


def receive_answer(connection: Connection) -> Listened | Refused:
    """What `send_answer` sent.

    Raises:
        EOFError, OSError: the other end is gone, or sends something else.
    """
    header = _read_header(connection.recv_bytes(HEADER_BYTES))
    if isinstance(header, Refused):
        return header
    waveform = np.empty(header.samples, np.float32)
    for block in _blocks(waveform):
        _receive_block(connection, block)
    return Listened(waveform, header.facts, header.heard, header.note)


def _read_header(text: bytes) -> _Sound | Refused:
    try:
        header = _Header.model_validate_json(text)
    except ValidationError as error:
        raise OSError("The process sent something else than an answer.") from error
    said = header.sound or header.refused
    if said is None:
        raise OSError("The process sent no answer.")
    # PostgreSQL stores no text with a zero in it.
    return replace(said, message=said.message.replace("\0", "")) if isinstance(said, Refused) else said


def _receive_block(connection: Connection, block: Waveform) -> None:
    try:
        received = connection.recv_bytes_into(block.data.cast("B"))
    except BufferTooShort as error:
        raise OSError("The process sent more samples than it announced.") from error
    if received != block.nbytes or not np.isfinite(block).all():
        raise OSError("The process sent fewer samples than it announced, or no samples.")


def _blocks(waveform: Waveform) -> Iterator[Waveform]:
    for start in range(0, len(waveform), BLOCK_SAMPLES):
        yield waveform[start : start + BLOCK_SAMPLES]
