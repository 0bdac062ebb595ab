"""A batch becomes images, and images become losses."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from audio.windows import WINDOW_SAMPLES
from model.batches import Batch
from model.config import Config
from model.config_sections import LossConfig
from model.jepa import Jepa
from model.loss import jepa_loss
from model.step import MOST_SCALE, Images, contrasts, images_of, losses_of
from tests.model.configs import small_vit, tiny
from tests.model.multitracks import noise

CPU = torch.device("cpu")


def batch(bins: int, context_level: float = 0.0, target_level: float = 0.0, pairs: int = 5) -> Batch:
    """Noise, with equalisers that are flat at a level."""
    return Batch(
        contexts=np.stack([noise(pair, WINDOW_SAMPLES) for pair in range(pairs)]),
        targets=np.stack([noise(100 + pair, WINDOW_SAMPLES) for pair in range(pairs)]),
        context_equalisers=np.full((pairs, bins), context_level, np.float32),
        target_equalisers=np.full((pairs, bins), target_level, np.float32),
        types=np.arange(pairs),
        same_song=np.eye(pairs, dtype=bool),
        offsets=np.zeros(pairs, np.int64),
    )


def network(config: Config, **loss: Any) -> Jepa:
    torch.manual_seed(0)
    return Jepa(replace(config, loss=replace(config.loss, **loss)))


def images(jepa: Jepa) -> Images:
    return images_of(jepa, batch(jepa.config.front_end.bins), CPU)


def figures(jepa: Jepa, given: Images) -> Mapping[str, float]:
    return {name: float(part) for name, part in losses_of(jepa, given).parts.items()}


def test_images_are_the_front_ends_whatever_goes_through_at_once(jepa: Jepa) -> None:
    given = batch(jepa.config.front_end.bins)
    expected = jepa.front_end(torch.from_numpy(given.contexts))
    torch.testing.assert_close(images_of(jepa, given, CPU).contexts, expected, atol=1e-5, rtol=1e-5)


def test_each_side_is_equalised_by_its_own_curve(jepa: Jepa) -> None:
    flat, shaped = (images_of(jepa, batch(90, *levels), CPU) for levels in ((0, 0), (2.75, -5.5)))
    torch.testing.assert_close(shaped.contexts, flat.contexts + 1.0)
    torch.testing.assert_close(shaped.targets, flat.targets - 2.0)


def test_images_carry_no_gradient(jepa: Jepa) -> None:
    assert not images(jepa).contexts.requires_grad


def test_the_shipped_objective_has_three_terms_and_watches_for_collapse() -> None:
    jepa = network(tiny())
    assert set(figures(jepa, images(jepa))) == {"jepa", "contrast", "contrast_global", "spread"}


def test_the_papers_objective_is_the_distance_alone() -> None:
    jepa = network(small_vit(), contrastive=0.0, contrastive_global=0.0)
    losses = losses_of(jepa, images(jepa))
    assert set(losses.parts) == {"jepa"}
    assert float(losses.total.detach()) == pytest.approx(float(losses.parts["jepa"]))


def test_the_total_is_the_weighed_sum() -> None:
    weights = LossConfig(jepa=0.5, contrastive=2.0, contrastive_global=0.25)
    jepa = network(tiny(), jepa=0.5, contrastive=2.0, contrastive_global=0.25)
    losses = losses_of(jepa, images(jepa))
    parts = {name: float(part) for name, part in losses.parts.items()}
    expected = weights.jepa * parts["jepa"] + weights.contrastive * parts["contrast"]
    expected += weights.contrastive_global * parts["contrast_global"]
    assert float(losses.total.detach()) == pytest.approx(expected, rel=1e-5)


def test_the_average_can_be_contrasted_alone() -> None:
    jepa = network(tiny(), jepa=0.0, contrastive=0.0, contrastive_global=1.0)
    losses = losses_of(jepa, images(jepa))
    assert float(losses.total.detach()) == pytest.approx(float(losses.parts["contrast_global"]), rel=1e-5)


def test_a_head_without_an_averaged_part_has_no_term_for_it() -> None:
    config = tiny()
    jepa = network(replace(config, head=replace(config.head, global_width=0)))
    assert "contrast_global" not in figures(jepa, images(jepa))


def test_pairs_of_one_song_are_not_told_apart() -> None:
    jepa = network(tiny())
    given = images(jepa)
    alone = figures(jepa, replace(given, same_song=torch.ones(5, 5, dtype=torch.bool)))
    assert alone["contrast"] == 0
    assert alone["contrast_global"] == 0


def test_the_learned_scale_is_bounded() -> None:
    jepa = network(tiny())
    given = images(jepa)
    with torch.no_grad():
        jepa.log_scale.fill_(np.log(MOST_SCALE))
        at_bound = figures(jepa, given)
        jepa.log_scale.fill_(50.0)
    assert figures(jepa, given)["contrast"] == pytest.approx(at_bound["contrast"], rel=1e-4)


def test_parts_are_for_the_log_alone() -> None:
    jepa = network(tiny())
    assert not any(part.requires_grad for part in losses_of(jepa, images(jepa)).parts.values())


def searched(jepa: Jepa, offsets: list[int], frames: int = 8) -> Images:
    """Contexts that are longer than the targets by some frames."""
    given = images(jepa)
    longer = torch.cat([given.contexts, given.contexts[:, :, :frames]], dim=2)
    return replace(given, contexts=longer, offsets=torch.tensor(offsets))


def test_the_distance_is_measured_where_the_target_lies() -> None:
    jepa = network(tiny())
    true, wrong = (figures(jepa, searched(jepa, [offset] * 5))["jepa"] for offset in (3, 5))
    given = searched(jepa, [3] * 5)
    with torch.no_grad():
        latents = jepa.predict(jepa.embed_context(given.contexts), given.types).latents
        expected = jepa_loss(
            latents[:, 3 : 3 + jepa.config.moments], jepa.embed_target(given.targets).latents
        )
    assert true == pytest.approx(float(expected), rel=1e-5)
    assert true != pytest.approx(wrong, rel=1e-5)


def test_wrong_offsets_of_the_right_mix_make_the_question_harder() -> None:
    with_own, without = network(tiny()), network(tiny(), own_offsets=False)
    given = searched(with_own, [0] * 5, frames=12)
    assert figures(with_own, given)["contrast"] > figures(without, given)["contrast"]
    assert figures(with_own, given)["contrast_global"] == figures(without, given)["contrast_global"]


def test_contrasts_are_of_single_precision_where_all_else_is_not(jepa: Jepa) -> None:
    given = images(jepa)
    prediction = jepa.predict(jepa.embed_context(given.contexts), given.types)
    stems = jepa.online(given.targets)
    exact = contrasts(jepa, prediction, stems, given)
    with torch.autocast("cpu", torch.bfloat16):
        assert contrasts(jepa, prediction, stems, given) == exact
