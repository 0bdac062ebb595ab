"""A file can end its own process and nothing else: the next file is decoded as if nothing had been."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from audio.decode import DecodeLimits, UnreadableAudioError, decode
from service.decoder_process import DecoderProcess, ProcessLimits, read_header
from service.decoders import DecoderLostError, Decoders
from service.patience import GivenUpError, Patience
from tests.songs import tone, write_stem

DEADLY = "tests.service.deadly_decoder"
LIMITS = ProcessLimits(memory_bytes=2_000_000_000, cpu_seconds=60, seconds=60)


@pytest.fixture
def deadly() -> Iterator[Decoders]:
    with Decoders(1, LIMITS, DEADLY) as decoders:
        yield decoders


def ask(decoders: Decoders, name: str | Path, patience: Patience | None = None) -> float:
    return decoders(Path(name), DecodeLimits(), patience or Patience(60)).seconds


def test_a_process_decodes_as_this_one_does(decoders: Decoders, tmp_path: Path) -> None:
    path = write_stem(tmp_path / "tone.flac", tone(440, 3))
    there, here = decoders(path, DecodeLimits(), Patience(60)), decode(path)
    assert np.array_equal(there.waveform, here.waveform)
    assert replace(there, waveform=here.waveform) == here
    there.waveform[0] = 1.0  # ours to change


def test_what_is_wrong_with_a_file_comes_back(decoders: Decoders, tmp_path: Path) -> None:
    path = tmp_path / "notes.wav"
    path.write_text("Dear Sir or Madam")
    with pytest.raises(UnreadableAudioError, match="not audio") as caught:
        ask(decoders, path)
    assert caught.value.reason == "not_audio"
    died = decoders.counts.died
    with pytest.raises(UnreadableAudioError, match="longer than 2 s"):
        decoders(write_stem(tmp_path / "long.wav", tone(440, 3)), DecodeLimits(max_seconds=2), Patience(60))
    assert decoders.counts.died == died


@pytest.mark.parametrize(
    ("name", "told"),
    [("crashes", "SIGABRT"), ("grows", "memory"), ("lies", "SIGKILL"), ("floods", "SIGKILL")],
)
def test_a_file_that_ends_its_process_is_unusable_and_the_next_is_decoded(
    deadly: Decoders, name: str, told: str
) -> None:
    with pytest.raises((UnreadableAudioError, DecoderLostError)) as caught:
        ask(deadly, name)
    assert isinstance(caught.value, DecoderLostError) or told in str(caught.value)
    assert ask(deadly, "fine") == 1.0


def test_a_file_that_never_ends_is_unusable(tmp_path: Path) -> None:
    limits = replace(LIMITS, seconds=0.5)
    with Decoders(1, limits, DEADLY) as decoders:
        with pytest.raises(UnreadableAudioError, match=r"more than 0\.5 s"):
            ask(decoders, "hangs")
        assert decoders.counts.died == 1
    with Decoders(1, replace(LIMITS, cpu_seconds=1), DEADLY) as decoders:
        with pytest.raises(UnreadableAudioError, match="SIGXCPU"):
            ask(decoders, "spins")
        assert ask(decoders, "fine") == 1.0


def test_a_decoder_cannot_write_files(deadly: Decoders, tmp_path: Path) -> None:
    with pytest.raises(UnreadableAudioError):
        ask(deadly, tmp_path / "writes")
    assert [path.stat().st_size for path in tmp_path.iterdir()] in ([], [0])


def test_a_process_that_is_killed_from_outside_costs_nothing(deadly: Decoders, tmp_path: Path) -> None:
    assert ask(deadly, tmp_path / "is killed once") == 1.0
    assert deadly.counts.died == 1


def test_a_process_that_is_killed_again_is_no_fault_of_the_file(deadly: Decoders) -> None:
    with pytest.raises(DecoderLostError, match="Try again"):
        ask(deadly, "is killed")
    assert ask(deadly, "fine") == 1.0


def test_an_idle_process_that_was_killed_is_replaced(deadly: Decoders) -> None:
    assert ask(deadly, "fine") == 1.0
    (process,) = deadly._running
    process.kill()
    assert ask(deadly, "fine") == 1.0


def test_whoever_goes_away_ends_the_decoding(deadly: Decoders) -> None:
    assert ask(deadly, "fine") == 1.0  # it runs
    patience = Patience(60)
    leaving = threading.Timer(0.2, patience.give_up)
    leaving.start()
    with pytest.raises(GivenUpError):
        ask(deadly, "hangs", patience)
    leaving.join()
    assert deadly.counts.died == 0
    assert ask(deadly, "fine") == 1.0


def test_what_a_decoder_sends_is_only_data() -> None:
    for text in (
        b"",
        b"[]",
        b"\x80\x04",
        b"{}",
        b'{"reason": "bribed", "message": ""}',
        b'{"reason": "empty"}',
        b'{"samples": 1, "seconds": "long", "sample_rate": 1, "channels": 1}',
        b'{"samples": 1, "seconds": 1, "sample_rate": [], "channels": 1}',
    ):
        with pytest.raises(OSError, match="decoder"):
            read_header(text)


def test_a_decoder_knows_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERPART_DATABASE_URL", "postgresql://me:secret@host/db")
    process = DecoderProcess("service.decoder", LIMITS)
    try:
        environment = b""
        while not environment:  # until the child has become another program
            environment = Path(f"/proc/{process.pid}/environ").read_bytes()
    finally:
        process.kill()
    assert b"PYTHONPATH" in environment
    assert b"secret" not in environment


def test_all_processes_end_with_the_pool() -> None:
    with Decoders(2, LIMITS) as decoders:
        decoders.start()
        running = list(decoders._running)
        assert [process.is_alive() for process in running] == [True, True]
    assert [process.is_alive() for process in running] == [False, False]
