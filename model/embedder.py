"""The only door to the exported graphs: embeds mixes and stems with ONNX Runtime, never with PyTorch."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from audio.decode import Waveform
from audio.stems import STEM_TYPES, StemType
from model.card import GRAPHS, BrokenModelError, ModelCard, check_graphs, read_card
from model.overhang import Overhang, Queries, missing_samples, of_length_one, played_until_the_end
from model.type_guess import TypeGuess, UnreadableTypeGuessError

Device = Literal["cpu", "cuda"]
Vectors = NDArray[np.float32]

PROVIDERS: dict[Device, str] = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}
BATCH = 16  # windows that go through the target graph at once


class DeviceNotFoundError(RuntimeError):
    """A device that was asked for and is not there."""


@dataclass(frozen=True)
class Latents:
    """A mix after the context encoder: one row for each independent piece that the graph took."""

    values: NDArray[np.float32]  # [B, P, D]
    piece_seconds: float  # from the start of one piece to the next


class Embedder:
    """Context encoder, predictor and target encoder of one release. Safe to use from several threads."""

    def __init__(
        self,
        card: ModelCard,
        sessions: dict[str, onnxruntime.InferenceSession],
        device: Device,
        guess_type: TypeGuess | None = None,
    ) -> None:
        self.card = card
        self.guess_type = guess_type
        self.provider = PROVIDERS[device]
        self._context, self._predictor, self._target = (sessions[name] for name in GRAPHS)

    @classmethod
    def open(cls, folder: Path, device: Device = "cpu", threads: int = 0) -> Self:
        """Load a release; `threads` 0 lets ONNX Runtime use every core.

        Raises:
            BrokenModelError: the folder is incomplete, damaged, of an earlier format, or of other stem types.
            DeviceNotFoundError: CUDA was asked for and is not there.
        """
        card = read_card(folder)
        check_graphs(folder, card)
        if card.stem_types != tuple(STEM_TYPES):
            raise BrokenModelError(f"{folder} was trained on other stem types: {', '.join(card.stem_types)}.")
        try:
            guess_type = TypeGuess.load(folder, card.dimension)
        except UnreadableTypeGuessError as error:
            raise BrokenModelError(str(error)) from error
        graphs = {name: _open_graph(folder / name, device, threads) for name in GRAPHS}
        inputs = {each.name for each in graphs["target.onnx"].get_inputs()}
        if card.dense and "played" not in inputs:
            raise BrokenModelError(f"{folder} is of an earlier format. Export the model again.")
        return cls(card, graphs, device, guess_type)

    def embed_context(self, waveform: Waveform) -> Latents:
        """Run the context encoder over a mix [T] of any length."""
        (latents,) = self.embed_contexts([waveform])
        return latents

    def embed_contexts(self, waveforms: Sequence[Waveform]) -> list[Latents]:
        """`embed_context` of mixes [T] of one length, in one go.

        Raises:
            ValueError: their lengths differ.
        """
        mixes = np.stack(waveforms).astype(np.float32, copy=False)
        missing = missing_samples(mixes.shape[1], self.card.query_hop_samples)
        filled = np.pad(mixes, ((0, 0), (0, missing)))
        pieces = filled if self.card.dense else filled.reshape(-1, self.card.window_samples)
        count, values = len(waveforms), _run(self._context, waveform=pieces)
        return [Latents(each, self.card.window_seconds) for each in np.split(values, count)]

    def predict(self, latents: Latents, stem_type: StemType) -> Queries:
        """Predict the missing stem of `stem_type` for every moment at which a window can begin."""
        (queries,) = self.predict_all([(latents, stem_type)])
        return queries

    def predict_all(self, asked: Sequence[tuple[Latents, StemType]]) -> list[Queries]:
        """`predict` for latents of one shape and a type for each, in one go.

        Raises:
            ValueError: their shapes differ.
        """
        values = np.concatenate([latents.values for latents, _ in asked])
        pieces = len(values) // len(asked)
        numbers = np.repeat([stem_type.number for _, stem_type in asked], pieces).astype(np.int64)
        if not self.card.dense:
            vectors = _run(self._predictor, latents=values, stem_type=numbers)
            apart = asked[0][0].piece_seconds
            return [Queries.in_a_row(each[:, 0], apart) for each in np.split(vectors, len(asked))]
        hang = Overhang.of(values.shape[1], self.card.query_hop_samples / self.card.sample_rate)
        inputs = {"latents": hang.pad(values), "played": hang.played(len(values))}
        return [hang.queries(each) for each in _run(self._predictor, stem_type=numbers, **inputs)]

    @staticmethod
    def shape_of(latents: Latents) -> tuple[int, ...]:
        """Latents of one shape can be predicted from in one go."""
        return latents.values.shape

    def embed_stems(self, windows: NDArray[np.float32]) -> Vectors:
        """Candidate vectors [B, D] of stem windows [B, T] by the target encoder.

        Raises:
            ValueError: the windows have another length than the model's.
        """
        if windows.ndim != 2 or windows.shape[1] != self.card.window_samples:  # noqa: PLR2004 - [B, T]
            raise ValueError(
                f"Stem windows must be [B, {self.card.window_samples}], not {list(windows.shape)}."
            )
        batches = [windows[first : first + BATCH] for first in range(0, len(windows), BATCH)]
        vectors = [self._embed(batch.astype(np.float32, copy=False)) for batch in batches]
        return np.concatenate(vectors) if vectors else np.zeros((0, self.card.dimension), np.float32)

    def _embed(self, windows: NDArray[np.float32]) -> Vectors:
        if not self.card.dense:
            return _run(self._target, waveform=windows)
        played = played_until_the_end(windows, self.card.query_hop_samples)
        return of_length_one(_run(self._target, waveform=windows, played=played))

    def compatibility(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """Scores of stems to 0..1, by the calibration of the card."""
        fitted = self.card.calibration
        logits = (fitted.slope * scores + fitted.intercept).astype(np.float32)
        return np.asarray(1 / (1 + np.exp(-logits)), np.float32)

    @property
    def query_hop_samples(self) -> int:
        """Distance of neighbouring queries."""
        return self.card.query_hop_samples

    def queries(self, mix: Waveform, stem_type: StemType) -> Queries:
        """`embed_context` and `predict` in one: [T] → [K, D]."""
        return self.predict(self.embed_context(mix), stem_type)

    def candidate_vectors(self, windows: NDArray[np.float32]) -> Vectors:
        """`embed_stems` under the name that evaluation shares with a network in training."""
        return self.embed_stems(windows)


def _open_graph(path: Path, device: Device, threads: int) -> onnxruntime.InferenceSession:
    provider = PROVIDERS[device]
    if provider not in onnxruntime.get_available_providers():
        raise DeviceNotFoundError(_not_found(device))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3  # errors; what ONNX Runtime only warns of is checked below
    try:
        session = onnxruntime.InferenceSession(path, options, providers=[provider])
    except Exception as error:  # ONNX Runtime raises its own classes, which derive from Exception alone
        raise BrokenModelError(f"{path} cannot be loaded: {error}") from error
    if session.get_providers()[0] != provider:
        raise DeviceNotFoundError(_not_found(device))
    return session


def _not_found(device: Device) -> str:
    return (
        f"Device {device!r} was asked for, but ONNX Runtime has no {PROVIDERS[device]} here. "
        "Use --device cpu (COUNTERPART_DEVICE=cpu), or the GPU image on a machine with an NVIDIA GPU."
    )


def _run(session: onnxruntime.InferenceSession, **inputs: NDArray[np.generic]) -> NDArray[np.float32]:
    output: NDArray[np.float32] = session.run(None, inputs)[0]
    return output
