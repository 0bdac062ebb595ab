"""What makes a new build needed, and what does not."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from audio.stems import StemType
from indexer.build import BuildOutcome, build_library, checksum_contents
from library.builds import open_current
from library.catalogue import Catalogue
from library.database import Sessions, close_sessions, open_sessions, upgrade
from library.records import EmbeddedStem, FileState, SoundFacts, StemEntry
from library.shards import ShardStore, StemVectors
from library.vector_ids import unpack_ids
from tests.fakes import FakeCard

CREATED = datetime(2026, 11, 23, tzinfo=UTC)
FACTS = SoundFacts(10.0, 44_100, 1)
CARD = FakeCard(dimension=2)


@pytest.fixture
def sessions(tmp_path: Path) -> Iterator[Sessions]:
    url = f"sqlite:///{tmp_path / 'catalogue.db'}"
    upgrade(url)
    sessions = open_sessions(url)
    yield sessions
    close_sessions(sessions)


def save(sessions: Sessions, name: str, content_hash: str, stem_type: StemType = StemType.BASS) -> int:
    folder = Path("/music/a")
    entry = StemEntry(folder / name, folder.parent, "a", folder, stem_type, "name")
    with sessions.begin() as session:
        return Catalogue(session).save_embedded(entry, FileState(1, 2), content_hash, FACTS)


def store(data: Path, content_hash: str, windows: list[int], seed: int = 0) -> Path:
    angles = np.random.default_rng(seed).uniform(0, 2 * np.pi, len(windows))
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    shards = ShardStore.open(data, CARD.id, 8.0)
    return shards.write([StemVectors(content_hash, FACTS, np.array(windows), vectors)])


def build(data: Path, sessions: Sessions, *, anew: bool = False, created: datetime = CREATED) -> BuildOutcome:
    shards = ShardStore.open(data, CARD.id, 8.0)
    return build_library(data, sessions, shards, CARD, created=created, anew=anew)


def flip_last_vector(shard: Path) -> None:
    """Change a byte of the vectors, which are what comes last in the file but for its table of contents."""
    content = bytearray(shard.read_bytes())
    content[content.index(b"vectors.npy") + 11 + 128] ^= 255
    shard.write_bytes(content)


def test_a_library_without_stems_is_not_published(tmp_path: Path, sessions: Sessions) -> None:
    assert build(tmp_path, sessions) == BuildOutcome(None, is_new=False, without_vectors=0)
    assert build(tmp_path, sessions, anew=True).manifest is None


def test_ids_carry_the_numbers_of_stem_and_window(tmp_path: Path, sessions: Sessions) -> None:
    store(tmp_path, "c1", [0, 3])
    store(tmp_path, "c2", [0, 3])
    first, second = save(sessions, "one.wav", "c1"), save(sessions, "two.wav", "c2")
    build(tmp_path, sessions)
    index = open_current(tmp_path, CARD.id).index(StemType.BASS)
    assert index is not None
    numbers, windows = unpack_ids(index.ids())
    assert numbers.tolist() == [first, first, second, second]
    assert windows.tolist() == [0, 3, 0, 3]


def test_every_type_has_its_own_index(tmp_path: Path, sessions: Sessions) -> None:
    store(tmp_path, "c1", [0])
    store(tmp_path, "c2", [0, 1])
    save(sessions, "one.wav", "c1", StemType.SYNTH)
    save(sessions, "two.wav", "c2", StemType.DRUMS)
    manifest = build(tmp_path, sessions).manifest
    assert manifest is not None
    assert {each: facts.vectors for each, facts in manifest.types.items()} == {
        StemType.DRUMS: 2,
        StemType.SYNTH: 1,
    }
    assert (manifest.dimension, manifest.window_seconds, manifest.hop_seconds) == (2, 8.0, 8.0)


def test_a_stem_without_vectors_is_left_out_and_counted(tmp_path: Path, sessions: Sessions) -> None:
    store(tmp_path, "c1", [0])
    save(sessions, "one.wav", "c1")
    save(sessions, "two.wav", "elsewhere")
    outcome = build(tmp_path, sessions)
    assert outcome.without_vectors == 1
    assert outcome.manifest is not None
    assert outcome.manifest.stems == 1


def test_the_same_contents_are_published_again_only_on_request(tmp_path: Path, sessions: Sessions) -> None:
    store(tmp_path, "c1", [0])
    save(sessions, "one.wav", "c1")
    first = build(tmp_path, sessions)
    assert build(tmp_path, sessions) == BuildOutcome(first.manifest, is_new=False, without_vectors=0)
    again = build(tmp_path, sessions, anew=True)
    assert again.is_new
    assert again.manifest != first.manifest


def test_many_vectors_are_added_in_portions(tmp_path: Path, sessions: Sessions) -> None:
    for name in ("c1", "c2", "c3"):
        store(tmp_path, name, list(range(8000)))
        save(sessions, f"{name}.wav", name)
    build(tmp_path, sessions)
    assert len(open_current(tmp_path, CARD.id).index(StemType.BASS) or ()) == 24_000


def test_a_large_type_is_quantised_and_the_rest_stays_exact(tmp_path: Path, sessions: Sessions) -> None:
    for number in range(6):
        store(tmp_path, f"c{number}", list(range(10_000)), seed=number)
        save(sessions, f"{number}.wav", f"c{number}")
    store(tmp_path, "k", [0])
    save(sessions, "k.wav", "k", StemType.KEYS)
    manifest = build(tmp_path, sessions).manifest
    assert manifest is not None
    bass = manifest.types[StemType.BASS]
    assert bass.kind.startswith("PCA2,PQ1x4fs+fp16")
    assert (bass.stems, bass.vectors, manifest.types[StemType.KEYS].kind) == (6, 60_000, "flat")
    assert 0 < bass.recall <= 1
    assert bass.recall_queries > 0


def test_a_damaged_shard_does_not_stop_a_build(tmp_path: Path, sessions: Sessions) -> None:
    bad, _ = store(tmp_path, "c1", [0, 1]), store(tmp_path, "c2", [0])
    save(sessions, "one.wav", "c1")
    save(sessions, "two.wav", "c2")
    flip_last_vector(bad)
    outcome = build(tmp_path, sessions)
    assert outcome.manifest is not None
    assert (outcome.manifest.stems, outcome.without_vectors, outcome.damaged) == (1, 1, (bad,))
    assert not bad.exists()
    assert "c1" not in ShardStore.open(tmp_path, CARD.id, 8.0)


def test_what_a_damaged_shard_lost_makes_a_new_build_needed_once_it_is_back(
    tmp_path: Path, sessions: Sessions
) -> None:
    bad, _ = store(tmp_path, "c1", [0, 1]), store(tmp_path, "c2", [0])
    save(sessions, "one.wav", "c1")
    save(sessions, "two.wav", "c2")
    flip_last_vector(bad)
    build(tmp_path, sessions)
    assert not build(tmp_path, sessions).is_new
    store(tmp_path, "c1", [0, 1])
    mended = build(tmp_path, sessions)
    assert mended.is_new
    assert mended.manifest is not None
    assert mended.manifest.stems == 2


def test_a_build_of_nothing_but_damage_is_empty(tmp_path: Path, sessions: Sessions) -> None:
    bad = store(tmp_path, "c1", [0, 1])
    save(sessions, "one.wav", "c1")
    flip_last_vector(bad)
    outcome = build(tmp_path, sessions)
    assert outcome.manifest is not None
    assert outcome.manifest.types == {}


def test_only_the_build_before_is_kept(tmp_path: Path, sessions: Sessions) -> None:
    builds = []
    for number in range(4):
        store(tmp_path, f"c{number}", [0])
        save(sessions, f"{number}.wav", f"c{number}")
        outcome = build(tmp_path, sessions, created=CREATED + timedelta(minutes=number))
        assert outcome.manifest is not None
        builds.append(outcome.manifest.build)
    assert sorted(each.name for each in (tmp_path / "builds").iterdir()) == builds[2:]


def test_the_manifest_knows_how_far_apart_queries_are(tmp_path: Path, sessions: Sessions) -> None:
    store(tmp_path, "c1", [0])
    save(sessions, "one.wav", "c1")
    manifest = build(tmp_path, sessions).manifest
    assert manifest is not None
    assert manifest.query_hop_seconds == CARD.query_hop_samples / CARD.sample_rate


def test_the_checksum_changes_with_whatever_an_index_depends_on() -> None:
    stem = EmbeddedStem(1, StemType.BASS, "c1")
    variants = [
        ([stem], "m", 8.0),
        ([stem], "n", 8.0),
        ([stem], "m", 4.0),
        ([], "m", 8.0),
        ([replace(stem, number=2)], "m", 8.0),
        ([replace(stem, type=StemType.KEYS)], "m", 8.0),
        ([replace(stem, content_hash="c2")], "m", 8.0),
    ]
    assert len({checksum_contents(*variant) for variant in variants}) == len(variants)
