"""One training step: what the losses of a batch are."""

from dataclasses import dataclass

import torch
from torch import Tensor

from model.batches import Batch
from model.heads import TokensInOrder
from model.jepa import Embedding, Jepa, Prediction
from model.loss import Losses, contrastive_loss, jepa_loss, search_offsets, spread

CACHE_FRIENDLY = 4  # windows
MOST_SCALE = 100.0  # of the learned inverse temperature; beyond it InfoNCE only amplifies noise


@dataclass(frozen=True)
class Images:
    """A batch after the front end, on the device."""

    contexts: Tensor  # [B, M, N]
    targets: Tensor  # [B, M, N]
    types: Tensor  # [B]
    same_song: Tensor  # [B, B], pairs that are neither known to belong together nor known not to
    offsets: Tensor  # [B], frames of the context before the target's window


def images_of(jepa: Jepa, batch: Batch, device: torch.device) -> Images:
    """Run the front end, in full precision, and shape both sides' sound independently."""
    with torch.no_grad():
        contexts = _images(jepa, torch.from_numpy(batch.contexts).to(device))
        targets = _images(jepa, torch.from_numpy(batch.targets).to(device))
        deviation = jepa.config.front_end.deviation
        contexts += torch.from_numpy(batch.context_equalisers).to(device)[:, :, None] / deviation
        targets += torch.from_numpy(batch.target_equalisers).to(device)[:, :, None] / deviation
    types, same_song, offsets = (
        torch.from_numpy(array).to(device) for array in (batch.types, batch.same_song, batch.offsets)
    )
    return Images(contexts, targets, types, same_song, offsets)


def _images(jepa: Jepa, waveforms: Tensor) -> Tensor:
    """Waveforms [B, T] → [B, M, N]; images stay as they are.

    A few windows at a time: their spectra stay in the cache, which takes a CPU from 4.9 to 2.8 ms each.
    """
    if waveforms.ndim == 3:  # noqa: PLR2004 - [B, M, N]
        return waveforms
    at_once = CACHE_FRIENDLY if waveforms.device.type == "cpu" else len(waveforms)
    return torch.cat([jepa.front_end(piece) for piece in torch.split(waveforms, at_once)])


def losses_of(jepa: Jepa, images: Images) -> Losses:
    """All terms for one batch.

    1. The mix is encoded and the missing stem predicted from it.
    2. The stem is encoded by the target encoder (for the distance) and by the online one (for the contrast,
       so that both sides learn).
    3. Terms are weighed and added.
    """
    prediction = jepa.predict(jepa.embed_context(images.contexts), images.types)
    there = _at_offsets(prediction.latents, images.offsets, jepa.config.moments * jepa.config.bands)
    distance = jepa_loss(there.float(), jepa.embed_target(images.targets).latents.float())
    parts = {"jepa": distance}
    total = jepa.config.loss.jepa * distance
    if jepa.config.loss.contrastive or jepa.config.loss.contrastive_global:
        stems: Embedding = jepa.online(images.targets)
        for name, weight, term in contrasts(jepa, prediction, stems, images):
            parts[name] = term
            total = total + weight * term
        parts["spread"] = spread(stems.candidates.detach().float())
    return Losses(total, {name: part.detach() for name, part in parts.items()})


def _at_offsets(latents: Tensor, offsets: Tensor, length: int) -> Tensor:
    """The latents that lie under the target: [B, N, D] → [B, length, D]."""
    if latents.shape[1] == length:
        return latents
    places = offsets[:, None] + torch.arange(length, device=latents.device)
    return latents.gather(1, places[:, :, None].expand(-1, -1, latents.shape[2]))


def contrasts(
    jepa: Jepa, prediction: Prediction, stems: Embedding, images: Images
) -> list[tuple[str, float, Tensor]]:
    """Name, weight and value of each contrastive term.

    In single precision, also where the rest computes in bfloat16: there scores times a scale of 14 to 100
    come in steps of a sixteenth to a quarter, and wrong answers that are nearer than that are all one.
    """
    with torch.autocast(images.contexts.device.type, enabled=False):
        return _contrasts_of(jepa, prediction, stems, images)


def _contrasts_of(
    jepa: Jepa, prediction: Prediction, stems: Embedding, images: Images
) -> list[tuple[str, float, Tensor]]:
    weights = jepa.config.loss
    scale = jepa.log_scale.exp().clamp(max=MOST_SCALE)
    queries, candidates = prediction.queries.float(), stems.candidates.float()
    searched = search_offsets(queries, candidates, images.offsets)
    elsewhere = searched.own_elsewhere if weights.own_offsets else None
    contrast = contrastive_loss(
        scale * searched.pairs,
        same_song=images.same_song,
        own_elsewhere=None if elsewhere is None else scale * elsewhere,
    )
    terms = [("contrast", weights.contrastive, contrast)]
    width = jepa.config.head.global_width
    if weights.contrastive_global and isinstance(jepa.query_head, TokensInOrder) and width:
        # Both parts have length 1 / √2: doubling gives back a cosine.
        averages = search_offsets(queries[..., -width:], candidates[:, -width:], images.offsets)
        averaged = contrastive_loss(2 * scale * averages.pairs, same_song=images.same_song)
        terms.append(("contrast_global", weights.contrastive_global, averaged))
    return terms
