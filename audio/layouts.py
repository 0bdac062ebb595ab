"""What a file's place in a library says of it: its type and its song, in the layouts that data sets use."""

import re
from dataclasses import dataclass
from pathlib import Path, PurePath

from audio.labels import MOISESDB, MUSDB18, type_from_name
from audio.slakh import read_slakh_types
from audio.stems import StemType

AUDIO_SUFFIXES = frozenset(
    {
        *(".aac", ".aif", ".aifc", ".aiff", ".au", ".caf", ".flac", ".m4a", ".mka", ".mp2", ".mp3", ".mp4"),
        *(".oga", ".ogg", ".opus", ".rf64", ".w64", ".wav", ".wave", ".webm", ".wma"),
    }
)
# Folders that only gather a song's files; the song is the folder above.
_GATHERING = frozenset(
    {"stems", "stem", "audio", "tracks", "wav", "wavs", "flac", "multitrack", "multitracks"}
)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """What the path alone tells."""

    type: StemType | None
    source: str
    """Who says so: "layout" (of a data set) or "name"."""
    song_folder: Path


def describe_place(path: Path, root: Path) -> Place:
    """Type and song of the file `path` below the indexed folder `root`, both absolute.

    Layouts: Slakh2100 `<track>/stems/S00.wav` with metadata.yaml, MoisesDB `<song>/<type>/<uuid>.wav`,
    MUSDB18 `train|test/<song>/<type>.wav`; otherwise what the names of file and folders say.
    """
    return (
        _describe_slakh(path)
        or _describe_moisesdb(path)
        or _describe_musdb18(path)
        or Place(
            # The indexed folder's own name counts ("packs/drums"), those above it do not.
            type=type_from_name(PurePath(path.relative_to(root.parent))),
            source="name",
            song_folder=_find_song_folder(path, root),
        )
    )


def _describe_slakh(path: Path) -> Place | None:
    if path.parent.name != "stems":
        return None
    track = path.parent.parent
    stem_type = read_slakh_types(track).get(path.stem)
    return Place(stem_type, "layout", track) if stem_type else None


def _describe_moisesdb(path: Path) -> Place | None:
    stem_type = MOISESDB.get(path.parent.name)
    if stem_type is None or not _UUID.fullmatch(path.stem):
        return None
    return Place(stem_type, "layout", path.parent.parent)


def _describe_musdb18(path: Path) -> Place | None:
    stem_type = MUSDB18.get(path.stem)
    if stem_type is None or path.parent.parent.name not in {"train", "test"}:
        return None
    return Place(stem_type, "layout", path.parent)


def _find_song_folder(path: Path, root: Path) -> Path:
    """The folder that holds the stem, unless that is only a type ("drums/take 1.wav") or gathers files."""
    folder = path.parent
    while folder != root and (folder.name.lower() in _GATHERING or _is_type_folder(folder, path)):
        folder = folder.parent
    return folder


def _is_type_folder(folder: Path, path: Path) -> bool:
    typed_by_file = type_from_name(PurePath(path.name)) is not None
    return not typed_by_file and type_from_name(PurePath(folder.name)) is not None
