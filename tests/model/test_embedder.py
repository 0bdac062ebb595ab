"""The door to the exported graphs."""

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from audio.stems import STEM_TYPES, StemType
from audio.windows import WINDOW_SAMPLES
from model.card import GRAPHS, BrokenModelError, read_card, sha256_of, write_card
from model.embedder import BATCH, DeviceNotFoundError, Embedder
from model.jepa import Jepa
from model.torch_embedder import TorchEmbedder
from tests.model.multitracks import noise, play

HOP = 500
KEYS = StemType.KEYS


def copy(release: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(release, tmp_path / "copy"))


@pytest.mark.parametrize(
    ("samples", "vectors", "first"),
    [
        (0, 128, -191),
        (1, 128, -191),
        (16_000, 128, -176),
        (5 * 16_000, 128, -112),
        (WINDOW_SAMPLES - 1, 128, -64),
        (WINDOW_SAMPLES, 128, -64),
        (WINDOW_SAMPLES + 1, 128, -63),
        (12 * 16_000, 129, 0),
        (20 * 16_000, 385, 0),
    ],
)
def test_a_mix_asks_at_every_hop_at_which_a_window_may_begin(
    embedder: Embedder, samples: int, vectors: int, first: int
) -> None:
    queries = embedder.predict(embedder.embed_context(noise(0, samples)), KEYS)
    assert queries.vectors.shape == (vectors, embedder.card.dimension)
    np.testing.assert_allclose(queries.starts, (np.arange(vectors) + first) * 0.03125)


