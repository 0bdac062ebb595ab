"""What Prometheus reads at `/metrics`: how long each step takes, what waits, and which build answers."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from service.batched_embedder import BatchedEmbedder
from service.desk import Desk
from service.resources import Resources

STEPS: Final = (
    *("upload", "decode", "context", "predict", "search", "second_look"),
    *("own_song", "duplicates", "metadata", "embed"),
)
SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
BATCH_SIZES: Final = (1, 2, 4, 8, 16, 32)
OTHER_ROUTE: Final = "other"


class Metrics:
    """The counts of one application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self._requests = Histogram(
            "counterpart_request_seconds",
            "Time from a request's header to the end of its answer.",
            ("method", "route", "status"),
            buckets=SECONDS,
            registry=self.registry,
        )
        self._steps = Histogram(
            "counterpart_step_seconds",
            "Time that one step of a request took.",
            ("step",),
            buckets=SECONDS,
            registry=self.registry,
        )
        self._problems = Counter(
            "counterpart_problems",
            "Requests that were answered with a problem.",
            ("kind",),
            registry=self.registry,
        )
        for step in STEPS:
            self._steps.labels(step)

    def watch(self, resources: Resources, desk: Desk) -> None:
        """Read the gauges from these, whenever somebody asks."""
        self.registry.register(_State(lambda: read_state(resources, desk)))

    def count_request(self, method: str, route: str | None, status: int, seconds: float) -> None:
        """One request; `route` is the template of its path, so that ids make no series of their own."""
        self._requests.labels(method, route or OTHER_ROUTE, str(status)).observe(seconds)

    def count_steps(self, milliseconds: Mapping[str, float]) -> None:
        """The steps of one request."""
        for step, time in milliseconds.items():
            self._steps.labels(step).observe(time / 1000)

    def count_problem(self, kind: str) -> None:
        """One answer with a problem of this kind."""
        self._problems.labels(kind).inc()

    def text(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self.registry)


class _State(Collector):
    """What is the case at the moment."""

    def __init__(self, read: Callable[[], Iterable[Metric]]) -> None:
        self._read = read

    def collect(self) -> Iterable[Metric]:
        """Ask now."""
        return self._read()

    def describe(self) -> Iterable[Metric]:
        """Nothing is asked when it is registered."""
        return ()


def read_state(resources: Resources, desk: Desk) -> Iterable[Metric]:
    """Gauges of the desk, the decoders, the remembered mixes and the build."""
    embedder, decoders, recent = resources.embedder, resources.decoders, resources.recent
    gauges: tuple[tuple[str, str, float], ...] = (
        ("counterpart_in_flight", "Requests that were taken on.", desk.taken),
        ("counterpart_queue_depth", "Requests that wait for the networks.", desk.waiting),
        ("counterpart_queue_limit", "Requests that may be taken on.", desk.most),
        ("counterpart_inference_busy", "Requests at the networks.", desk.inference.busy),
        ("counterpart_decoding_busy", "Requests with a decoder.", desk.decoding.busy),
        ("counterpart_recent_mixes_bytes", "Memory of the mixes that are remembered.", recent.nbytes),
    )
    for name, text, value in gauges:
        yield GaugeMetricFamily(name, text, value)
    counters: tuple[tuple[str, str, float], ...] = (
        ("counterpart_recent_mixes_hits", "Mixes that were remembered.", recent.hits),
        ("counterpart_recent_mixes_misses", "Mixes that were not.", recent.misses),
        ("counterpart_decoders_started", "Decoding processes that were started.", decoders.counts.started),
        ("counterpart_decoders_died", "Decoding processes that died.", decoders.counts.died),
    )
    for name, text, value in counters:
        yield CounterMetricFamily(name, text, value)
    if isinstance(embedder, BatchedEmbedder):
        yield histogram_of_sizes(embedder.sizes.read())
    info = GaugeMetricFamily(
        "counterpart_info", "Always 1; its labels say what answers.", labels=("model", "provider", "build")
    )
    info.add_metric((embedder.card.id, embedder.provider, resources.build.build_id() or ""), 1)
    yield info


def histogram_of_sizes(sizes: Mapping[int, int]) -> HistogramMetricFamily:
    """How many calls went through the networks together; `sizes` are numbers of batches by size."""
    buckets = [
        (str(float(bound)), float(sum(count for size, count in sizes.items() if size <= bound)))
        for bound in BATCH_SIZES
    ]
    buckets.append(("+Inf", float(sum(sizes.values()))))
    total = float(sum(size * count for size, count in sizes.items()))
    return HistogramMetricFamily(
        "counterpart_batch_size", "Calls that went through the networks together.", buckets, total
    )
