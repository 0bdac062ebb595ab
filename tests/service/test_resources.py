"""What is opened for the requests: the catalogue when it is asked, and nothing that a start does not need."""

import sqlite3
from pathlib import Path

import pytest

from library.builds import WrongModelError
from library.database import WrongRevisionError
from library.index_gpu import NoGpuError, count_gpus
from model.card import BrokenModelError
from service.open_catalogue import CatalogueSource
from service.resources import open_resources, share_resources
from tests.fakes import FakeCard, FakeEmbedder
from tests.service.conftest import SONGS, settings_for


def test_a_catalogue_is_opened_for_each_request(indexed_data: Path) -> None:
    source = CatalogueSource(settings_for(indexed_data).catalogue_url)
    with source.open() as first, source.open() as second:
        assert first is not second
        assert sum(first.count_stems().values()) == 3 * SONGS
    source.close()


def test_a_missing_database_is_not_made(tmp_path: Path) -> None:
    source = CatalogueSource(settings_for(tmp_path).catalogue_url)
    with pytest.raises(WrongRevisionError, match="counterpart db upgrade"), source.open():
        pass
    source.close()
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_comes_later_is_used(tmp_path: Path, indexed_data: Path) -> None:
    source = CatalogueSource(settings_for(tmp_path).catalogue_url)
    with pytest.raises(WrongRevisionError), source.open():
        pass
    with (
        sqlite3.connect(indexed_data / "counterpart.db") as there,
        sqlite3.connect(tmp_path / "counterpart.db") as here,
    ):
        there.backup(here)
    with source.open() as catalogue:
        assert catalogue.count_stems()
    source.close()


def test_a_service_starts_without_an_index(tmp_path: Path) -> None:
    with share_resources(settings_for(tmp_path), FakeEmbedder()) as resources:
        assert resources.build.build_id() is None
    assert list(tmp_path.iterdir()) == []


def test_a_service_does_not_start_on_another_models_index(indexed_data: Path) -> None:
    other = FakeEmbedder(card=FakeCard(version="2"))
    with (
        pytest.raises(WrongModelError, match=r"fake-1-00000000.*fake-2-00000000"),
        share_resources(settings_for(indexed_data), other),
    ):
        pass


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, model=tmp_path)
    with pytest.raises(BrokenModelError, match=r"card\.json"), open_resources(settings):
        pass


if not count_gpus():

    def test_a_gpu_that_is_not_there_ends_the_start_even_before_there_is_an_index(tmp_path: Path) -> None:
        settings = settings_for(tmp_path).model_copy(update={"index_device": "cuda"})
        with (
            pytest.raises(NoGpuError, match="COUNTERPART_INDEX_DEVICE=cpu"),
            share_resources(settings, FakeEmbedder()),
        ):
            pass
