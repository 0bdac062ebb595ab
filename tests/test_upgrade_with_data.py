"""A library that was made by an earlier version goes on without losing a stem, on either database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, create_engine, text

from audio.stems import StemType
from library.catalogue import Catalogue
from library.database import alembic_config, close_sessions, open_sessions, upgrade
from library.filters import StemFilters
from library.records import FileState, SoundFacts
from tests.databases import BOTH, empty_database

COLUMNS = (
    "number, id, song_number, type, type_source, path, root, size, mtime_ns, content_hash, seconds, "
    "sample_rate, channels, licence, tags, bpm, key, status, error"
)
ROWS = (
    (1, "a" * 16, 1, "drums", "name", "/m/a/drums.wav", "CC0", "dry;loop", 96.5, "A minor", "c1", "embedded"),
    (2, "b" * 16, 1, "bass", "manifest", "/m/a/bass.wav", None, "", None, None, "c2", "embedded"),
    (3, "c" * 16, 2, "drums", "name", "/m/b/drums.wav", None, "wet", None, None, "c1", "embedded"),  # a copy
    (4, "d" * 16, 2, "bass", "name", "/m/b/bass.wav", None, "", None, None, "", "failed"),
    (5, "e" * 16, 2, "keys", "option", "/m/b/keys.wav", None, "", None, None, "c5", "gone"),
)


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of the first revision with stems of every sort in it."""
    with empty_database(request.param, tmp_path, request) as url:
        command.upgrade(alembic_config(url), "0001")
        engine = create_engine(url)
        fill(engine)
        engine.dispose()
        yield url


def fill(engine: Engine) -> None:
    names = COLUMNS.split(", ")
    insert = f"INSERT INTO stems ({COLUMNS}) VALUES ({', '.join(f':{name}' for name in names)})"  # noqa: S608 - our own names
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO songs VALUES (1, '/m/a', 'a'), (2, '/m/b', 'b')"))
        for number, public_id, song, kind, source, path, licence, tags, bpm, key, content, status in ROWS:
            error = "The file is empty." if status == "failed" else None
            values = (
                *(number, public_id, song, kind, source, path, "/m", 10, 20, content, 30.0, 44_100, 2),
                *(licence, tags, bpm, key, status, error),
            )
            connection.execute(text(insert), dict(zip(names, values, strict=True)))
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT setval('stems_number_seq', 5)"))


@pytest.fixture
def catalogue(url: str) -> Iterator[Catalogue]:
    upgrade(url)
    sessions = open_sessions(url)
    with sessions.begin() as session:
        yield Catalogue(session)
    close_sessions(sessions)


def test_stems_keep_their_numbers_ids_and_descriptions(catalogue: Catalogue) -> None:
    found = catalogue.stems_by_number([1, 2])
    assert {number: stem.id for number, stem in found.items()} == {1: "a" * 16, 2: "b" * 16}
    drums = found[1]
    assert (drums.song, drums.relative_path, drums.bpm, drums.key) == ("a", "a/drums.wav", 96.5, "A minor")
    assert (drums.licence, drums.bpm_source, drums.bpm_confidence) == ("CC0", "manifest", 1.0)
    assert (drums.seconds, drums.sample_rate, drums.channels) == (30.0, 44_100, 2)


def test_two_files_of_one_sound_become_one_stem_with_two_places(catalogue: Catalogue) -> None:
    (drums,) = catalogue.list_stems([StemType.DRUMS], StemFilters())
    assert drums.paths == (Path("/m/a/drums.wav"), Path("/m/b/drums.wav"))
    assert (drums.songs, drums.tags) == (frozenset({"a", "b"}), ("dry", "loop", "wet"))
    assert catalogue.gone_numbers() == {3, 5}


def test_files_that_failed_are_still_known(catalogue: Catalogue) -> None:
    assert [(each.path, each.error) for each in catalogue.failures()] == [
        (Path("/m/b/bass.wav"), "The file is empty.")
    ]


def test_unchanged_files_are_recognised_after_the_upgrade(catalogue: Catalogue) -> None:
    known = {str(each.entry.path): each for each in catalogue.known_stems()}
    assert sorted(known) == ["/m/a/bass.wav", "/m/a/drums.wav", "/m/b/bass.wav", "/m/b/drums.wav"]
    drums = known["/m/a/drums.wav"]
    assert drums.state is not None
    assert (drums.state.size, drums.state.mtime_ns, drums.content_hash) == (10, 20, "c1")
    assert (drums.entry.type, drums.entry.tags, drums.entry.bpm) == (StemType.DRUMS, ("dry", "loop"), 96.5)
    assert drums.heard_version == 0


def test_numbers_that_were_given_are_not_given_again(catalogue: Catalogue) -> None:
    known = catalogue.known_stems(Path("/m/a/bass.wav"))[0]
    assert catalogue.save_embedded(known.entry, FileState(1, 2), "new", SoundFacts(1, 1, 1)) > 5


def test_the_way_back_keeps_what_the_first_version_can_hold(url: str) -> None:
    upgrade(url)
    command.downgrade(alembic_config(url), "0001")
    engine = create_engine(url)
    with engine.connect() as connection:
        query = text("SELECT number, path, tags, bpm, status FROM stems ORDER BY number")
        rows = [tuple(row) for row in connection.execute(query)]
    engine.dispose()
    assert rows[:2] == [
        (1, "/m/a/drums.wav", "dry;loop;wet", 96.5, "embedded"),
        (2, "/m/a/bass.wav", "", None, "embedded"),
    ]
    assert [(number, status) for number, _, _, _, status in rows[2:]] == [(3, "gone"), (5, "gone")]
    upgrade(url)
    command.check(alembic_config(url))


def test_the_way_back_is_open_to_a_library_of_which_everything_was_removed(url: str) -> None:
    upgrade(url)
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in (
            "DELETE FROM files",
            "DELETE FROM stem_tags",
            "DELETE FROM songs",
            "UPDATE stems SET status = 'gone'",
        ):
            connection.execute(text(statement))
    command.downgrade(alembic_config(url), "0001")
    with engine.connect() as connection:
        statuses = connection.execute(text("SELECT status FROM stems ORDER BY number")).scalars().all()
    engine.dispose()
    assert statuses == ["gone"] * 4
    upgrade(url)
    command.check(alembic_config(url))
