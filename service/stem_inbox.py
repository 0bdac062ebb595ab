"""Where stems that are sent to the library are kept for the indexer: a folder like any other."""

import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePath
from typing import BinaryIO, Final

from audio.containers import recognise_container
from audio.layouts import AUDIO_SUFFIXES
from audio.stems import StemType
from library.catalogue import Catalogue
from library.settings import UPLOADS
from service.inbox_manifest import append_line, mend
from service.uploads import safe_name

__all__ = ["MANIFEST", "NO_SONG", "UPLOADS", "StemFacts", "StemInbox", "indexable_name"]

MANIFEST: Final = "manifest.jsonl"
NO_SONG: Final = "uploads"


@dataclass(frozen=True, slots=True)
class StemFacts:
    """What whoever sends a stem says of it."""

    type: StemType
    song: str | None = None
    licence: str | None = None
    tags: Sequence[str] = ()
    bpm: float | None = None
    key: str | None = None


class StemInbox:
    """The folder `uploads` below the data folder, with a manifest that says what was said of each file."""

    def __init__(self, data: Path) -> None:
        self.folder = data / UPLOADS
        mend(self.folder / MANIFEST)

    def keep(self, upload: BinaryIO, filename: str | None, public_id: str, facts: StemFacts) -> Path:
        """Store the file, whole or not at all; keeping it again replaces what was said of it.

        Raises:
            OSError: there is no room, or the folder may not be written to.
        """
        song = facts.song or NO_SONG
        folder = self.folder / sha256(song.encode()).hexdigest()[:16]
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{_beginning(public_id)}{indexable_name(upload, filename)}"
        # A dot in front: an indexer that comes by now does not look at half a file. A folder for each call:
        # the same stem may be sent twice at once.
        with tempfile.TemporaryDirectory(prefix=".", dir=folder) as temporary:
            part = Path(temporary) / path.name
            with part.open("wb") as file:
                upload.seek(0)
                shutil.copyfileobj(upload, file, 1 << 20)
                file.flush()
                os.fsync(file.fileno())
            self._note(path, song, facts)
            part.replace(path)
        return path

    def holds_any(self) -> bool:
        """Whether there are stems here: a service that was stopped may have left some to be indexed."""
        # Of what the indexer passes over it would say that there is no audio, each time.
        found = self.folder.glob("[!.]*/[!.]*")
        return any(path.suffix.lower() in AUDIO_SUFFIXES for path in found)

    def holds(self, paths: Sequence[Path]) -> bool:
        """Whether any of `paths` was sent here."""
        return any(path.resolve().is_relative_to(self.folder.resolve()) for path in paths)

    def complaint_about(self, public_id: str, catalogue: Catalogue) -> str | None:
        """Why the stem that was sent under this id could not be indexed; None if nothing is against it."""
        return catalogue.complaint_about(self.folder.resolve(), _beginning(public_id))

    def remove(self, paths: Sequence[Path]) -> None:
        """Delete those of `paths` that were sent here; the library's own files are not ours to delete."""
        for path in paths:
            if self.holds([path]):
                path.unlink(missing_ok=True)

    def _note(self, path: Path, song: str, facts: StemFacts) -> None:
        said = {
            "file": path.relative_to(self.folder).as_posix(),
            "type": facts.type.value,
            "song": song,
            "licence": facts.licence,
            "tags": list(facts.tags),
            "bpm": facts.bpm,
            "key": facts.key,
        }
        append_line(self.folder / MANIFEST, {name: value for name, value in said.items() if value})


def _beginning(public_id: str) -> str:
    """What the name of each of its files begins with."""
    return f"{public_id}-"


def indexable_name(upload: BinaryIO, filename: str | None) -> str:
    """A safe name for an upload that is audio, so called that the indexer looks at it.

    The service tells audio by its bytes, the indexer's scan by the suffix: where that is none of its own, the
    container's is added.
    """
    name = safe_name(filename)
    if PurePath(name).suffix.lower() in AUDIO_SUFFIXES:
        return name
    container = recognise_container(upload)
    return name if container is None else name + container.suffix
