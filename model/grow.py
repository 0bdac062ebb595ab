"""A larger network that begins with what a smaller one has learned.

Function-preserving widening and deepening (Chen, Goodfellow, Shlens: "Net2Net: accelerating learning via
knowledge transfer", ICLR 2016). Every feature of a latent is there twice; whoever reads the two weighs them
differently, so that they go different ways, by amounts that cancel for as long as the two are equal.
"""

import zlib
from dataclasses import replace

import torch
from torch import Tensor, nn

from model.config import Config
from model.jepa import Jepa

NEW_ROWS = 0.5  # size of a new number of the vectors against one that is there already
APART = 1.0  # size of the differences between twins' readers against the readers themselves

Layer = nn.Linear | nn.Conv1d


class CannotGrowError(ValueError):
    """A config that is no larger version of a network's."""


def grow(small: Jepa, config: Config) -> Jepa:
    """A network of `config` that answers as `small` does, but for what is added to its vectors.

    Latents may have twice the width, predictors twice the hidden width, encoders more blocks, heads more
    numbers.

    Raises:
        CannotGrowError: `config` differs from the network's in anything else.
    """
    _check(small.config, config)
    big = Jepa(config)
    mine, theirs = dict(big.named_modules()), dict(small.named_modules())
    for name, module in mine.items():
        if name not in theirs:
            _pass_through(module)
        elif isinstance(module, nn.Linear | nn.Conv1d):
            _widen(module, theirs[name], name)
        else:
            _repeat(module, theirs[name])
    return big


def _check(small: Config, big: Config) -> None:
    grown = replace(
        small,
        encoder=replace(small.encoder, width=big.encoder.width, depth=big.encoder.depth),
        predictor=replace(small.predictor, hidden=big.predictor.hidden),
        head=replace(small.head, token_width=big.head.token_width, global_width=big.head.global_width),
        name=big.name,
        loss=big.loss,
        train=big.train,
    )
    holds = (
        grown == big
        and small.encoder.kind == "conv"
        and big.encoder.width in {small.encoder.width, 2 * small.encoder.width}
        and big.predictor.hidden in {small.predictor.hidden, 2 * small.predictor.hidden}
        and big.encoder.depth >= small.encoder.depth
        and big.head.token_width >= small.head.token_width
        and big.head.global_width >= small.head.global_width
    )
    if not holds:
        raise CannotGrowError(
            f"{small.name} cannot grow into {big.name}: only encoder.width and predictor.hidden (twice as "
            "much), encoder.depth, head.token_width and head.global_width of a conv encoder may be larger."
        )


def _pass_through(module: nn.Module) -> None:
    """A new block adds nothing to what goes through it."""
    if isinstance(module, nn.Linear):
        nn.init.zeros_(module.weight)
        nn.init.zeros_(module.bias)


@torch.no_grad()
def _widen(layer: Layer, source: Layer, name: str) -> None:
    weight = source.weight.detach()
    outputs, inputs = layer.weight.shape[:2]
    # The same for the online network and the one that follows it: what is averaged must correspond.
    seed = zlib.crc32(name.removeprefix("online.").removeprefix("target.").encode())
    generator = torch.Generator().manual_seed(seed)
    rows = _rows(weight, outputs, generator)
    layer.weight.copy_(_columns(rows, inputs - weight.shape[1], generator))
    if layer.bias is not None and source.bias is not None:
        layer.bias.copy_(_rows(source.bias.detach(), outputs, generator))


def _rows(weight: Tensor, outputs: int, generator: torch.Generator) -> Tensor:
    """Outputs twice, or as they are with new random ones after them."""
    if outputs == 2 * len(weight):
        return torch.cat([weight, weight])
    new = torch.randn((outputs - len(weight), *weight.shape[1:]), generator=generator)
    return torch.cat([weight, NEW_ROWS * weight.std() * new])


def _columns(weight: Tensor, twins: int, generator: torch.Generator) -> Tensor:
    """The first `twins` inputs are there twice: each of the two is read by a half, more or less."""
    if not twins:
        return weight
    once, rest = weight[:, :twins], weight[:, twins:]
    apart = APART * once.std() / 2 * torch.randn(once.shape, generator=generator)
    return torch.cat([once / 2 + apart, once / 2 - apart, rest], dim=1)


@torch.no_grad()
def _repeat(module: nn.Module, source: nn.Module) -> None:
    """Norms, embeddings, folds and means: the same, or twice where there are twice as many features."""
    theirs = {**dict(source.named_parameters(recurse=False)), **dict(source.named_buffers(recurse=False))}
    mine = {**dict(module.named_parameters(recurse=False)), **dict(module.named_buffers(recurse=False))}
    for name, values in mine.items():
        found = theirs[name]
        if values.shape == found.shape:
            values.copy_(found)
        elif isinstance(module, nn.LayerNorm):
            values.copy_(torch.cat([found, found]))
        else:  # the mean of the averaged part, which new numbers do not have yet
            values.zero_()
            values[: len(found)] = found
