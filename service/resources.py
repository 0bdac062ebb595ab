"""What every request shares, opened once and closed in reverse order."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass

import numpy as np

from audio.stems import STEM_TYPES
from library.builds import NoBuildError
from library.index_gpu import check_device
from model.embedder import Embedder
from model.weights import shipped_weights
from service.asking import MixEmbedder
from service.current_build import CurrentBuild
from service.open_catalogue import CatalogueSource
from service.settings import ServiceSettings


@dataclass(frozen=True, slots=True)
class Resources:
    """The embedder, the published build and the catalogue."""

    settings: ServiceSettings
    embedder: MixEmbedder
    build: CurrentBuild
    catalogues: CatalogueSource


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
    with share_resources(settings, embedder) as resources:
        yield resources


@contextmanager
def share_resources(settings: ServiceSettings, embedder: MixEmbedder) -> Iterator[Resources]:
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
    with closing(CatalogueSource(settings.catalogue_url)) as catalogues:
        yield Resources(settings, embedder, build, catalogues)


def warm_up(embedder: MixEmbedder) -> None:
    """One inference, so that the first request does not pay for the graphs' first run."""
    noise = np.random.default_rng(0).normal(0, 0.1, embedder.card.window_samples).astype(np.float32)
    embedder.predict(embedder.embed_context(noise), STEM_TYPES[0])
