"""Write down what became of a file: which stem it belongs to, and what that stem therefore is."""

from collections.abc import Collection

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, undefer

from library.catalogue_rows import portions, read_entries
from library.records import FileState, Heard, SoundFacts, StemEntry, stem_id
from library.said import read_heard, settle_bpm, settle_key, settle_kind, settle_type, write_heard, write_said
from library.tables import FileRow, SongRow, StemRow, TagRow


def save_file(  # noqa: PLR0917 - a row's columns
    session: Session,
    entry: StemEntry,
    state: FileState | None,
    content_hash: str,
    stem_number: int | None,
    error: str | None,
) -> None:
    """Note what is at `entry`'s place now; the stem that was there before loses that place."""
    row = _find_file(session, entry) or FileRow(path=str(entry.path), part=entry.part)
    before = row.stem_number
    row.root, row.said, row.song_number = str(entry.root), write_said(entry), _song(session, entry)
    row.size, row.mtime_ns = (state.size, state.mtime_ns) if state else (None, None)
    row.content_hash, row.stem_number, row.error = content_hash, stem_number, error
    session.add(row)
    session.flush()
    if before is not None and before != stem_number:
        settle_stems(session, [before])


def save_failure(
    session: Session, entry: StemEntry, state: FileState | None, content_hash: str, error: str
) -> None:
    """Note that `entry`'s file could not be indexed; `content_hash` is empty if its bytes are unknown.

    Without a `state` the file has only failed to be read this time. The stem that was found in it
    keeps it then, unless other bytes lie there now: its vectors are as good as they were.
    """
    row = _find_file(session, entry)
    if state is None and row is not None and row.stem_number and content_hash in {"", row.content_hash}:
        row.size, row.mtime_ns, row.error = None, None, error
        session.flush()
    else:
        save_file(session, entry, state, content_hash, None, error)


def _find_file(session: Session, entry: StemEntry) -> FileRow | None:
    return session.scalar(select(FileRow).where(FileRow.path == str(entry.path), FileRow.part == entry.part))


def find_stem_row(session: Session, content_hash: str) -> StemRow | None:
    """The stem with this sound: one that can be found, else one that is gone and may come back."""
    rows = session.scalars(
        select(StemRow).where(StemRow.content_hash == content_hash).order_by(StemRow.number)
    ).all()
    return next((row for row in rows if row.status != "gone"), rows[0] if rows else None)


def save_stem(
    session: Session, entry: StemEntry, content_hash: str, facts: SoundFacts | None, heard: Heard | None
) -> int:
    """Note a sound that has vectors; `facts` or `heard` stay as they were if None. Returns its number."""
    row = find_stem_row(session, content_hash)
    if row is None:
        row = StemRow(id=stem_id(content_hash), content_hash=content_hash)
        row.type, row.type_source, row.type_confidence = entry.type, entry.type_source, entry.type_confidence
        row.heard_version = 0
    row.status = "embedded"
    if facts is not None:
        row.seconds, row.sample_rate, row.channels = facts.seconds, facts.sample_rate, facts.channels
    if heard is not None:
        row.heard, row.heard_version = write_heard(heard), heard.version
        row.loudness, row.sketch = heard.loudness, heard.sketch
        row.peaks, row.fingerprint = heard.peaks, heard.fingerprint
    session.add(row)
    session.flush()
    return row.number


def settle_stems(session: Session, numbers: Collection[int]) -> None:
    """Decide anew what stems are, by what is said of their files: gone, if there are none any more."""
    for number in sorted(numbers):
        entries = read_entries(session, number)
        if entries:
            _describe(session, number, entries)
        else:
            session.execute(update(StemRow).where(StemRow.number == number).values(status="gone"))


def forget_files(session: Session, numbers: Collection[int]) -> int:
    """Strike files out; a stem goes with the last of its files. Returns how many stems do."""
    gone = 0
    for some in portions(numbers):
        owners = select(FileRow.stem_number).where(FileRow.number.in_(some), FileRow.stem_number.is_not(None))
        stems = {number for number in session.scalars(owners) if number is not None}
        session.execute(delete(FileRow).where(FileRow.number.in_(some)))
        left = _without_files(session, stems)
        for portion in portions(left):
            session.execute(update(StemRow).where(StemRow.number.in_(portion)).values(status="gone"))
        settle_stems(session, stems - left)
        gone += len(left)
    return gone


def _without_files(session: Session, stems: set[int]) -> set[int]:
    held = select(FileRow.stem_number).where(FileRow.stem_number.in_(sorted(stems))).distinct()
    return stems - {number for number in session.scalars(held) if number is not None}


def _describe(session: Session, number: int, entries: list[StemEntry]) -> None:
    """Of all that is said of its files the best holds; tags are those of all of them."""
    row = session.get_one(StemRow, number, options=[undefer(StemRow.heard)])
    heard, said = read_heard(row.heard, row.heard_version), settle_type(entries)
    row.type, row.type_source, row.type_confidence = said.value, said.source or "", said.confidence or 0.0
    row.licence = next((each.licence for each in entries if each.licence), None)
    bpm, key, kind = settle_bpm(entries, heard), settle_key(entries, heard), settle_kind(entries, heard)
    row.bpm, row.bpm_source, row.bpm_confidence = bpm.value, bpm.source, bpm.confidence
    row.key, row.key_source, row.key_confidence = key.value, key.source, key.confidence
    row.kind, row.kind_confidence = kind.value, kind.confidence
    session.flush()
    _replace_tags(session, number, {tag for each in entries for tag in each.tags})


def _replace_tags(session: Session, number: int, wanted: set[str]) -> None:
    held = set(session.scalars(select(TagRow.tag).where(TagRow.stem_number == number)))
    if held - wanted:
        session.execute(
            delete(TagRow).where(TagRow.stem_number == number, TagRow.tag.in_(sorted(held - wanted)))
        )
    session.add_all(TagRow(stem_number=number, tag=tag) for tag in sorted(wanted - held))
    session.flush()


def _song(session: Session, entry: StemEntry) -> int:
    folder = str(entry.song_folder)
    song = session.scalar(select(SongRow).where(SongRow.folder == folder))
    if song is None:
        song = SongRow(folder=folder)
    song.name = entry.song
    session.add(song)
    session.flush()
    return song.number


def numbers_of_files(session: Session, stems: Collection[int]) -> list[int]:
    """Numbers of all files of the stems with these numbers."""
    found: list[int] = []
    for some in portions(stems):
        found += session.scalars(select(FileRow.number).where(FileRow.stem_number.in_(some)))
    return found
