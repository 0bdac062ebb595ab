"""The runner's inner loop: read, embed and write what a plan asks for."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from rich.console import Console

from audio.windows import HOP_SECONDS, find_windows
from indexer.embed import StemEmbedder, embed_windows
from indexer.listen import listen
from indexer.plan import Failure
from indexer.progress import IndexingProgress
from indexer.read import SILENT, DecodedStem, FailedStem, RecognisedStem, StemReading, read_stem
from indexer.readings import read_ahead, read_one_by_one
from indexer.stopping import IndexingStoppedError, Stop
from indexer.workers import WorkerPool
from indexer.write import StemWriter
from library.records import StemEntry


@dataclass(slots=True)
class Done:
    """What became of the files that were read."""

    embedded: int = 0
    recognised: int = 0
    failures: list[Failure] = field(default_factory=list)
    notes: list[Failure] = field(default_factory=list)
    """Files that were embedded although something is wrong with them."""


@dataclass(frozen=True, slots=True)
class Hands:
    """What the work is done with."""

    embedder: StemEmbedder
    console: Console
    stop: Stop
    workers: int = 0
    """Processes that decode; with 0 it is done in this one."""
    open_pool: Callable[[], WorkerPool] = WorkerPool


def embed_stems(work: Sequence[StemEntry], writer: StemWriter, hands: Hands) -> Done:
    """Read, embed and write `work`, in order.

    Raises:
        IndexingStoppedError: a stop was requested; what was done before is on the disk.
    """
    done = Done()
    with ExitStack() as stack:
        progress = stack.enter_context(IndexingProgress(hands.console, len(work)))
        try:
            for reading in _readings(work, writer, hands, stack):
                seconds = _hand_over(reading, hands.embedder, writer, done)
                progress.advance(seconds)
        except (IndexingStoppedError, KeyboardInterrupt):
            writer.flush()
            raise
        writer.flush()
    hands.stop.check()
    return done


def _readings(
    work: Sequence[StemEntry], writer: StemWriter, hands: Hands, stack: ExitStack
) -> Iterator[StemReading]:
    # A single file is not worth a process.
    workers = min(hands.workers, len(work))
    if not workers:
        return read_one_by_one(work, lambda entry: read_stem(entry, writer, listen, hands.stop), hands.stop)
    pool = stack.enter_context(hands.open_pool())
    return read_ahead(work, lambda entry: read_stem(entry, writer, pool, hands.stop), hands.stop, workers)


def _hand_over(reading: StemReading, embedder: StemEmbedder, writer: StemWriter, done: Done) -> float:
    """Embed and write one stem. Returns its seconds."""
    match reading:
        case DecodedStem() if writer.has_vectors(reading.content_hash):  # by a copy that came just before
            writer.add_recognised(
                RecognisedStem(
                    reading.entry, reading.state, reading.content_hash, reading.facts, reading.heard
                )
            )
            done.recognised += 1
        case DecodedStem():
            return _embed(reading, embedder, writer, done)
        case RecognisedStem():
            writer.add_recognised(reading)
            done.recognised += 1
        case FailedStem():
            _fail(reading, writer, done)
    return 0.0


def _embed(reading: DecodedStem, embedder: StemEmbedder, writer: StemWriter, done: Done) -> float:
    numbers = find_windows(reading.waveform, HOP_SECONDS)
    if not len(numbers):
        _fail(FailedStem(reading.entry, reading.state, reading.content_hash, SILENT), writer, done)
        return 0.0
    writer.add_embedded(reading, numbers, embed_windows(embedder, reading.waveform, numbers))
    done.embedded += 1
    if reading.note:
        done.notes.append(Failure(reading.entry.path, reading.note))
    return reading.facts.seconds


def _fail(reading: FailedStem, writer: StemWriter, done: Done) -> None:
    writer.add_failed(reading)
    done.failures.append(Failure(reading.entry.path, reading.reason, may_pass=reading.state is None))
