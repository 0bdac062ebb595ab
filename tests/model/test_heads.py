"""From latents to vectors: what is kept, what is lost, and where windows begin."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from model.config import Config
from model.config_sections import HeadConfig
from model.heads import Centre, TimeAverage, TokensInOrder, build_head, in_single_precision
from tests.model.configs import small_vit, tiny

CONFIG = tiny()
WINDOW, WIDTH, GLOBAL = CONFIG.moments, CONFIG.encoder.width, CONFIG.head.global_width


def head(config: Config = CONFIG) -> TokensInOrder:
    torch.manual_seed(0)
    built = build_head(config)
    assert isinstance(built, TokensInOrder)
    return built.eval()


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
    other = latents()
    other[:, 24:32] += 3
    played = torch.ones(2, WINDOW)
    moved = head().token_part(other, played) - head().token_part(latents(), played)
    moved = moved[0].view(-1, CONFIG.head.token_width)
    as_the_average = moved[0].expand(len(moved), -1)
    apart = (moved - as_the_average).abs().max(dim=-1).values > 1e-4
    assert apart.nonzero().flatten().tolist() == [3]


@torch.no_grad()
def test_what_all_tokens_of_a_window_share_is_taken_out() -> None:
    tokens = head().token_part(latents(WINDOW + 2), torch.ones(2, WINDOW + 2))
    tokens = tokens.view(2, 3, -1, CONFIG.head.token_width)
    torch.testing.assert_close(tokens.mean(dim=2), torch.zeros(2, 3, 4), atol=1e-6, rtol=0)


@torch.no_grad()
def test_what_a_batch_shares_is_taken_out_of_the_average_while_training() -> None:
    averages = head().train().global_part(latents(), torch.ones(2, WINDOW))
    torch.testing.assert_close(averages.mean(dim=0), torch.zeros(1, GLOBAL), atol=1e-6, rtol=0)


@torch.no_grad()
def test_at_inference_a_window_does_not_depend_on_its_batch() -> None:
    network = head()
    together = network(latents())
    torch.testing.assert_close(together[:1], network(latents()[:1]), atol=1e-6, rtol=1e-5)


@torch.no_grad()
def test_the_mean_over_training_follows_that_of_its_batches() -> None:
    centre = Centre(3).train()
    for _ in range(200):
        centre(torch.tensor([[[1.0, 2.0, 3.0]], [[3.0, 2.0, 1.0]]]))
    torch.testing.assert_close(centre.mean, torch.tensor([2.0, 2.0, 2.0]), atol=1e-3, rtol=0)
    torch.testing.assert_close(
        centre.eval()(torch.full((1, 1, 3), 2.0)), torch.zeros(1, 1, 3), atol=1e-3, rtol=0
    )


def test_inference_leaves_the_mean_as_it_is() -> None:
    network = head()
    network(latents())
    assert isinstance(network.centre, Centre)
    assert not network.centre.mean.any()
    assert "centre.mean" in network.state_dict()


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


def marks(frames: int, first: int, last: int) -> Tensor:
    """1 from `first` to before `last`, of two mixes."""
    played = torch.zeros(2, frames)
    played[:, first:last] = 1
    return played


@pytest.mark.parametrize("config", [CONFIG, with_global(0)])
@torch.no_grad()
def test_where_all_is_played_nothing_is_left_out(config: Config) -> None:
    given = latents(WINDOW + 9)
    told = head(config)(given, marks(WINDOW + 9, 0, WINDOW + 9))
    torch.testing.assert_close(told, head(config)(given), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(("first", "last"), [(0, 100), (60, WINDOW), (30, 200)])
@torch.no_grad()
def test_what_is_not_played_changes_nothing(first: int, last: int) -> None:
    one, played = latents(), marks(WINDOW, first, last)
    other = torch.where(played[:, :, None] > 0, one, torch.full_like(one, 7.0))
    torch.testing.assert_close(head()(one, played), head()(other, played), atol=1e-5, rtol=1e-5)
    assert not torch.allclose(head()(one), head()(other), atol=1e-2)


@torch.no_grad()
def test_only_tokens_of_which_all_is_played_are_kept() -> None:
    token, width = CONFIG.head.token_frames, CONFIG.head.token_width
    tokens = head()(latents(), marks(WINDOW, 4, 5 * token))[0, 0, :-GLOBAL].view(-1, width)
    assert tokens.any(dim=1).nonzero().flatten().tolist() == [1, 2, 3, 4]
    torch.testing.assert_close(tokens.sum(dim=0), torch.zeros(width), atol=1e-5, rtol=0)


@torch.no_grad()
def test_the_average_is_over_what_is_played() -> None:
    built = head()
    assert built.to_global is not None
    given = latents()
    average = built.global_part(given, marks(WINDOW, 32, 96))[:, 0]
    expected = built.centre(built.to_global(given[:, 32:96]).mean(dim=1, keepdim=True))[:, 0]
    torch.testing.assert_close(average, expected, atol=1e-5, rtol=1e-4)


@torch.no_grad()
def test_a_window_of_which_too_little_is_played_has_no_tokens_but_an_average() -> None:
    vectors = head()(latents(), marks(WINDOW, 3, 6))[:, 0]
    assert not vectors[:, :-GLOBAL].any()
    assert bool(torch.isfinite(vectors).all())
    torch.testing.assert_close(vectors.norm(dim=-1), torch.full((2,), 0.5**0.5))


@torch.no_grad()
def test_a_time_average_leaves_out_what_is_not_played() -> None:
    config = replace(CONFIG, head=HeadConfig(kind="time_average"))
    average = build_head(config)
    given, played = latents(), marks(WINDOW, 40, 140)
    torch.testing.assert_close(average(given, played), average(given[:, 40:140]), atol=1e-5, rtol=1e-4)


class Linear(torch.nn.Module):
    """A head of one layer."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(8, 4)

    def forward(self, latents: torch.Tensor, _: torch.Tensor | None) -> torch.Tensor:
        answer: torch.Tensor = self.layer(latents)
        return answer


def test_heads_compute_in_single_precision_where_all_else_does_not() -> None:
    head, latents = Linear(), torch.randn(2, 3, 8)
    exact = in_single_precision(head, latents, None)
    with torch.autocast("cpu", torch.bfloat16):
        assert head(latents, None).dtype is torch.bfloat16
        assert torch.equal(in_single_precision(head, latents, None), exact)
        assert in_single_precision(head, latents.bfloat16(), None).dtype is torch.float32
