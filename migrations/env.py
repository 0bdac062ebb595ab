"""What Alembic runs for every command: connect to the URL it was given and migrate, all or nothing."""

from typing import Any

from alembic import context
from sqlalchemy import Connection, Engine, event

from library.database import open_unpooled_engine
from library.tables import Table


def migrate() -> None:
    """Run the migrations in one transaction, on a connection that is closed afterwards."""
    engine = open_unpooled_engine(context.config.attributes["url"])
    if engine.dialect.name == "sqlite":
        make_ddl_transactional(engine)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Table.metadata,
            compare_type=True,
            transactional_ddl=True,
            render_as_batch=True,  # SQLite alters a table by copying it
        )
        with context.begin_transaction():
            context.run_migrations()


def make_ddl_transactional(engine: Engine) -> None:
    """Python's SQLite commits each CREATE TABLE at once; a kill would leave tables that no revision knows of.

    Immediate, so that of two processes that migrate one waits for the other.
    """

    def leave_transactions_to_us(connection: Any, _record: Any) -> None:
        connection.isolation_level = None

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    event.listen(engine, "connect", leave_transactions_to_us)
    event.listen(engine, "begin", begin)


migrate()
