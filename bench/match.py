"""`POST /match` with a three-minute MP3, against decoding, networks and search measured alone.

    python bench/match.py --rounds 15

The library is the demo's, indexed for this run. Each question has a region of its own, so that nothing is
remembered. The parts are measured between the requests: both see the same machine.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TypeVar

import av
import httpx
import numpy as np
from rich.console import Console
from rich.table import Table

from audio.decode import SAMPLE_RATE, decode
from audio.stems import StemType
from indexer.run import index_library
from library.builds import open_current
from library.search import search_stems
from model.embedder import Embedder
from model.weights import shipped_weights
from service.asking import SectionQueries, cut_region, encode_sections, predict_queries
from service.settings import ServiceSettings
from service.stopwatch import Stopwatch

Answer = TypeVar("Answer")

DEMO = Path(__file__).resolve().parents[1] / "demo"
DEMO_MIX = DEMO / "mixes" / "black-mountain-mix-no-drums.ogg"
SECONDS = 180
MP3_RATE = 44_100
PORT = 18_090
TYPE = StemType.DRUMS
LIMIT = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    console = Console()
    with tempfile.TemporaryDirectory() as scratch:
        settings = ServiceSettings.model_validate({"data": Path(scratch) / "data", "require_key": False})
        embedder = Embedder.open(shipped_weights(), threads=arguments.threads)
        index_library([DEMO / "stems"], settings, embedder, Console(quiet=True))
        mp3 = Path(scratch) / "mix.mp3"
        write_mp3(mp3)
        with serving(settings.data, arguments.threads) as client:
            times = measure(client, mp3, Parts(embedder, settings.data), arguments.rounds)
    console.print(tabulate(times))


def write_mp3(path: Path) -> None:
    """The demo's mix over and over, for three minutes in stereo."""
    mix = decode(DEMO_MIX).waveform
    long = np.resize(mix, SECONDS * SAMPLE_RATE)
    places = np.arange(SECONDS * MP3_RATE) * (SAMPLE_RATE / MP3_RATE)
    resampled = np.interp(places, np.arange(len(long)), long).astype(np.float32)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libmp3lame", rate=MP3_RATE, layout="stereo")
        frame = av.AudioFrame.from_ndarray(np.stack([resampled, resampled]), "fltp", "stereo")
        frame.sample_rate = MP3_RATE
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)


@contextmanager
def serving(data: Path, threads: int) -> Iterator[httpx.Client]:
    """The service in a process of its own, and a client of it."""
    start = "from counterpart import cli; cli()"
    command = [sys.executable, "-c", start, "serve", "--data", str(data), "--port", str(PORT)]
    environment = os.environ | {"COUNTERPART_THREADS": str(threads)}
    server = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)  # noqa: S603 - our own
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{PORT}", timeout=120) as client:
            wait_until_ready(client, server)
            yield client
    finally:
        server.terminate()
        server.wait()


def wait_until_ready(client: httpx.Client, server: "subprocess.Popen[bytes]") -> None:
    """Ask until the service is ready.

    Raises:
        SystemExit: it ended.
    """
    while server.poll() is None:
        try:
            if client.get("/readyz").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise SystemExit(f"The service ended with {server.returncode}. Is port {PORT} taken?")


class Parts:
    """The steps of an answer, each called by itself."""

    def __init__(self, embedder: Embedder, data: Path) -> None:
        self.embedder = embedder
        self.indexes = open_current(data, embedder.card.id)

    def time(self, mp3: Path, start: float) -> dict[str, float]:
        """Seconds of decoding, networks and search for the region from `start`."""
        taken: dict[str, float] = {}
        recording = clock(taken, "decode", lambda: decode(mp3))
        region = cut_region(recording.waveform, start, None)
        watch = Stopwatch()

        def ask() -> dict[StemType, SectionQueries]:
            sections = encode_sections(self.embedder, region, start, watch)
            return predict_queries(self.embedder, sections, [TYPE], watch)

        queries = clock(taken, "network", ask)[TYPE]
        clock(taken, "search", lambda: search_stems(self.indexes, TYPE, queries, LIMIT))
        return taken


def clock(taken: dict[str, float], name: str, step: Callable[[], Answer]) -> Answer:
    """The answer of `step`, its time noted."""
    begun = time.perf_counter()
    answer = step()
    taken[name] = time.perf_counter() - begun
    return answer


def measure(client: httpx.Client, mp3: Path, parts: Parts, rounds: int) -> dict[str, list[float]]:
    """Seconds of each round: a request, then the parts; the first round warms up and does not count."""
    times: dict[str, list[float]] = {"request": [], "decode": [], "network": [], "search": []}
    upload = mp3.read_bytes()
    for number in range(rounds + 1):
        start = 0.01 * (number + 1)
        taken = {"request": time_request(client, upload, start), **parts.time(mp3, start)}
        if number:
            for name, seconds in taken.items():
                times[name].append(seconds)
    return times


def time_request(client: httpx.Client, upload: bytes, start: float) -> float:
    """Seconds from sending the mix to the last byte of the answer."""
    params: dict[str, str | float] = {"type": TYPE, "start": start, "limit": LIMIT}
    begun = time.perf_counter()
    client.post("/match", params=params, files={"mix": ("mix.mp3", upload)}).raise_for_status()
    return time.perf_counter() - begun


def tabulate(times: dict[str, list[float]]) -> Table:
    """Medians in milliseconds, and the request as a multiple of its parts."""
    medians = {name: 1000 * median(values) for name, values in times.items()}
    alone = sum(value for name, value in medians.items() if name != "request")
    table = Table("", "p50, ms", title=f"{len(times['request'])} rounds")
    for name, value in medians.items():
        table.add_row(name, f"{value:.1f}")
    table.add_row("request ÷ sum of its parts", f"{medians['request'] / alone:.2f}")
    return table


if __name__ == "__main__":
    main()
