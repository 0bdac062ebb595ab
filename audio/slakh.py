"""Which instrument each stem of a Slakh2100 track is, read from the track's `metadata.yaml`.

Slakh's files are the only YAML that is ever read here, and they all have the same plain shape, so these few
lines stand in for a YAML library.
"""

from pathlib import Path

from audio.labels import SLAKH
from audio.stems import StemType

METADATA_YAML = "metadata.yaml"


def read_slakh_types(track: Path) -> dict[str, StemType]:
    """Types of the stems of the track in the folder `track` by their names ("S00"); empty if it is none."""
    metadata = track / METADATA_YAML
    try:
        if not metadata.is_file():  # to open a pipe of this name is to wait for whoever writes to it
            return {}
        text = metadata.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return {}
    return {name: stem_type for name, fields in _read_stems(text).items() if (stem_type := _type_of(fields))}


def _read_stems(text: str) -> dict[str, dict[str, str]]:
    """The mapping below `stems:`; two levels deep, one `name: value` a line."""
    stems: dict[str, dict[str, str]] = {}
    inside = False
    fields: dict[str, str] = {}
    stem_indent: int | None = None
    for line in text.splitlines():
        name, colon, value = line.strip().partition(":")
        indent = len(line) - len(line.lstrip())
        if not colon or name.startswith("#"):
            continue
        if indent == 0:
            inside = name == "stems"
        elif inside and (stem_indent is None or indent <= stem_indent):
            stem_indent = indent
            fields = stems.setdefault(name, {})
        elif inside:
            fields[name] = value.strip().strip("'\"")
    return stems


def _type_of(fields: dict[str, str]) -> StemType | None:
    if fields.get("is_drum", "").lower() == "true":
        return StemType.DRUMS
    return SLAKH.get(fields.get("inst_class", ""))
