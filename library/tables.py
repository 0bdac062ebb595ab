"""The catalogue's tables. `migrations/` makes them; a test compares the two."""

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, Double, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
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
    name: Mapped[str] = mapped_column(Text)


class StemRow(Table):
    """One version of one file: a file whose bytes change gets a new row, and the old one is gone."""

    __tablename__ = "stems"
    # A number that comes back would give a removed stem's vectors to another stem.
    __table_args__ = (Index(None, "type", "status"), {"sqlite_autoincrement": True})

    number: Mapped[int] = mapped_column(_Number, primary_key=True)
    id: Mapped[str] = mapped_column(String(16), unique=True)
    song_number: Mapped[int] = mapped_column(ForeignKey("songs.number"), index=True)
    type: Mapped[str] = mapped_column(String(16))
    type_source: Mapped[str] = mapped_column(String(16))
    path: Mapped[str] = mapped_column(Text, index=True)
    root: Mapped[str] = mapped_column(Text)
    size: Mapped[int | None] = mapped_column(BigInteger)
    mtime_ns: Mapped[int | None] = mapped_column(BigInteger)
    content_hash: Mapped[str] = mapped_column(String(64), index=True)
    seconds: Mapped[float] = mapped_column(Double, default=0.0)
    sample_rate: Mapped[int] = mapped_column(default=0)
    channels: Mapped[int] = mapped_column(default=0)
    licence: Mapped[str | None] = mapped_column(Text)
    tags: Mapped[str] = mapped_column(Text, default="")
    bpm: Mapped[float | None] = mapped_column(Double)
    key: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(16))
    error: Mapped[str | None] = mapped_column(Text)

    song: Mapped[SongRow] = relationship(lazy="joined", innerjoin=True)


class BuildRow(Table):
    """One published build."""

    __tablename__ = "builds"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    model_id: Mapped[str] = mapped_column(Text)
    created: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    stems: Mapped[int]
    vectors: Mapped[int] = mapped_column(BigInteger)