@pytest.mark.parametrize("samples", [0, 30_000, WINDOW_SAMPLES, 2 * WINDOW_SAMPLES + 5000])
def test_a_vit_asks_window_by_window(vit_embedder: Embedder, samples: int) -> None:
    queries = vit_embedder.predict(vit_embedder.embed_context(noise(0, samples)), KEYS)
    windows = max(-(-samples // WINDOW_SAMPLES), 1)
    assert queries.vectors.shape == (windows, 160)
    np.testing.assert_allclose(queries.starts, np.arange(windows) * 8.0)


@pytest.mark.parametrize("samples", [40_000, WINDOW_SAMPLES, WINDOW_SAMPLES + 777, WINDOW_SAMPLES + 90 * HOP])
def test_dense_queries_are_those_of_the_network(jepa: Jepa, embedder: Embedder, samples: int) -> None:
    mix = play(KEYS, song=4, seconds=12)[:samples]
    network = TorchEmbedder(jepa, torch.device("cpu"))
    served, expected = embedder.queries(mix, KEYS), network.queries(mix, KEYS)
    np.testing.assert_allclose(served.vectors, expected.vectors, atol=1e-4)
    np.testing.assert_array_equal(served.starts, expected.starts)


def test_queries_of_a_vit_are_those_of_the_network(vit_jepa: Jepa, vit_embedder: Embedder) -> None:
    mix = play(KEYS, song=4, seconds=18)
    network = TorchEmbedder(vit_jepa, torch.device("cpu"))
    served, expected = vit_embedder.queries(mix, KEYS), network.queries(mix, KEYS)
    np.testing.assert_allclose(served.vectors, expected.vectors, atol=1e-4)
    np.testing.assert_array_equal(served.starts, expected.starts)


@pytest.mark.parametrize("windows", [1, 2, BATCH, BATCH + 3])
def test_many_stems_at_once_are_one_at_a_time(embedder: Embedder, windows: int) -> None:
    stems = np.stack([noise(seed, WINDOW_SAMPLES) for seed in range(windows)])
    vectors = embedder.embed_stems(stems)
    assert vectors.shape == (windows, embedder.card.dimension)
    one_by_one = np.concatenate([embedder.embed_stems(stem[None]) for stem in stems[-2:]])
    np.testing.assert_allclose(vectors[-2:], one_by_one, atol=1e-5)


def test_a_short_stem_and_a_mix_beside_it_are_alike_on_average_alone(embedder: Embedder) -> None:
    """What a window lacks has no tokens: where the two never sound together no timing is compared."""
    stem = np.zeros((1, WINDOW_SAMPLES), np.float32)
    stem[0, : 3 * 16_000] = noise(1, 3 * 16_000)
    head = embedder.card.config["head"]
    tokens = embedder.embed_stems(stem)[0, : -head["global_width"]].reshape(-1, head["token_width"])
    assert tokens.any(axis=1).sum() == 3 * 32 // head["token_frames"]
    asked = embedder.queries(noise(2, 2 * 16_000), KEYS)
    begins_after_it = asked.vectors[asked.starts < -3][:, : -head["global_width"]]
    assert len(begins_after_it)
    np.testing.assert_allclose(begins_after_it @ tokens.ravel(), 0, atol=1e-6)


def test_no_stems_give_no_vectors(embedder: Embedder) -> None:
    assert embedder.embed_stems(np.zeros((0, WINDOW_SAMPLES), np.float32)).shape == (
        0,
        embedder.card.dimension,
    )


@pytest.mark.parametrize(
    "shape", [(2, WINDOW_SAMPLES - 1), (2, WINDOW_SAMPLES + 1), (WINDOW_SAMPLES,), (1, 1, 9)]
)
def test_stems_of_another_length_are_refused(embedder: Embedder, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"must be \[B, 128000\], not \["):
        embedder.embed_stems(np.zeros(shape, np.float32))


def test_other_numbers_are_taken_as_single_precision(embedder: Embedder) -> None:
    stems = np.stack([noise(0, WINDOW_SAMPLES)])
    vectors = embedder.embed_stems(stems.astype(np.float64))
    np.testing.assert_array_equal(vectors, embedder.embed_stems(stems))


def test_every_vector_has_length_one(embedder: Embedder) -> None:
    vectors = np.concatenate([embedder.queries(noise(0, 200_000), one).vectors for one in STEM_TYPES])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


@pytest.mark.parametrize("samples", [400, 1_600, 4_000, 7_500])
def test_a_hit_of_a_moment_has_a_vector_of_length_one_too(
    jepa: Jepa, embedder: Embedder, samples: int
) -> None:
    """Less than two tokens of it play, so that none is left once their average is taken out."""
    stem = np.zeros((1, WINDOW_SAMPLES), np.float32)
    stem[0, :samples] = noise(1, samples)
    (vector,) = embedder.embed_stems(stem)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
    np.testing.assert_allclose(
        TorchEmbedder(jepa, torch.device("cpu")).candidate_vectors(stem)[0], vector, atol=1e-4
    )


def test_every_type_asks_differently(embedder: Embedder) -> None:
    latents = embedder.embed_context(noise(0, WINDOW_SAMPLES))
    asked = np.stack([embedder.predict(latents, one).vectors for one in STEM_TYPES])
    assert len(np.unique(asked[:, 64], axis=0)) == len(STEM_TYPES)


def test_an_evaluation_asks_what_serving_asks(embedder: Embedder) -> None:
    mix, stems = noise(0, 150_000), np.stack([noise(1, WINDOW_SAMPLES)])
    served = embedder.predict(embedder.embed_context(mix), KEYS).vectors
    np.testing.assert_array_equal(embedder.queries(mix, KEYS).vectors, served)
    np.testing.assert_array_equal(embedder.candidate_vectors(stems), embedder.embed_stems(stems))


def test_compatibility_rises_from_nought_to_one(embedder: Embedder) -> None:
    shown = embedder.compatibility(np.linspace(-1, 1, 201, dtype=np.float32))
    assert shown.dtype == np.float32
    assert bool((np.diff(shown) > 0).all())
    assert 0 < float(shown[0]) < 0.01
    assert 0.9 < float(shown[-1]) < 1
    assert float(embedder.compatibility(np.array([0.5], np.float32))[0]) == pytest.approx(0.5)


def test_an_embedder_says_what_it_runs_on(embedder: Embedder, release: Path) -> None:
    assert embedder.provider == "CPUExecutionProvider"
    assert embedder.card == read_card(release)


def test_several_threads_may_ask_at_once(embedder: Embedder) -> None:
    mixes = [noise(seed, WINDOW_SAMPLES) for seed in range(4)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda mix: embedder.queries(mix, KEYS).vectors, mixes))
    for mix, vectors in zip(mixes, together, strict=True):
        np.testing.assert_allclose(vectors, embedder.queries(mix, KEYS).vectors, atol=1e-6)


@pytest.mark.parametrize("name", GRAPHS)
def test_a_changed_graph_is_refused(release: Path, tmp_path: Path, name: str) -> None:
    folder = copy(release, tmp_path)
    with (folder / name).open("ab") as file:
        file.write(b"\0")
    with pytest.raises(BrokenModelError, match=rf"{name} is not the file that its card describes"):
        Embedder.open(folder)


def test_a_graph_that_is_no_graph_is_refused(release: Path, tmp_path: Path) -> None:
    folder = copy(release, tmp_path)
    (folder / "target.onnx").write_bytes(b"no graph")
    card = read_card(folder)
    graphs = {**card.graphs, "target.onnx": sha256_of(folder / "target.onnx")}
    write_card(folder, replace(card, graphs=graphs))
    with pytest.raises(BrokenModelError, match=r"target\.onnx cannot be loaded"):
        Embedder.open(folder)


def test_a_predictor_that_cannot_leave_out_what_is_not_played_is_refused(
    vit_release: Path, tmp_path: Path
) -> None:
    folder = copy(vit_release, tmp_path)
    write_card(folder, replace(read_card(folder), query_hop_samples=HOP))
    with pytest.raises(BrokenModelError, match=r"is of an earlier format\. Export the model again"):
        Embedder.open(folder)


def test_a_folder_without_a_card_is_refused_with_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(BrokenModelError, match="Export one: counterpart model export RUN"):
        Embedder.open(tmp_path)


def test_a_model_of_other_stem_types_is_refused(release: Path, tmp_path: Path) -> None:
    folder = copy(release, tmp_path)
    write_card(folder, replace(read_card(folder), stem_types=("drums", "oboe")))
    with pytest.raises(BrokenModelError, match="was trained on other stem types: drums, oboe"):
        Embedder.open(folder)


def test_a_gpu_that_is_not_there_is_no_silent_cpu(release: Path) -> None:
    assert "CUDAExecutionProvider" not in onnxruntime.get_available_providers()  # by pyproject.toml
    with pytest.raises(DeviceNotFoundError, match=r"Device 'cuda' was asked for, but .* Use --device cpu"):
        Embedder.open(release, device="cuda")


@pytest.mark.parametrize("module", ["model.embedder", "model.card", "model.weights", "model.cli"])
def test_serving_loads_no_pytorch(module: str) -> None:
    script = f"import sys, {module}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False, timeout=300).returncode == 0  # noqa: S603 - our own
