"""The catalogue's tables. `migrations/` makes them; a test compares the two."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.schema import MetaData

# SQLite only counts up by itself in a column that is called INTEGER.
_Number = BigInteger().with_variant(Integer, "sqlite")


class Table(DeclarativeBase):
    """All tables; constraints have names, so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class SongRow(Table):
    """What belongs together: usually the folder that holds the stems."""

    __tablename__ = "songs"

    number: Mapped[int] = mapped_column(_Number, primary_key=True)
    folder: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text, index=True)


class StemRow(Table):
    """One sound, wherever its files lie; without a file it is gone, and keeps its number for its return."""

    __tablename__ = "stems"
    # A number that comes back would give a removed stem's vectors to another stem.
    __table_args__ = (
        Index(None, "type", "status", "bpm"),
        Index(None, "type", "status", "key"),
        {"sqlite_autoincrement": True},
    )

    number: Mapped[int] = mapped_column(_Number, primary_key=True)
    id: Mapped[str] = mapped_column(String(16), unique=True)
    content_hash: Mapped[str] = mapped_column(String(64), index=True)
    status: Mapped[str] = mapped_column(String(16), index=True)
    type: Mapped[str] = mapped_column(String(16))
    type_source: Mapped[str] = mapped_column(String(16))
    type_confidence: Mapped[float] = mapped_column(Double, server_default="1")
    seconds: Mapped[float] = mapped_column(Double, default=0.0)
    sample_rate: Mapped[int] = mapped_column(default=0)
    channels: Mapped[int] = mapped_column(default=0)
    bpm: Mapped[float | None] = mapped_column(Double)
    bpm_source: Mapped[str | None] = mapped_column(String(16))
    bpm_confidence: Mapped[float | None] = mapped_column(Double)
    key: Mapped[str | None] = mapped_column(Text)
    key_source: Mapped[str | None] = mapped_column(String(16))
    key_confidence: Mapped[float | None] = mapped_column(Double)
    kind: Mapped[str | None] = mapped_column(String(16))
    kind_confidence: Mapped[float | None] = mapped_column(Double)
    licence: Mapped[str | None] = mapped_column(Text)
    loudness: Mapped[float | None] = mapped_column(Double)
    # Fetched only where they are asked for: two kilobytes a stem.
    peaks: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    fingerprint: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    # A hundred bytes a second: nearly all of what a catalogue takes.
    sketch: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    # What listening told, before manifests and names had their say; and by which version of the ears.
    heard: Mapped[str | None] = mapped_column(Text, deferred=True)
    heard_version: Mapped[int] = mapped_column(server_default="0")


class FileRow(Table):
    """One place of a sound: a file, or one of its parts. A file that failed belongs to no stem."""

    __tablename__ = "files"
    __table_args__ = (UniqueConstraint("path", "part"),)

    number: Mapped[int] = mapped_column(_Number, primary_key=True)
    path: Mapped[str] = mapped_column(Text)
    part: Mapped[int] = mapped_column(server_default="0")
    root: Mapped[str] = mapped_column(Text)
    song_number: Mapped[int] = mapped_column(ForeignKey("songs.number"), index=True)
    stem_number: Mapped[int | None] = mapped_column(ForeignKey("stems.number"), index=True)
    size: Mapped[int | None] = mapped_column(BigInteger)
    mtime_ns: Mapped[int | None] = mapped_column(BigInteger)
    content_hash: Mapped[str] = mapped_column(String(64))
    said: Mapped[str] = mapped_column(Text)
    error: Mapped[str | None] = mapped_column(Text)


class TagRow(Table):
    """One tag of one stem."""

    __tablename__ = "stem_tags"

    stem_number: Mapped[int] = mapped_column(ForeignKey("stems.number"), primary_key=True)
    tag: Mapped[str] = mapped_column(Text, primary_key=True, index=True)


class ApiKeyRow(Table):
    """Whoever may use the API; of the key itself only a hash is kept."""

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(String(12), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    scopes: Mapped[str] = mapped_column(Text)
    created: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    revoked: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class BuildRow(Table):
    """One published build."""

    __tablename__ = "builds"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    model_id: Mapped[str] = mapped_column(Text)
    created: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    stems: Mapped[int]
    vectors: Mapped[int] = mapped_column(BigInteger)
