"""Schedules as pure functions of the step."""

import math


def cosine(step: int, total: int, start: float, end: float) -> float:
    """Half a cosine from `start` (step 0) to `end` (last step and beyond)."""
    progress = min(step / max(total - 1, 1), 1.0)
    return end + (start - end) * (1 + math.cos(math.pi * progress)) / 2


def warmup_cosine(step: int, total: int, warmup: int, peak: float) -> float:
    """Linear rise to `peak` over `warmup` steps, then half a cosine to zero."""
    if step < warmup:
        return peak * (step + 1) / warmup
    return cosine(step - warmup, total - warmup, peak, 0.0)


def linear(step: int, total: int, start: float, end: float) -> float:
    """Straight line from `start` (step 0) to `end` (last step and beyond)."""
    return start + (end - start) * min(step / max(total - 1, 1), 1.0)
