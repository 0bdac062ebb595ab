"""Whether a device computes in bfloat16, or only pretends to."""

import torch


def computes_halves(device: torch.device) -> bool:
    """Whether `device` multiplies bfloat16 numbers as such.

    PyTorch lets every processor do so, one that converts them to and fro too: there a step of training took
    15 times as long as in single precision (Zen 3).
    """
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return bool(torch.cpu._is_avx512_bf16_supported())  # noqa: SLF001 - PyTorch has no public way to ask
