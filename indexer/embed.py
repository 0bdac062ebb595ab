"""The mapper: from a stem's windows to its vectors."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from audio.decode import Waveform
from audio.stems import StemType
from audio.windows import HOP_SECONDS, copy_windows
from library.settings import Settings

# Enough to keep a GPU busy, 16 MB of sound. A batch never mixes stems: a network's last digits depend on what
# is computed beside a window, and a stem's vectors must not depend on where an earlier run was stopped.
WINDOWS_A_BATCH = 32


GuessType = Callable[[NDArray[np.float32]], tuple[StemType, float]]
"""The type that a stem's vectors [B, D] sound like, and how sure that is, 0 to 1."""


class EmbedderCard(Protocol):
    """What vectors are bound to."""

    @property
    def id(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    @property
    def sample_rate(self) -> int: ...

    @property
    def query_hop_samples(self) -> int: ...


class StemEmbedder(Protocol):
    """What the indexer needs of `model.embedder.Embedder`."""

    @property
    def card(self) -> EmbedderCard: ...

    def embed_stems(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Vectors [B, D] of length 1 for `windows` [B, T]."""


def embed_windows(
    embedder: StemEmbedder, waveform: Waveform, numbers: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Vectors [B, D] of the windows of one stem [T] with these `numbers` [B], at least one.

    A batch at a time is cut out: windows overlap, and all of an hour's would take twice its memory.
    """
    portions = (numbers[start : start + WINDOWS_A_BATCH] for start in range(0, len(numbers), WINDOWS_A_BATCH))
    return np.concatenate(
        [embedder.embed_stems(copy_windows(waveform, portion, HOP_SECONDS)) for portion in portions]
    )


def find_type_guesser(embedder: StemEmbedder) -> GuessType | None:
    """What guesses types, if this release was trained to."""
    guess: GuessType | None = getattr(embedder, "guess_type", None)
    return guess


class NoEmbedderError(RuntimeError):
    """The trained release cannot be used."""


def open_embedder(settings: Settings) -> StemEmbedder:
    """The trained release that `settings` names.

    Raises:
        NoEmbedderError: it is incomplete, or the device is not there.
    """
    # Here, because ONNX Runtime takes a while to load and `counterpart index status` has no use for it.
    from model.card import BrokenModelError  # noqa: PLC0415
    from model.embedder import DeviceNotFoundError, Embedder  # noqa: PLC0415
    from model.weights import shipped_weights  # noqa: PLC0415

    try:
        return Embedder.open(settings.model or shipped_weights(), settings.device, settings.threads)
    except (BrokenModelError, DeviceNotFoundError) as error:
        raise NoEmbedderError(str(error)) from error
