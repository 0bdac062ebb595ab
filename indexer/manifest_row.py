"""One line of a manifest, whatever it was written in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from audio.stems import STEM_TYPES, StemType

TAG_SEPARATOR = ";"
FILE_NAMES = ("file", "path")
COLUMNS = frozenset({
    *FILE_NAMES, "type", "song", "licence", "license", "tags", "bpm", "tempo", "key", "channels",
    "group",  # which songs are of one source: for training
})  # fmt: skip
MOST_CHARACTERS = 500
"""Of a text that the catalogue sorts by: PostgreSQL's indexes take 2,704 bytes."""


class ManifestCsvError(ValueError):
    """A manifest that cannot be followed; guessing instead would give the wrong library."""


class NoFilesNamedError(ManifestCsvError):
    """A file that is called as a manifest is, but names no files: somebody else's, perhaps."""


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """What the manifest says of one file; None or empty where it says nothing."""

    type: StemType | None
    not_a_stem: str | None
    """The type that the manifest gives, if it is none of ours (a mix, say)."""
    song: str | None
    licence: str | None
    tags: tuple[str, ...]
    bpm: float | None
    key: str | None
    channels: tuple[int, int] | None = None
    """First and last of the channels that are meant, from 1; None is all of them."""
    not_understood: tuple[str, ...] = field(default=(), compare=False)
    """Columns that are none of ours: their names may be mistyped."""


@dataclass(frozen=True, slots=True)
class ManifestLine:
    """A line as it is written, not yet read."""

    file: str
    """That it is about."""
    cells: Mapping[str, str]
    """By the name of their column, see `column_name`."""
    place: str
    """Where it stands, for messages."""


def column_name(written: str) -> str:
    """The name of a column, however its letters and blanks are written."""
    return written.strip().lower()


def read_row(cells: Mapping[str, str], place: str) -> ManifestRow:
    """The row that `cells` are, by the name of their column; `place` says where it stands.

    Raises:
        ManifestCsvError: the tempo is no number, the channels are no range, or the text cannot be stored.
    """
    for column, cell in cells.items():
        if "\0" in cell or not _is_storable(cell):
            raise ManifestCsvError(f"{place}: the {column} {cell!r} is damaged. Write it again.")
    tags = _read_tags(cells.get("tags", ""))
    for column, text in _sorted_by(cells, tags):
        if len(text) > MOST_CHARACTERS:
            raise ManifestCsvError(
                f"{place}: the {column} {text[:20]!r}… has over {MOST_CHARACTERS} characters. Shorten it."
            )
    name = cells.get("type", "").lower()
    return ManifestRow(
        type=StemType(name) if name in STEM_TYPES else None,
        not_a_stem=name if name and name not in STEM_TYPES else None,
        song=cells.get("song") or None,
        licence=cells.get("licence") or cells.get("license") or None,
        tags=tags,
        bpm=_read_bpm(cells.get("bpm") or cells.get("tempo") or "", place),
        key=cells.get("key") or None,
        channels=_read_channels(cells.get("channels", ""), place),
        not_understood=tuple(column for column in cells if column and column not in COLUMNS),
    )


def _sorted_by(cells: Mapping[str, str], tags: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """The texts by which the catalogue sorts, after the names of their columns."""
    yield from ((column, cells.get(column, "")) for column in ("song", "licence", "license", "key"))
    yield from (("tag", tag) for tag in tags)


def _is_storable(text: str) -> bool:
    """Whether it is whole characters: JSON can hold half of one."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _read_tags(cell: str) -> tuple[str, ...]:
    """Small letters, each once: a filter must not depend on how a tag happens to be written."""
    tags = (tag.strip().lower() for tag in cell.split(TAG_SEPARATOR))
    return tuple(dict.fromkeys(tag for tag in tags if tag))


def _read_bpm(cell: str, place: str) -> float | None:
    if not cell:
        return None
    try:
        bpm = float(cell.replace(",", "."))  # 92,5 as half of Europe writes it
    except ValueError:
        bpm = 0.0
    if not 0 < bpm < float("inf"):
        raise ManifestCsvError(f"{place}: the bpm {cell!r} is not a tempo. Give a number or leave it empty.")
    return bpm


def _read_channels(cell: str, place: str) -> tuple[int, int] | None:
    if not cell:
        return None
    first, _, last = cell.replace("–", "-").partition("-")
    try:
        bounds = int(first), int(last or first)
    except ValueError:
        bounds = 0, 0
    if not 1 <= bounds[0] <= bounds[1] <= 99:  # noqa: PLR2004 - two digits in a part's number
        raise ManifestCsvError(
            f"{place}: the channels {cell!r} are no range. Write 3 or 3-4, counted from 1, or leave it empty."
        )
    return bounds
