"""Many clients against one service: what is answered, what is turned away, how long it all takes.

Example:
    counterpart index demo/stems --data data/load && counterpart serve --data data/load &
    python bench/load.py --clients 64 --seconds 120
"""

import argparse
import asyncio
import random
import time
from collections import Counter
from pathlib import Path
from statistics import median

import httpx

DEMO_MIX = Path(__file__).resolve().parents[1] / "demo" / "mixes" / "black-mountain-mix-no-drums.ogg"


async def ask(client: httpx.AsyncClient, mix: bytes, chance: random.Random) -> tuple[int, float, float]:
    """Status, time and Retry-After of one match; each region is its own, so that none is remembered."""
    begun = time.perf_counter()
    params: dict[str, str | float] = {"type": "bass", "start": round(chance.uniform(0.01, 2), 6)}
    response = await client.post("/match", params=params, files={"mix": ("mix.ogg", mix)})
    return response.status_code, time.perf_counter() - begun, float(response.headers.get("retry-after", 0))


async def keep_asking(
    client: httpx.AsyncClient, mix: bytes, until: float, seen: list[tuple[int, float]], number: int
) -> None:
    """One client: the next question follows the answer, or the time it was told to wait."""
    chance = random.Random(number)  # noqa: S311 - nothing secret
    while time.perf_counter() < until:
        try:
            status, seconds, retry = await ask(client, mix, chance)
        except httpx.TransportError:
            status, seconds, retry = 0, 0.0, 1.0
        seen.append((status, seconds))
        if status != httpx.codes.OK:
            await asyncio.sleep(min(retry, max(until - time.perf_counter(), 0)))


async def measure(url: str, mix: bytes, clients: int, seconds: float) -> None:
    """Alone, then under load, then alone again; printed."""
    limits = httpx.Limits(max_connections=clients + 1, max_keepalive_connections=clients + 1)
    chance = random.Random(-1)  # noqa: S311
    async with httpx.AsyncClient(base_url=url, timeout=120, limits=limits) as client:
        await ask(client, mix, chance)
        alone = [(await ask(client, mix, chance))[1] for _ in range(10)]
        seen: list[tuple[int, float]] = []
        until = time.perf_counter() + seconds
        await asyncio.gather(*(keep_asking(client, mix, until, seen, number) for number in range(clients)))
        ended = time.perf_counter()
        recovered = None
        while recovered is None and time.perf_counter() - ended < 60:  # noqa: PLR2004
            if (await ask(client, mix, chance))[1] < 1.5 * median(alone):
                recovered = time.perf_counter() - ended
        metrics = (await client.get("/metrics")).text
    accepted = sorted(taken for status, taken in seen if status == httpx.codes.OK)
    refused = sorted(taken for status, taken in seen if status == httpx.codes.SERVICE_UNAVAILABLE)
    print(f"alone: p50 {1000 * median(alone):.0f} ms")
    print(
        f"under load: {dict(Counter(status for status, _ in seen))}; {len(accepted) / seconds:.1f} answers/s"
    )
    for name, taken in (("accepted", accepted), ("refused", refused)):
        if taken:
            worst = taken[min(int(0.99 * len(taken)), len(taken) - 1)]
            print(f"{name}: p50 {median(taken):.3f} s, p99 {worst:.3f} s, longest {taken[-1]:.3f} s")
    print(f"full speed again after {recovered} s")
    print(*(line for line in metrics.splitlines() if line.startswith("process_resident_memory")), sep="\n")


def main() -> None:
    """Read the options and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--mix", type=Path, default=DEMO_MIX)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=120)
    options = parser.parse_args()
    asyncio.run(measure(options.url, options.mix.read_bytes(), options.clients, options.seconds))


if __name__ == "__main__":
    main()
