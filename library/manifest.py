"""The facts of a build, written beside its indexes: which model, how many vectors, which checksums."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from audio.stems import StemType

MANIFEST_FILE = "manifest.json"


class ManifestError(ValueError):
    """A manifest that is missing or that this version cannot read."""


@dataclass(frozen=True, slots=True)
class IndexedType:
    """The index of one stem type within a build."""

    stems: int
    vectors: int
    file: str
    sha256: str
    bytes: int
    kind: str
    """Structure and parameters of the index; "flat" is exact."""
    recall: float
    """Recall@10 against exact search, measured when it was built."""
    recall_queries: int
    """With how many questions; 0 if there was nothing to measure, the search being exact."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a build is bound to; read before any of its files is."""

    build: str
    model_id: str
    dimension: int
    window_seconds: float
    hop_seconds: float
    """From one window of a stem to the next."""
    query_hop_seconds: float
    """From one query of a mix to the next."""
    created: str
    """ISO 8601, UTC."""
    contents: str
    """Checksum of what went in (see `indexer/build.py`): equal contents need no new build."""
    types: Mapping[StemType, IndexedType]

    @property
    def stems(self) -> int:
        """Stems of all types."""
        return sum(indexed.stems for indexed in self.types.values())

    @property
    def vectors(self) -> int:
        """Vectors of all types."""
        return sum(indexed.vectors for indexed in self.types.values())

    def to_json(self) -> str:
        """The text of the manifest's file."""
        return json.dumps(asdict(self), indent=2) + "\n"

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The manifest of the build in `folder`.

        Raises:
            ManifestError: there is none, or it is not one.
        """
        path = folder / MANIFEST_FILE
        try:
            fields = json.loads(path.read_text(encoding="utf-8"))
            types = {StemType(name): IndexedType(**facts) for name, facts in fields.pop("types").items()}
            return cls(**fields, types=types)
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise ManifestError(f"{path} is not a build's manifest.") from error
