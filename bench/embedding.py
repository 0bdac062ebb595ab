"""How long the three graphs take, in milliseconds and against this machine's matrix-product peak.

    python bench/embedding.py --threads 2

Compare ratios between machines, not milliseconds.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from audio.decode import SAMPLE_RATE
from audio.stems import StemType
from audio.windows import WINDOW_SAMPLES
from model.embedder import Embedder
from model.weights import shipped_weights

ROUNDS = 20
GEMM_SIZE = 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, help="release folder; default: the shipped one")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=20.0, help="length of the mix")
    arguments = parser.parse_args()
    embedder = Embedder.open(arguments.model or shipped_weights(), threads=arguments.threads)
    noise = np.random.default_rng(0).normal(0, 0.1, round(arguments.seconds * SAMPLE_RATE)).astype(np.float32)
    Console().print(measure(embedder, noise))


def measure(embedder: Embedder, mix: np.ndarray) -> Table:
    """Median of each step, and as a multiple of one matrix product of 1024³."""
    latents = embedder.embed_context(mix)
    window = mix[:WINDOW_SAMPLES][None]
    square = np.random.default_rng(0).normal(size=(GEMM_SIZE, GEMM_SIZE)).astype(np.float32)
    steps: dict[str, Callable[[], object]] = {
        f"context, {len(mix) / SAMPLE_RATE:g} s": lambda: embedder.embed_context(mix),
        "predictor, all offsets": lambda: embedder.predict(latents, StemType.BASS),
        "target, one window": lambda: embedder.embed_stems(window),
        "target, 16 windows": lambda: embedder.embed_stems(window.repeat(16, axis=0)),
    }
    product = median_milliseconds(lambda: square @ square)
    table = Table("step", "ms", "× one 1024³ matrix product", title=embedder.card.id)
    for name, step in steps.items():
        taken = median_milliseconds(step)
        table.add_row(name, f"{taken:.1f}", f"{taken / product:.1f}")
    return table


def median_milliseconds(step: Callable[[], object]) -> float:
    """Of `ROUNDS` calls after one that warms up."""
    step()
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        step()
        times.append(time.perf_counter() - started)
    return 1000 * float(np.median(times))


if __name__ == "__main__":
    main()
