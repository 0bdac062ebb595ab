"""Open the catalogue's database and bring its tables up to date."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, event, exc
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import NullPool

Sessions = sessionmaker[Session]

_BUSY_SECONDS = 30
_CONNECT_SECONDS = 5
_POOL_SECONDS = 10

DATABASE_FAILURES: tuple[type[Exception], ...] = (
    exc.OperationalError,
    exc.InterfaceError,
    exc.InternalError,
    exc.TimeoutError,
    exc.DatabaseError,
)
"""What a database raises that is not there, restarts, is locked or full: not our mistake, nor for ever."""
DATABASE_MISTAKES: tuple[type[Exception], ...] = (exc.DataError, exc.IntegrityError, exc.ProgrammingError)
"""Those among them that are our mistakes after all."""


class WrongRevisionError(RuntimeError):
    """The database's tables are not those that this version reads."""


class NoTablesError(WrongRevisionError):
    """The database has no tables yet."""


def open_sessions(url: str) -> Sessions:
    """Sessions on the database at `url`; give them back with `close_sessions`."""
    return sessionmaker(_open_engine(url), expire_on_commit=False)


def close_sessions(sessions: Sessions) -> None:
    """Close the connections that `sessions` keeps open."""
    sessions.kw["bind"].dispose()


def open_unpooled_engine(url: str) -> Engine:
    """An engine that keeps no connection once it is closed: for a look at the database, or a migration."""
    return create_engine(url, poolclass=NullPool, connect_args=_connect_args(url))


def upgrade(url: str) -> None:
    """Create the tables (and the folder of a SQLite file), or bring them to what this version reads.

    Raises:
        WrongRevisionError: a newer version made them.
    """
    file = make_url(url).database
    if is_sqlite(url) and file:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    _refuse_newer(url, _find_revision(url))
    command.upgrade(alembic_config(url), "head")


def check_revision(url: str) -> None:
    """Make sure that the tables are those that this version reads.

    Raises:
        WrongRevisionError: they are not; the message says what to run.
    """
    wanted = ScriptDirectory.from_config(alembic_config(url)).get_current_head()
    found = _find_revision(url)
    if found != wanted:
        _refuse_newer(url, found)
        state = f"is at revision {found}" if found else "has no tables yet"
        raise (WrongRevisionError if found else NoTablesError)(
            f"The database {_public_name(url)} {state}; this version needs revision {wanted}. "
            "Run: counterpart db upgrade (with the same --data)"
        )


def explain_failure(error: Exception) -> str:
    """A sentence about a database failure for whoever runs a command, who may read what its driver said.

    Raises:
        The error itself, if it is our mistake.
    """
    if isinstance(error, DATABASE_MISTAKES):
        raise error
    said = str(getattr(error, "orig", None) or error).strip().partition("\n")[0].rstrip(".")
    return f"The database fails: {said}. Check that it runs and has room, and COUNTERPART_DATABASE_URL."


def alembic_config(url: str) -> Config:
    """Alembic without an ini file, so that it works from an installed package as well."""
    config = Config()
    folder = Path(__file__).resolve().parent.parent / "migrations"
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("file_template", "%%(year)d-%%(month).2d-%%(day).2d_%%(slug)s")
    config.attributes["url"] = url
    return config


def _refuse_newer(url: str, revision: str | None) -> None:
    known = {each.revision for each in ScriptDirectory.from_config(alembic_config(url)).walk_revisions()}
    if revision and revision not in known:
        raise WrongRevisionError(
            f"The database {_public_name(url)} is at revision {revision}, which a newer version made. "
            "Install that version again, or restore a backup."
        )


def _public_name(url: str) -> str:
    return make_url(url).render_as_string(hide_password=True)


def _find_revision(url: str) -> str | None:
    if is_sqlite(url) and not Path(make_url(url).database or "").exists():
        return None  # connecting would leave an empty file behind
    with open_unpooled_engine(url).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _open_engine(url: str) -> Engine:
    options = {} if is_sqlite(url) else {"pool_timeout": _POOL_SECONDS}
    engine = create_engine(url, pool_pre_ping=True, connect_args=_connect_args(url), **options)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _connect_args(url: str) -> dict[str, Any]:
    """A server that is gone must not hold anybody for minutes, and text is UTF-8, whatever the database's is.

    One without an encoding (SQL_ASCII) would otherwise be answered with bytes.
    """
    return {} if is_sqlite(url) else {"connect_timeout": _CONNECT_SECONDS, "client_encoding": "utf8"}


def is_sqlite(url: str) -> bool:
    """Whether the database at `url` is a file."""
    return make_url(url).get_backend_name() == "sqlite"


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")  # the service reads while the indexer writes
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute(f"PRAGMA busy_timeout = {_BUSY_SECONDS * 1000}")
    cursor.close()
    # SQLite's own knows A to Z alone; filters compare with what Python makes small.
    connection.create_function("lower", 1, _lower, deterministic=True)


def _lower(text: str | None) -> str | None:
    return None if text is None else text.lower()
