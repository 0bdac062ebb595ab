"""What every request shares, opened once and closed in reverse order."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass

import numpy as np

from audio.stems import STEM_TYPES
from library.builds import NoBuildError
from library.index_gpu import check_device
from model.embedder import Embedder
from model.weights import shipped_weights
from service.asking import MixEmbedder
from service.batched_embedder import BatchedEmbedder, batch_size
from service.current_build import CurrentBuild
from service.decoder_process import ProcessLimits
from service.decoders import Decoders
from service.index_runner import IndexRunner, can_index, index_command
from service.open_catalogue import CatalogueSource
from service.recent_mixes import RecentMixes
from service.settings import ServiceSettings
from service.stem_inbox import StemInbox


@dataclass(frozen=True, slots=True)
class Resources:
    """The embedder, the published build, the catalogue, the decoders and what was heard lately."""

    settings: ServiceSettings
    embedder: MixEmbedder
    build: CurrentBuild
    catalogues: CatalogueSource
    decoders: Decoders
    recent: RecentMixes
    inbox: StemInbox
    runner: IndexRunner


ResourceOpener = Callable[[ServiceSettings], AbstractContextManager[Resources]]


@contextmanager
def open_resources(settings: ServiceSettings) -> Iterator[Resources]:
    """Everything that the settings name, ready to answer.

    Raises:
        BrokenModelError, DeviceNotFoundError: the model cannot run as asked.
        NoGpuError: indexes were asked to run on a GPU, and there is none.
        WrongModelError, DamagedBuildError: there is an index, but not one that this model can search.
    """
    embedder = Embedder.open(settings.model or shipped_weights(), settings.device, settings.threads)
    most = batch_size(settings.batch, settings.device)
    shared = embedder if most == 1 else BatchedEmbedder(embedder, most)
    with share_resources(settings, shared) as resources:
        yield resources


@contextmanager
def share_resources(
    settings: ServiceSettings, embedder: MixEmbedder, decoders: Decoders | None = None
) -> Iterator[Resources]:
    """Resources around an embedder that is already open; a library without an index is no reason to fail.

    Raises:
        NoGpuError: indexes were asked to run on a GPU, and there is none.
        WrongModelError, DamagedBuildError: as in `open_resources`.
    """
    check_device(settings.index_device)
    build = CurrentBuild(settings.data, embedder.card.id, settings.index_device)
    # Without an index the service starts all the same, says what to run, and takes it up when it appears.
    with suppress(NoBuildError):
        build.indexes()
    warm_up(embedder)
    with ExitStack() as stack:
        catalogues = stack.enter_context(closing(CatalogueSource(settings.catalogue_url)))
        if decoders is None:
            decoders = stack.enter_context(Decoders(settings.decoders, process_limits(settings)))
        inbox = StemInbox(settings.data.absolute())
        indexes = settings.index_uploads and can_index(settings)
        runner = IndexRunner(index_command(inbox.folder, settings) if indexes else None)
        yield Resources(
            settings=settings,
            embedder=embedder,
            build=build,
            catalogues=catalogues,
            decoders=decoders,
            recent=RecentMixes(settings.cache_bytes),
            inbox=inbox,
            runner=stack.enter_context(closing(runner)),
        )


def process_limits(settings: ServiceSettings) -> ProcessLimits:
    """What the settings allow one decoding process."""
    return ProcessLimits(settings.decode_memory_bytes, settings.decode_cpu_seconds, settings.decode_seconds)


def warm_up(embedder: MixEmbedder) -> None:
    """One inference, so that the first request does not pay for the graphs' first run."""
    noise = np.random.default_rng(0).normal(0, 0.1, embedder.card.window_samples).astype(np.float32)
    embedder.predict(embedder.embed_context(noise), STEM_TYPES[0])
