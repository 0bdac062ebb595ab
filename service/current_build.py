"""The published build as requests see it: opened once, and again when another one is published."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Final

from library.builds import (
    DamagedBuildError,
    NoBuildError,
    StemIndexes,
    WrongModelError,
    current_folder,
    open_current,
)
from library.index_gpu import IndexDevice

logger = logging.getLogger(__name__)

# Checksums of a large build take seconds: what the system refused is not asked for at every request.
PATIENCE_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class _Opened:
    folder: Path
    indexes: StemIndexes


@dataclass(frozen=True, slots=True)
class _Refused:
    folder: Path
    error: WrongModelError | DamagedBuildError
    until: float
    """When it is worth another try, by the clock."""


class CurrentBuild:
    """Holds the build in use; `indexes` costs one look at the `current` link."""

    def __init__(
        self,
        data: Path,
        model_id: str,
        device: IndexDevice = "cpu",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._data = data
        self._device = device
        self._model_id = model_id
        self._opened: _Opened | None = None
        self._refused: _Refused | None = None
        self._lock = threading.Lock()

    def indexes(self) -> StemIndexes:
        """The published build. Whoever holds an older one may finish with it.

        A new build that cannot be used is logged, and the one in use stays. If it is the system that refused,
        it is tried again a minute later.

        Raises:
            NoBuildError: nothing has been published yet.
            WrongModelError: the only build there is belongs to another model.
            DamagedBuildError: the only build there is cannot be opened.
        """
        opened = self._opened
        try:
            folder = current_folder(self._data)
        except (NoBuildError, DamagedBuildError):
            if opened is None:
                raise
            return opened.indexes
        if opened is None:
            with self._lock:
                return self._reopen(folder)
        # Only the first to notice loads the new build; the others go on with the old one meanwhile.
        if not self._is_settled(opened, folder) and self._lock.acquire(blocking=False):
            try:
                return self._reopen(folder)
            finally:
                self._lock.release()
        return opened.indexes

    def build_id(self) -> str | None:
        """Id of the build that requests are answered from; None while there is none."""
        try:
            return self.indexes().build
        except (NoBuildError, WrongModelError, DamagedBuildError):
            return None

    def _is_settled(self, opened: _Opened, folder: Path) -> bool:
        return folder == opened.folder or self._refusal(folder) is not None

    def _refusal(self, folder: Path) -> WrongModelError | DamagedBuildError | None:
        refused = self._refused
        if refused is None or refused.folder != folder or self._clock() >= refused.until:
            return None
        return refused.error

    def _reopen(self, folder: Path) -> StemIndexes:
        opened, refusal = self._opened, self._refusal(folder)
        if opened is not None and (folder == opened.folder or refusal is not None):
            return opened.indexes
        if refusal is not None:
            raise type(refusal)(*refusal.args)
        try:
            indexes = open_current(self._data, self._model_id, self._device)
        except (WrongModelError, DamagedBuildError) as error:
            may_pass = isinstance(error, DamagedBuildError) and error.may_pass
            self._refused = _Refused(folder, error, self._clock() + PATIENCE_SECONDS if may_pass else inf)
            if opened is None:
                raise
            logger.error("Going on with %s. %s", opened.indexes.build, error)  # noqa: TRY400 - the sentence says all
            return opened.indexes
        self._opened = _Opened(folder, indexes)
        logger.info("Answering from build %s.", indexes.build)
        return indexes
