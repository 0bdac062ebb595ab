"""Networks for tests, made up."""

from dataclasses import replace

import torch

from model.jepa import Jepa
from tests.model.configs import tiny


def network(seed: int, width: int = 32) -> Jepa:
    """As if trained: no two parameters are alike, and the moving average is not what it follows."""
    torch.manual_seed(seed)
    jepa = Jepa(replace(tiny(), encoder=replace(tiny().encoder, width=width))).eval()
    with torch.no_grad():
        for parameter in jepa.parameters():
            parameter.add_(0.02 * torch.randn_like(parameter))
        for name, buffer in jepa.named_buffers():
            if name.endswith("centre.mean"):
                buffer.normal_()
    return jepa
