"""What indexing costs beside what cannot be saved: decoding and the network.

    python -m bench.indexing ~/stems --workers 1 --threads 1

Costs are processor time, of all processes together, so that other work on the machine matters little; each
round measures both ways one after the other, with the same files: those that became stems. Ratios are of
the medians. What every fact costs is measured as well.
"""

import argparse
import resource
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from audio.decode import SAMPLE_RATE, Waveform, decode
from audio.file_tags import read_file_tags
from audio.fingerprint import fingerprint
from audio.key import estimate_key
from audio.layouts import AUDIO_SUFFIXES
from audio.loops import guess_kind
from audio.loudness import integrated_loudness
from audio.peaks import waveform_peaks
from audio.sketch import sketch
from audio.tempo import estimate_tempo
from audio.windows import find_windows
from indexer.embed import embed_windows, find_type_guesser
from indexer.opening import open_for_reading
from indexer.run import index_library
from library.catalogue import Catalogue
from library.durable import file_sha256
from library.settings import Settings
from model.embedder import Embedder
from model.weights import shipped_weights

Costs = dict[str, list[float]]

FACTS: dict[str, Callable[[Waveform], object]] = {
    "tempo": estimate_tempo,
    "key": estimate_key,
    "loop or one-shot": guess_kind,
    "loudness": lambda waveform: integrated_loudness(waveform, SAMPLE_RATE),
    "peaks": waveform_peaks,
    "fingerprint": fingerprint,
    "sketch": sketch,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=0, help="take every n-th file, for about so many")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1, help="of the network; 0 is one a core")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    embedder = Embedder.open(shipped_weights(), threads=arguments.threads)
    embedder.embed_stems(np.full((1, embedder.card.window_samples), 0.01, np.float32))
    found = sorted(path for path in arguments.folder.rglob("*") if path.suffix.lower() in AUDIO_SUFFIXES)
    step = max(len(found) // arguments.files, 1) if arguments.files else 1
    with tempfile.TemporaryDirectory() as folder:
        for path in found[::step]:
            _link(path, arguments.folder, Path(folder) / "stems")
        costs: Costs = defaultdict(list)
        seconds = 0.0
        for turn in range(arguments.rounds):
            settings = Settings(data=Path(folder) / f"data-{turn}", database_url=None)
            measure_index(Path(folder) / "stems", settings, embedder, arguments.workers, costs)
            stems = find_stems(settings)
            seconds = measure_alone(stems, embedder, costs)
    print_costs(costs, len(stems), seconds)


def measure_alone(files: list[Path], embedder: Embedder, costs: Costs) -> float:
    """Each step by itself, in this process, one file after the other. Returns the seconds of audio."""
    spent: dict[str, float] = defaultdict(float)

    def timed(name: str, step: Callable[[], object]) -> object:
        began = time.process_time()
        result = step()
        spent[name] += time.process_time() - began
        return result

    seconds = 0.0
    for path in files:
        waveform: Waveform = timed("decoding", lambda path=path: decode(path)).waveform  # type: ignore[attr-defined,misc]
        seconds += len(waveform) / SAMPLE_RATE
        timed("network", lambda waveform=waveform: _embed(embedder, waveform))  # type: ignore[misc]
        timed("checksum, tags", lambda path=path: (file_sha256(path), read_file_tags(path)))  # type: ignore[misc]
        for name, hear in FACTS.items():
            timed(name, lambda hear=hear, waveform=waveform: hear(waveform))  # type: ignore[misc]
    for name, cost in spent.items():
        costs[name].append(cost)
    return seconds


def find_stems(settings: Settings) -> list[Path]:
    """The files that were embedded: one of each sound, without those that are silent or no stems."""
    with open_for_reading(settings) as sessions, sessions() as session:
        catalogue = Catalogue(session)
        numbers = [stem.number for stem in catalogue.embedded_stems()]
        return sorted(stem.path for stem in catalogue.stems_by_number(numbers).values())


def measure_index(stems: Path, settings: Settings, embedder: Embedder, workers: int, costs: Costs) -> None:
    """`counterpart index`, from the scan to the published build, with the processes that it starts."""
    with _timed_with_children(costs["index"], costs["index, wall"]):
        report = index_library(
            [stems],
            settings,
            embedder,
            Console(quiet=True),
            guess_type=find_type_guesser(embedder),
            workers=workers,
        )
    if report.unchanged or not report.embedded:
        raise RuntimeError(f"Nothing was measured: {report.embedded} stems were embedded.")


@contextmanager
def _timed_with_children(processor: list[float], wall: list[float]) -> Iterator[None]:
    began, before = time.perf_counter(), _processor_time()
    yield
    processor.append(_processor_time() - before)
    wall.append(time.perf_counter() - began)


def _processor_time() -> float:
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def print_costs(costs: Costs, files: int, seconds: float) -> None:
    """A table in milliseconds of processor time a second of audio, and as shares of decoding and network."""
    medians = {name: float(np.median(each)) for name, each in costs.items()}
    alone = medians["decoding"] + medians["network"]
    facts = sum(medians[name] for name in FACTS) + medians["checksum, tags"]
    table = Table("", "ms of processor a second of audio", "of decoding + network")
    rows = [
        ("decoding", medians["decoding"]),
        ("network", medians["network"]),
        ("decoding + network", alone),
        *((name, medians[name]) for name in ("checksum, tags", *FACTS)),
        ("all facts", facts),
        ("index", medians["index"]),
        ("index without the facts", medians["index"] - facts),
    ]
    for name, cost in rows:
        table.add_row(name, f"{1000 * cost / seconds:.3f}", f"{100 * cost / alone:.1f} %")
    console = Console()
    console.print(f"{files} files, {seconds / 3600:.2f} h of audio, {len(costs['index'])} rounds")
    console.print(table)
    console.print(
        f"index took {medians['index, wall']:.1f} s: {seconds / medians['index, wall']:.0f} × real time"
    )


def _embed(embedder: Embedder, waveform: Waveform) -> None:
    numbers = find_windows(waveform)
    if len(numbers):
        embed_windows(embedder, waveform, numbers)


def _link(path: Path, root: Path, target: Path) -> Path:
    """The file again, below `target`, so that an index of every n-th file can be made."""
    link = target / path.resolve().relative_to(root.resolve())
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(path.resolve())
    return link


if __name__ == "__main__":
    main()
