"""Where the library lives and what embeds it, read from the environment (`COUNTERPART_…`) and `.env`."""

from pathlib import Path
from typing import Final, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

DATABASES: Final = frozenset({"sqlite", "postgresql", "postgres"})
UPLOADS: Final = "uploads"
"""Folder of the stems that were sent to the service, below the data folder."""


class Settings(BaseSettings):
    """What indexing and serving have in common. How a network is built never comes from here."""

    model_config = SettingsConfigDict(env_prefix="COUNTERPART_", env_file=".env", extra="ignore")

    data: Path = Field(
        default=Path("data"), description="Folder of the database, the vectors and the builds."
    )
    database_url: str | None = Field(
        default=None,
        description="SQLAlchemy URL of the catalogue; none means a SQLite file in the data folder.",
    )
    model: Path | None = Field(
        default=None, description="Folder of a trained release; none means the shipped one."
    )
    device: Literal["cpu", "cuda"] = Field(default="cpu", description="Where the networks run.")
    index_device: Literal["cpu", "cuda"] = Field(default="cpu", description="Where indexes are searched.")
    threads: int = Field(default=0, ge=0, description="Threads of the networks; 0 means one a core.")

    @field_validator("database_url")
    @classmethod
    def _name_driver(cls, url: str | None) -> str | None:
        """PostgreSQL's URLs, as hosts hand them out, name no driver: ours is psycopg."""
        if not url:
            return None
        try:
            parsed = make_url(url)
        except ArgumentError:
            parsed = None
        kind = parsed.get_backend_name() if parsed else ""
        if parsed is None or kind not in DATABASES:
            raise ValueError("Write postgresql://user:password@host/name, or sqlite:///file.")
        if kind != "sqlite" and parsed.drivername in DATABASES:
            parsed = parsed.set(drivername="postgresql+psycopg")
        return parsed.render_as_string(hide_password=False)

    @property
    def catalogue_url(self) -> str:
        """URL of the catalogue's database."""
        if self.database_url:
            return self.database_url
        file = str(self.data.absolute() / "counterpart.db")
        return URL.create("sqlite", database=file).render_as_string()

    @property
    def uploads(self) -> Path:
        """Where the service keeps the stems that were sent to it; not there before the first."""
        return self.data / UPLOADS


def explain_wrong_settings(error: ValidationError) -> str:
    """For whoever set them: each wrong one by its name, what is wrong with it, and where to look."""
    wrong = "; ".join(
        f"COUNTERPART_{str(each['loc'][0]).upper()}: {each['msg'].removeprefix('Value error, ').rstrip('.')}"
        for each in error.errors()
    )
    return f"A setting is wrong. {wrong}. See .env.example."
