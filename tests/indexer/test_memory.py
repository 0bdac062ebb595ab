"""A long file does not blow up memory: beside its waveform there is little, however long it is."""

import tracemalloc
from collections.abc import Callable
from multiprocessing import Pipe
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
import soundfile

from audio.decode import SAMPLE_RATE, Waveform
from audio.file_tags import FileTags
from audio.windows import WINDOW_SAMPLES, find_windows
from indexer.answers import Refused, receive_answer, send_answer
from indexer.embed import WINDOWS_A_BATCH, embed_windows
from indexer.listen import Listened, hear, listen
from library.records import Heard, SoundFacts
from tests.fakes import FakeEmbedder

MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
def long_sound() -> Waveform:
    """Ten minutes, 37 MB."""
    return (np.random.default_rng(0).random(600 * SAMPLE_RATE, np.float32) - np.float32(0.5)) / np.float32(5)


def most_memory(work: Callable[[], object]) -> int:
    """Bytes that `work` takes at most beside what was there before it."""
    work()  # what is made once and kept is no matter of length
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_listening_takes_little_beside_the_waveform(long_sound: Waveform) -> None:
    assert most_memory(lambda: hear(long_sound, FileTags())) < 0.4 * long_sound.nbytes


def test_decoding_takes_no_more_than_twice_the_waveform(tmp_path: Path) -> None:
    path, rate, seconds = tmp_path / "bass.flac", 8_000, 600
    noise = np.random.default_rng(0).integers(-9, 9, rate * seconds).astype(np.int16)
    soundfile.write(path, noise, rate)
    waveform_bytes = 4 * SAMPLE_RATE * seconds
    assert waveform_bytes <= most_memory(lambda: listen(path, 0)) < 2.2 * waveform_bytes


def test_a_batch_of_windows_is_in_memory_not_all_of_them(long_sound: Waveform) -> None:
    numbers = find_windows(long_sound)
    batch = WINDOWS_A_BATCH * WINDOW_SAMPLES * 4
    embedder = BlindEmbedder()
    assert most_memory(lambda: embed_windows(embedder, long_sound, numbers)) < 2.5 * batch
    assert len(numbers) > 4 * WINDOWS_A_BATCH


class BlindEmbedder(FakeEmbedder):
    """Takes no memory of its own."""

    def embed_stems(self, windows: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> Waveform:
        return windows[:, :2].copy()


def test_a_waveform_travels_between_processes_without_copies_of_the_whole(long_sound: Waveform) -> None:
    listened = Listened(long_sound, SoundFacts(600.0, SAMPLE_RATE, 1), Heard())

    def travel() -> None:
        ours, theirs = Pipe()
        sender = Thread(target=send_answer, args=(theirs, listened))
        sender.start()
        received = receive_answer(ours)
        sender.join()
        assert not isinstance(received, Refused)
        assert np.array_equal(received.waveform, long_sound)
        assert received.facts == listened.facts

    # The one that arrives, a block on the way, and the comparison's truth values.
    assert most_memory(travel) < 1.3 * long_sound.nbytes + 8 * MEGABYTE
