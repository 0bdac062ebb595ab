"""Exported graphs compute what the network computes."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

import model
from audio.stems import STEM_TYPES, StemType
from audio.windows import WINDOW_SAMPLES
from model.card import GRAPHS, read_card, sha256_of
from model.embedder import Embedder
from model.export import (
    OccupiedFolderError,
    Release,
    check_replaceable,
    export,
    without_notes,
)
from model.jepa import Jepa
from model.parity import TOLERANCE, ParityError, check_parity
from model.torch_embedder import TorchEmbedder
from tests.model.configs import tiny
from tests.model.conftest import CALIBRATION
from tests.model.multitracks import noise, play


def test_the_tolerance_is_one_ten_thousandth() -> None:
    assert TOLERANCE == 1e-4


def test_graphs_agree_with_pytorch(jepa: Jepa, release: Path) -> None:
    assert check_parity(jepa, release) < 1e-4


def test_graphs_of_a_vit_agree_with_pytorch(vit_jepa: Jepa, vit_release: Path) -> None:
    assert check_parity(vit_jepa, vit_release) < 1e-4


@pytest.mark.parametrize("seed", [1, 2])
def test_graphs_agree_whatever_is_played(jepa: Jepa, release: Path, seed: int) -> None:
    assert check_parity(jepa, release, seed) < 1e-4


@pytest.mark.parametrize("wanted", STEM_TYPES)
def test_graphs_agree_on_music(jepa: Jepa, embedder: Embedder, wanted: StemType) -> None:
    network = TorchEmbedder(jepa, torch.device("cpu"))
    mix = play(wanted, song=3, seconds=10)
    asked = embedder.queries(mix, wanted).vectors
    np.testing.assert_allclose(asked, network.queries(mix, wanted).vectors, atol=1e-4)
    stems = mix[None, :WINDOW_SAMPLES]
    np.testing.assert_allclose(embedder.embed_stems(stems), network.candidate_vectors(stems), atol=1e-4)


def test_graphs_agree_on_silence(jepa: Jepa, embedder: Embedder) -> None:
    network = TorchEmbedder(jepa, torch.device("cpu"))
    silence = np.zeros((1, WINDOW_SAMPLES), np.float32)
    np.testing.assert_allclose(embedder.embed_stems(silence), network.candidate_vectors(silence), atol=1e-4)


def test_another_network_is_told_apart(release: Path) -> None:
    torch.manual_seed(7)
    with pytest.raises(ParityError, match=r"differ from PyTorch by .* at most 1e-04 is allowed"):
        check_parity(Jepa(tiny()).eval(), release)


def test_exporting_leaves_the_network_as_it_was(jepa: Jepa, release: Path) -> None:
    waveform = torch.from_numpy(noise(0, 8000))[None]
    torch.manual_seed(0)
    fresh = Jepa(tiny())
    assert torch.equal(jepa.front_end(waveform), fresh.front_end(waveform))
    assert all(map(torch.equal, jepa.state_dict().values(), fresh.state_dict().values()))


def test_a_release_is_three_graphs_and_a_card(release: Path) -> None:
    assert {path.name for path in release.iterdir()} == {*GRAPHS, "card.json"}
    assert not release.with_name("tiny.partial").exists()


def test_the_card_says_what_the_release_is(release: Path) -> None:
    card = read_card(release)
    assert (card.name, card.version, card.dimension) == ("tiny", "1.2.3", tiny().dimension)
    assert (card.sample_rate, card.window_samples, card.query_hop_samples) == (16_000, WINDOW_SAMPLES, 500)
    assert card.stem_types == tuple(STEM_TYPES)
    assert card.calibration == CALIBRATION
    assert card.training == {"step": 0}
    assert card.evaluation == {}  # until `model evaluate --record` measures it


def test_the_card_holds_the_config_and_the_checksums(release: Path) -> None:
    card = read_card(release)
    assert card.config == json.loads(json.dumps(tiny().to_dict()))
    assert card.graphs == {name: sha256_of(release / name) for name in GRAPHS}


@pytest.mark.parametrize("name", GRAPHS)
def test_graphs_are_valid_and_hold_their_weights(release: Path, name: str) -> None:
    onnx.checker.check_model(str(release / name), full_check=True)
    assert not list(release.glob("*.data"))


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("context.onnx", ["waveform"]),
        ("predictor.onnx", ["latents", "stem_type", "played"]),
        ("target.onnx", ["waveform", "played"]),
    ],
)
def test_graphs_name_what_they_take(release: Path, name: str, inputs: list[str]) -> None:
    assert [one.name for one in onnx.load(release / name).graph.input] == inputs


def test_graphs_tell_nothing_of_the_machine_that_wrote_them(release: Path) -> None:
    for name in GRAPHS:
        content = (release / name).read_bytes()
        assert b"site-packages" not in content
        assert str(Path(model.__path__[0]).parent).encode() not in content


def test_notes_are_stripped_from_every_part_of_a_graph() -> None:
    note = onnx.StringStringEntryProto(key="pkg.torch.onnx.stack_trace", value="/home/me/net.py")
    node = onnx.helper.make_node("Relu", ["x"], ["y"], doc_string="/home/me")
    node.metadata_props.append(note)
    ends = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1]) for name in "xy"]
    graph = onnx.helper.make_graph([node], "graph", ends[:1], ends[1:], doc_string="/home/me")
    proto = onnx.helper.make_model(graph, doc_string="/home/me", producer_name="pytorch")
    inner = onnx.helper.make_function("own", "F", ["x"], ["y"], [node], proto.opset_import)
    proto.functions.append(inner)
    proto.graph.input[0].metadata_props.append(note)
    stripped = without_notes(proto)
    assert b"/home/me" not in stripped.SerializeToString()
    assert b"/home/me" in proto.SerializeToString()
    assert [one.op_type for one in stripped.graph.node] == ["Relu"]
    assert stripped.producer_name == "pytorch"


def test_no_graph_uses_the_slow_stft_operator(release: Path) -> None:
    operators = {node.op_type for name in GRAPHS for node in onnx.load(release / name).graph.node}
    assert not operators & {"STFT", "DFT"}
    assert "Conv" in operators


def test_a_release_that_fails_its_check_replaces_nothing(release: Path, tmp_path: Path) -> None:
    folder = tmp_path / "release"
    folder.mkdir()
    (folder / "card.json").write_text("the old one")
    torch.manual_seed(0)
    jepa = Jepa(tiny())
    with torch.no_grad():
        next(jepa.target.parameters()).fill_(float("nan"))
    with pytest.raises(ParityError):
        export(jepa, folder, Release("2.0.0", CALIBRATION))
    assert (folder / "card.json").read_text() == "the old one"


def test_what_is_no_release_is_not_replaced(jepa: Jepa, tmp_path: Path) -> None:
    (tmp_path / "songs").mkdir()
    (tmp_path / "songs" / "drums.wav").write_bytes(b"a day's work")
    with pytest.raises(OccupiedFolderError, match=r"is not empty and holds no release .* another --out"):
        export(jepa, tmp_path / "songs", Release("1.0.0", CALIBRATION))
    assert [path.name for path in tmp_path.rglob("*")] == ["songs", "drums.wav"]


def test_a_release_and_an_empty_folder_may_be_replaced(release: Path, tmp_path: Path) -> None:
    check_replaceable(release)
    check_replaceable(tmp_path)
    check_replaceable(tmp_path / "new")


def test_nothing_is_replaced_that_is_needed(release: Path) -> None:
    check_replaceable(release, [release.parent])  # a release may lie in a run
    for needed in (release, release / "run"):
        with pytest.raises(OccupiedFolderError, match=f"would replace {needed}"):
            check_replaceable(release, [needed])


def test_a_release_may_be_written_to_the_current_folder(
    jepa: Jepa, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    export(jepa, Path(), Release("1.0.0", CALIBRATION))
    again = export(jepa, tmp_path / "here", Release("1.0.1", CALIBRATION))
    assert read_card(tmp_path / "here").version == again.version == "1.0.1"
    assert [path.name for path in tmp_path.iterdir()] == ["here"]
