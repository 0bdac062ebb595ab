"""What comes from a process that decoded a file is data, and looked at before anything is made of it."""

import json
import pickle
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing import Pipe
from multiprocessing.connection import Connection

import numpy as np
import pytest

from audio.sketch import sketch
from audio.stems import StemType
from indexer.answers import HEADER_BYTES, Refused, receive_answer, send_answer
from indexer.listen import LISTENER_VERSION, Listened
from library.records import Heard, SoundFacts
from tests.songs import stem_waveform

WAVEFORM = stem_waveform(0, StemType.BASS, 20.0)
HEARD = Heard(
    bpm=90.0,
    bpm_confidence=0.5,
    key="A minor",
    kind="loop",
    tagged_key="C major",
    loudness=-20.5,
    peaks=b"\xff\x00",
    fingerprint=bytes(range(8)),
    sketch=sketch(WAVEFORM).to_bytes(),
    version=LISTENER_VERSION,
)
LISTENED = Listened(WAVEFORM, SoundFacts(20.0, 16_000, 2), HEARD, "Only half of it — is there.")


@pytest.fixture
def ends() -> Iterator[tuple[Connection, Connection]]:
    ours, theirs = Pipe()
    with ours, theirs:
        yield ours, theirs


@pytest.mark.parametrize("samples", [0, 1, 5, 20_000])
def test_what_was_heard_arrives_whole(ends: tuple[Connection, Connection], samples: int) -> None:
    ours, theirs = ends
    sent = replace(LISTENED, waveform=WAVEFORM[:samples])
    send_answer(theirs, sent)
    received = receive_answer(ours)
    assert isinstance(received, Listened)
    assert np.array_equal(received.waveform, sent.waveform)
    assert replace(received, waveform=sent.waveform) == sent


@pytest.mark.parametrize(
    "refused", [Refused("It is text.", reason="not_audio"), Refused("No such file", number=2)]
)
def test_a_refusal_arrives_whole(ends: tuple[Connection, Connection], refused: Refused) -> None:
    ours, theirs = ends
    send_answer(theirs, refused)
    assert receive_answer(ours) == refused


def header(**other: object) -> bytes:
    """A header of one sample, with `other` values than an honest process sends."""
    facts = {"seconds": 1.0, "sample_rate": 8_000, "channels": 1}
    sound = {"samples": 1, "facts": facts, "heard": {}, "note": ""} | other
    return json.dumps({"sound": sound}).encode()


def test_an_honest_header_is_taken(ends: tuple[Connection, Connection]) -> None:
    ours, theirs = ends
    theirs.send_bytes(header())
    theirs.send_bytes(bytes(4))
    assert isinstance(receive_answer(ours), Listened)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{}",
        b"[]",
        pickle.dumps(Refused("I am an object.")),
        b'{"refused": {"message": "", "reason": "bribed"}}',
        header(samples=-1),
        header(samples=10**12),
        header(note="a" * 100_000),
        header(facts={"seconds": 1.0, "sample_rate": 2**40, "channels": 1}),
        header(facts={"seconds": "long", "sample_rate": 1, "channels": 1}),
        header(heard={"bpm": float("nan")}),
        header(heard={"loudness": "Infinity"}),
        header(heard={"kind": "robert'); drop table stems"}),
        header(heard={"key": "A\0 minor"}),
        header(heard={"tagged_key": "H sharp"}),
        header(heard={"fingerprint": "AAA="}),
        header(heard={"peaks": "AA=="}),
        header(heard={"sketch": "AAAAAAA="}),
        b" " * (HEADER_BYTES + 1),
    ],
)
def test_any_other_header_is_refused(ends: tuple[Connection, Connection], text: bytes) -> None:
    ours, theirs = ends
    if len(text) > HEADER_BYTES:  # more than the pipe holds
        theirs._send(len(text).to_bytes(4, "big") + bytes(100))  # type: ignore[attr-defined]
    else:
        theirs.send_bytes(text)
        theirs.send_bytes(bytes(4))
    with pytest.raises(OSError, match=r"process sent|bad message length"):
        receive_answer(ours)


@pytest.mark.parametrize("samples", [b"", bytes(3), bytes(8), np.float32(np.nan).tobytes()])
def test_other_samples_than_announced_are_refused(
    ends: tuple[Connection, Connection], samples: bytes
) -> None:
    ours, theirs = ends
    theirs.send_bytes(header())
    theirs.send_bytes(samples)
    with pytest.raises(OSError, match="samples"):
        receive_answer(ours)


def test_a_refusal_can_be_stored(ends: tuple[Connection, Connection]) -> None:
    ours, theirs = ends
    send_answer(theirs, Refused("zero\0", reason="damaged"))
    assert receive_answer(ours) == Refused("zero", reason="damaged")
