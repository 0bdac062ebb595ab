"""Open the published build: an immutable folder `builds/<id>/` that the link `current` points at."""

from collections.abc import Mapping
from pathlib import Path
from typing import Self

from audio.stems import StemType
from library.durable import file_sha256
from library.index import Hits, StemIndex, Vectors, no_hits
from library.index_faiss import FaissIndex, UnknownIndexError
from library.index_gpu import IndexDevice
from library.manifest import IndexedType, Manifest, ManifestError

CURRENT = "current"
BUILDS = "builds"


class NoBuildError(RuntimeError):
    """Nothing has been indexed yet."""


class WrongModelError(RuntimeError):
    """The build's vectors are another model's: comparing them would be noise."""


class DamagedBuildError(RuntimeError):
    """The build's files are not what its manifest says, or cannot be read.

    `may_pass` tells that it was the system that refused: out of open files or memory, a file server away.
    """

    def __init__(self, message: str, *, may_pass: bool = False) -> None:
        super().__init__(message)
        self.may_pass = may_pass


class StemIndexes:
    """An open build: one index a stem type."""

    def __init__(self, manifest: Manifest, indexes: Mapping[StemType, StemIndex]) -> None:
        self.manifest = manifest
        self._indexes = dict(indexes)

    @classmethod
    def open(cls, folder: Path, device: IndexDevice = "cpu") -> Self:
        """Open the build in `folder`, every checksum verified, to be searched on `device`.

        Raises:
            DamagedBuildError: a file is missing or not the one that was published.
            NoGpuError: `device` is cuda and there is none.
        """
        try:
            manifest = Manifest.read(folder)
            return cls(
                manifest, {each: _open_index(folder, manifest, each, device) for each in manifest.types}
            )
        except (ManifestError, UnknownIndexError, OSError) as error:
            raise _unusable(folder, error) from error

    @property
    def build(self) -> str:
        """Id of the build."""
        return self.manifest.build

    @property
    def types(self) -> Mapping[StemType, IndexedType]:
        """The types that have stems, with their counts."""
        return self.manifest.types

    def index(self, stem_type: StemType) -> StemIndex | None:
        """The index of `stem_type`; None if the build has no such stem."""
        return self._indexes.get(stem_type)

    def search(self, stem_type: StemType, queries: Vectors, k: int) -> Hits:
        """The `k` best windows of `stem_type` for each of `queries` [Q, D]."""
        index = self.index(stem_type)
        return no_hits() if index is None else index.search(queries, k)

    def close(self) -> None:
        """Give the memory back; nothing can be found afterwards."""
        self._indexes.clear()


def open_current(data: Path, model_id: str, device: IndexDevice = "cpu") -> StemIndexes:
    """The published build below the data folder, for the model `model_id`.

    Raises:
        NoBuildError: nothing has been indexed yet.
        WrongModelError: the build belongs to another model.
        DamagedBuildError: a file is missing or not the one that was published.
        NoGpuError: `device` is cuda and there is none.
    """
    folder = current_folder(data)
    while True:
        try:
            return _open_build(folder, data, model_id, device)
        except DamagedBuildError:
            # A build may be deleted once two newer ones are published (see `library.garbage`): whoever was
            # about to open it finds the link moved, and opens what it points at now.
            opened, folder = folder, current_folder(data)
            if folder == opened:
                raise


def current_folder(data: Path) -> Path:
    """Folder of the published build, with the link resolved once: a later publication changes nothing.

    Raises:
        NoBuildError: nothing has been indexed yet.
        DamagedBuildError: the link points nowhere.
    """
    link = data / CURRENT
    if not link.is_symlink():
        raise NoBuildError(f"There is no index in {data} yet. Run: counterpart index PATH")
    folder = link.resolve()
    if not folder.is_dir():
        raise _damaged(folder, "The folder is missing.")
    return folder


def current_manifest(data: Path) -> Manifest | None:
    """Manifest of the published build; None if there is none that can be read."""
    try:
        return Manifest.read(current_folder(data))
    except (NoBuildError, DamagedBuildError, ManifestError):
        return None


def _open_build(folder: Path, data: Path, model_id: str, device: IndexDevice) -> StemIndexes:
    try:
        made_by = Manifest.read(folder).model_id
    except ManifestError as error:
        raise _unusable(folder, error) from error
    if made_by != model_id:
        raise WrongModelError(
            f"The index in {data} was made by the model {made_by}, but the model in use is {model_id}. "
            "Run: counterpart index rebuild"
        )
    return StemIndexes.open(folder, device)


def _open_index(folder: Path, manifest: Manifest, stem_type: StemType, device: IndexDevice) -> StemIndex:
    indexed = manifest.types[stem_type]
    path = folder / indexed.file
    if file_sha256(path) != indexed.sha256:
        raise _damaged(folder, f"The checksum of {indexed.file} is not the one in the manifest.")
    index = FaissIndex.load(path, device)
    if index.dimension != manifest.dimension or len(index) != indexed.vectors:
        raise _damaged(
            folder, f"{indexed.file} does not hold {indexed.vectors} x {manifest.dimension} numbers."
        )
    return index


def _unusable(folder: Path, error: Exception) -> DamagedBuildError:
    if isinstance(error, OSError) or isinstance(error.__cause__, OSError):
        said = f"The build {folder} cannot be read. {error}"
        return DamagedBuildError(f"{said} If that stays so, run: counterpart index rebuild", may_pass=True)
    return _damaged(folder, str(error))


def _damaged(folder: Path, why: str) -> DamagedBuildError:
    return DamagedBuildError(f"The build {folder} is damaged. {why} Run: counterpart index rebuild")
