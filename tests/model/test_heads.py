"""From latents to vectors: what is kept, what is lost, and where windows begin."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from model.config import Config, HeadConfig
from model.heads import TimeAverage, TokensInOrder, build_head
from tests.model.configs import small_vit, tiny

CONFIG = tiny()
WINDOW, WIDTH, GLOBAL = CONFIG.moments, CONFIG.encoder.width, CONFIG.head.global_width


def head(config: Config = CONFIG) -> TokensInOrder:
    torch.manual_seed(0)
    built = build_head(config)
    assert isinstance(built, TokensInOrder)
    return built


def latents(frames: int = WINDOW) -> Tensor:
    return torch.randn(2, frames, WIDTH, generator=torch.Generator().manual_seed(1))


def with_global(width: int) -> Config:
    return replace(CONFIG, head=HeadConfig(token_width=4, global_width=width))


@pytest.mark.parametrize("extra", [0, 1, 44])
def test_a_longer_mix_asks_at_every_frame_where_a_window_begins(extra: int) -> None:
    assert head()(latents(WINDOW + extra)).shape == (2, 1 + extra, CONFIG.dimension)


@pytest.mark.parametrize("start", [0, 1, 8, 30])
@torch.no_grad()
def test_query_k_is_the_query_of_the_window_at_k(start: int) -> None:
    long = latents(WINDOW + 30)
    of_window = head()(long[:, start : start + WINDOW])[:, 0]
    torch.testing.assert_close(head()(long)[:, start], of_window, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("config", [CONFIG, with_global(0), with_global(5)])
@torch.no_grad()
def test_vectors_have_length_one_and_the_dimension_of_the_config(config: Config) -> None:
    vectors = head(config)(latents(WINDOW + 3))
    assert vectors.shape[-1] == config.dimension
    torch.testing.assert_close(vectors.norm(dim=-1), torch.ones(2, 4))


@torch.no_grad()
def test_tokens_and_average_weigh_the_same() -> None:
    vectors = head()(latents())[:, 0]
    for part in (vectors[:, :-GLOBAL], vectors[:, -GLOBAL:]):
        torch.testing.assert_close(part.norm(dim=-1), torch.full((2,), 0.5**0.5))


@torch.no_grad()
def test_the_order_of_time_changes_the_tokens_and_not_the_average() -> None:
    network, order = head(), torch.randperm(WINDOW, generator=torch.Generator().manual_seed(2))
    before, after = network(latents())[:, 0], network(latents()[:, order])[:, 0]
    torch.testing.assert_close(after[:, -GLOBAL:], before[:, -GLOBAL:], atol=1e-5, rtol=1e-4)
    assert float((after[:, :-GLOBAL] * before[:, :-GLOBAL]).sum(dim=-1).max()) < 0.4


@torch.no_grad()
def test_each_token_hears_its_own_quarter_of_a_second() -> None:
    other, width = latents(), CONFIG.head.token_width
    other[:, 24:32] += 3
    changed = (head().token_part(other) != head().token_part(latents()))[:, 0].view(2, -1, width).any(dim=-1)
    assert changed.nonzero()[:, 1].unique().tolist() == [3]


def test_the_papers_head_is_the_average_over_time_of_each_band() -> None:
    config = small_vit()
    patches = torch.randn(2, 25, 32, generator=torch.Generator().manual_seed(3))
    average = patches.view(2, 5, 5, 32).mean(dim=1).flatten(1)
    centred = average - average.mean(dim=-1, keepdim=True)
    expected = centred / centred.norm(dim=-1, keepdim=True)
    torch.testing.assert_close(build_head(config)(patches)[:, 0], expected, atol=1e-4, rtol=1e-3)


def test_the_papers_head_gives_one_vector_of_length_one() -> None:
    vectors = TimeAverage(bands=5)(torch.randn(3, 25, 32, generator=torch.Generator().manual_seed(4)))
    assert vectors.shape == (3, 1, 160)
    torch.testing.assert_close(vectors.norm(dim=-1), torch.ones(3, 1))


def test_the_papers_head_has_nothing_to_learn() -> None:
    assert not list(TimeAverage(bands=5).parameters())
