"""The product as it is shipped: the released model over the demo library, asked as its users ask."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from rich.console import Console
from starlette.testclient import TestClient

from audio.decode import decode
from audio.stems import STEM_TYPES, StemType
from audio.windows import cut_windows
from counterpart import cli
from indexer.run import index_library
from model.card import GRAPHS, check_graphs, read_card
from model.embedder import Embedder
from model.weights import shipped_weights
from service.app import create_app
from service.settings import ServiceSettings

DEMO = Path(__file__).parents[1] / "demo"
LARGEST_BYTES = 25_000_000
MIXES = sorted(DEMO.glob("mixes/*.ogg"))
RENDERED_MIXES = [mix for mix in MIXES if not mix.stem.startswith("sectoid")]  # played to a click


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> ServiceSettings:
    """The demo library, indexed by the shipped model."""
    settings = ServiceSettings.model_validate({"data": tmp_path_factory.mktemp("data")})
    index_library([DEMO], settings, Embedder.open(shipped_weights()), Console(quiet=True))
    return settings


@pytest.fixture(scope="module")
def client(settings: ServiceSettings) -> Iterator[TestClient]:
    with TestClient(create_app(settings)) as client:
        yield client


def ask(client: TestClient, mix: Path, stem_type: str, **options: float) -> dict[str, Any]:
    params: dict[str, str | float] = {"type": stem_type, **options}
    with mix.open("rb") as file:
        answer = client.post("/match", params=params, files={"mix": (mix.name, file)})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_the_release_is_small_whole_and_states_what_it_learned_from() -> None:
    folder = shipped_weights()
    card = read_card(folder)
    check_graphs(folder, card)
    assert sum(path.stat().st_size for path in folder.iterdir()) <= LARGEST_BYTES
    assert card.stem_types == tuple(STEM_TYPES)
    assert all(entry["licence"] for entry in card.training["data"]["training"])
    assert card.calibration.slope > 0
    assert card.calibration.pairs >= 100


def test_vectors_have_length_one_and_differ_between_stems() -> None:
    embedder = Embedder.open(shipped_weights())
    paths = sorted(DEMO.glob("stems/*/bass.ogg"))[:6]
    vectors = np.concatenate(
        [embedder.embed_stems(cut_windows(decode(path).waveform).samples) for path in paths]
    )
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    assert np.median(vectors @ vectors.T) < 0.9
    drums = [decode(path).waveform for path in sorted(DEMO.glob("stems/*/drums.ogg"))]
    hits = np.concatenate([cut_windows(each[:4_800]).samples for each in drums])
    assert np.allclose(np.linalg.norm(embedder.embed_stems(hits), axis=1), 1, atol=1e-4)


@pytest.mark.parametrize("mix", MIXES, ids=lambda path: path.stem)
def test_the_stem_that_a_demo_mix_lacks_ranks_high(client: TestClient, mix: Path) -> None:
    song, stem_type = mix.stem.split("-mix-no-")
    matches = ask(client, mix, stem_type, limit=100)["matches"]
    paths = [match["stem"]["path"] for match in matches]
    assert len(paths) >= 5
    assert paths.index(f"stems/{song}/{stem_type}.ogg") < 3


@pytest.mark.parametrize("mix", RENDERED_MIXES, ids=lambda path: path.stem)
def test_the_placement_puts_the_stem_where_it_was_cut_from(client: TestClient, mix: Path) -> None:
    """A mix begins 1.37 s later than its stems; dense queries lie 31 ms apart."""
    first = ask(client, mix, mix.stem.split("-mix-no-")[1])["matches"][0]["placement"]
    assert first["stem_start"] - first["mix_start"] == pytest.approx(1.37, abs=0.04)
    assert first["seconds"] == 8


@pytest.mark.parametrize("start", [3.1, 5.6])
@pytest.mark.parametrize("mix", RENDERED_MIXES, ids=lambda path: path.stem)
def test_five_seconds_of_a_mix_find_the_stem_and_where_it_was_cut_from(
    client: TestClient, mix: Path, start: float
) -> None:
    """Shorter than a window: some windows that ask begin before the region does."""
    song, stem_type = mix.stem.split("-mix-no-")
    matches = ask(client, mix, stem_type, limit=100, start=start, seconds=5)["matches"]
    paths = [match["stem"]["path"] for match in matches]
    assert paths.index(f"stems/{song}/{stem_type}.ogg") < 5
    for placement, stem in ((match["placement"], match["stem"]) for match in matches):
        assert start <= placement["mix_start"] < start + 5
        assert 0 < placement["seconds"] <= 5
        assert 0 <= placement["stem_start"] < stem["seconds"]


def test_command_and_endpoint_give_one_answer(client: TestClient, settings: ServiceSettings) -> None:
    mix = MIXES[0]
    stem_type = mix.stem.split("-mix-no-")[1]
    result = CliRunner().invoke(
        cli, ["match", str(mix), "--type", stem_type, "--json", "--data", str(settings.data)]
    )
    assert result.exit_code == 0, result.output
    printed = json.loads(result.output)
    asked = ask(client, mix, stem_type)
    assert [match["stem"]["id"] for match in printed["matches"]] == [
        match["stem"]["id"] for match in asked["matches"]
    ]
    assert printed["build"] == asked["build"]


def test_the_type_that_is_asked_for_changes_the_answer(client: TestClient) -> None:
    found = {
        each: ask(client, MIXES[0], each)["matches"][0]["stem"]["type"] for each in ("drums", "bass", "keys")
    }
    assert found == {"drums": "drums", "bass": "bass", "keys": "keys"}


def test_the_same_mix_gets_the_same_answer_twice(client: TestClient) -> None:
    first, second = (ask(client, MIXES[0], "any", limit=3)["matches"] for _ in range(2))
    assert first == second


def test_a_stem_that_was_found_can_be_heard(client: TestClient) -> None:
    match = ask(client, MIXES[0], "bass", limit=1)["matches"][0]
    sound = client.get(match["stem"]["audio_url"])
    assert sound.status_code == 200
    assert sound.content == (DEMO / match["stem"]["path"]).read_bytes()


def test_an_index_of_another_model_is_refused_with_a_sentence(
    settings: ServiceSettings, tmp_path: Path
) -> None:
    release = Path(shutil.copytree(shipped_weights(), tmp_path / "other"))
    card = json.loads((release / "card.json").read_text())
    (release / "card.json").write_text(json.dumps({**card, "version": "9.9.9"}))
    result = CliRunner().invoke(
        cli, ["match", str(MIXES[0]), "--type", "bass", "--data", str(settings.data), "--model", str(release)]
    )
    assert result.exit_code == 1
    assert "9.9.9" in result.output
    assert "counterpart index" in result.output


def test_ready_says_that_everything_is_there(client: TestClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200, answer.text


def test_types_count_the_demo(client: TestClient) -> None:
    counts = {entry["type"]: entry["stems"] for entry in client.get("/types").json()["types"]}
    for stem_type in StemType:
        assert counts[stem_type] == len(list(DEMO.glob(f"stems/*/{stem_type}.ogg")))


@pytest.mark.parametrize("name", GRAPHS)
def test_its_graphs_tell_nothing_of_the_machine_that_wrote_them(name: str) -> None:
    content = (shipped_weights() / name).read_bytes()
    assert b"site-packages" not in content
    assert b"stack_trace" not in content
