"""Strike out what is left of stems and songs whose files are gone."""

from collections.abc import Collection

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from library.catalogue_rows import portions
from library.tables import FileRow, SongRow, StemRow, TagRow


def purge_gone(session: Session, indexed: Collection[int]) -> int:
    """Delete the stems that are gone, but for those `indexed`, and songs without files. Returns how many.

    A stem that comes back afterwards is a new one, under the same public id. Numbers are not given again, so
    an older index that somebody still has open answers with no other stem in place of one that was deleted.
    """
    gone = set(session.scalars(select(StemRow.number).where(StemRow.status == "gone"))) - set(indexed)
    for some in portions(gone):
        session.execute(delete(TagRow).where(TagRow.stem_number.in_(some)))
        session.execute(delete(StemRow).where(StemRow.number.in_(some)))
    _purge_songs(session)
    return len(gone)


def _purge_songs(session: Session) -> None:
    named = select(FileRow.song_number).where(FileRow.song_number == SongRow.number)
    session.execute(delete(SongRow).where(~named.exists()))
