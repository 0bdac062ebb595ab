"""One training step: what the losses of a batch are."""

from dataclasses import dataclass

import torch
from torch import Tensor

from model.batches import Batch
from model.heads import TokensInOrder
from model.jepa import Embedding, Jepa, Prediction
from model.loss import Losses, contrastive_loss, jepa_loss, spread

CACHE_FRIENDLY = 4  # windows
MOST_SCALE = 100.0  # of the learned inverse temperature; beyond it InfoNCE only amplifies noise


@dataclass(frozen=True)
class Images:
    """A batch after the front end, on the device."""

    contexts: Tensor  # [B, M, N]
    targets: Tensor  # [B, M, N]
    types: Tensor  # [B]
    songs: Tensor  # [B]


def images_of(jepa: Jepa, batch: Batch, device: torch.device) -> Images:
    """Run the front end, in full precision, and shape both sides' sound independently."""
    with torch.no_grad():
        contexts = _front_end(jepa, torch.from_numpy(batch.contexts).to(device))
        targets = _front_end(jepa, torch.from_numpy(batch.targets).to(device))
        deviation = jepa.config.front_end.deviation
        contexts += torch.from_numpy(batch.context_equalisers).to(device)[:, :, None] / deviation
        targets += torch.from_numpy(batch.target_equalisers).to(device)[:, :, None] / deviation
    return Images(
        contexts, targets, torch.from_numpy(batch.types).to(device), torch.from_numpy(batch.songs).to(device)
    )


def _front_end(jepa: Jepa, waveforms: Tensor) -> Tensor:
    """A few windows at a time: their spectra stay in the cache, which takes a CPU from 4.9 to 2.8 ms each."""
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
    distance = jepa_loss(prediction.latents.float(), jepa.embed_target(images.targets).latents.float())
    parts = {"jepa": distance}
    total = jepa.config.loss.jepa * distance
    if jepa.config.loss.contrastive or jepa.config.loss.contrastive_global:
        stems: Embedding = jepa.online(images.targets)
        for name, weight, term in _contrasts(jepa, prediction, stems, images.songs):
            parts[name] = term
            total = total + weight * term
        parts["spread"] = spread(stems.candidates.detach().float())
    return Losses(total, {name: part.detach() for name, part in parts.items()})


def _contrasts(
    jepa: Jepa, prediction: Prediction, stems: Embedding, songs: Tensor
) -> list[tuple[str, float, Tensor]]:
    weights = jepa.config.loss
    scale = jepa.log_scale.exp().clamp(max=MOST_SCALE)
    same_song = songs[:, None] == songs[None, :]
    queries, candidates = prediction.queries[:, 0].float(), stems.candidates.float()
    terms = [
        ("contrast", weights.contrastive, contrastive_loss(queries, candidates, scale, same_song=same_song))
    ]
    width = jepa.config.head.global_width
    if weights.contrastive_global and isinstance(jepa.query_head, TokensInOrder) and width:
        # Both parts have length 1 / √2: doubling gives back a cosine.
        averaged = contrastive_loss(
            queries[:, -width:], candidates[:, -width:], 2 * scale, same_song=same_song
        )
        terms.append(("contrast_global", weights.contrastive_global, averaged))
    return terms
