from pathlib import Path

import pytest
from pydantic import ValidationError

from library.database import upgrade
from library.settings import Settings, explain_wrong_settings


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No developer's environment and no .env of the checkout."""
    monkeypatch.chdir(tmp_path)
    for name in ("DATA", "DATABASE_URL", "MODEL", "DEVICE", "THREADS"):
        monkeypatch.delenv(f"COUNTERPART_{name}", raising=False)


def test_the_database_is_a_file_in_the_data_folder(tmp_path: Path) -> None:
    assert Settings(data=tmp_path).catalogue_url == f"sqlite:///{tmp_path / 'counterpart.db'}"


def test_a_relative_data_folder_gives_an_absolute_url(tmp_path: Path) -> None:
    assert Settings().catalogue_url == f"sqlite:///{tmp_path / 'data' / 'counterpart.db'}"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_another_database_can_be_named_with_our_driver_or_without_one(scheme: str) -> None:
    settings = Settings(database_url=f"{scheme}://someone:s%40cret@host:5432/db?sslmode=require")
    assert settings.catalogue_url == "postgresql+psycopg://someone:s%40cret@host:5432/db?sslmode=require"


@pytest.mark.parametrize("url", ["sqlite:///somewhere.db", "sqlite+pysqlite:////somewhere.db"])
def test_a_file_of_ones_own_can_be_named(url: str) -> None:
    assert Settings(database_url=url).catalogue_url == url


def test_an_empty_url_is_none(tmp_path: Path) -> None:
    assert Settings(data=tmp_path, database_url="") == Settings(data=tmp_path)


@pytest.mark.parametrize("url", ["host:secret/db", "mysql://someone:secret@host/db", "counterpart.db", "://"])
def test_what_is_no_database_of_ours_is_refused_with_what_to_write(url: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        Settings(database_url=url)
    said = explain_wrong_settings(refusal.value)
    assert said == (
        "A setting is wrong. COUNTERPART_DATABASE_URL: Write postgresql://user:password@host/name, "
        "or sqlite:///file. See .env.example."
    )


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERPART_DATA", "/somewhere")
    monkeypatch.setenv("COUNTERPART_DEVICE", "cuda")
    settings = Settings()
    assert (settings.data, settings.device) == (Path("/somewhere"), "cuda")


def test_settings_of_the_service_in_the_same_file_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("COUNTERPART_DATA=/somewhere\nCOUNTERPART_PORT=1\n")
    assert Settings().data == Path("/somewhere")


def test_an_unknown_device_is_refused() -> None:
    with pytest.raises(ValidationError, match="cpu"):
        Settings.model_validate({"device": "abacus"})


@pytest.mark.parametrize("name", ["d what?x", "a#b", "50%25 @:&=", "Café"])
def test_the_database_lies_in_the_data_folder_whatever_that_is_called(tmp_path: Path, name: str) -> None:
    upgrade(Settings(data=tmp_path / name).catalogue_url)
    assert [each.name for each in tmp_path.iterdir()] == [name]
    assert (tmp_path / name / "counterpart.db").is_file()
