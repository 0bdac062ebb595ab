"""Memory that a process keeps."""

import platform
import resource
import subprocess
import sys

import pytest

from model.freed_memory import keep_freed_memory

CHURN = """
import resource
import numpy as np
from model.freed_memory import keep_freed_memory
if {kept}:
    keep_freed_memory()
np.ones(16_000_000, np.float64)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(4):
    np.ones(16_000_000, np.float64)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""

GLIBC = platform.libc_ver()[0] == "glibc"


def pages_cleared(*, kept: bool) -> int:
    """Pages that the system hands over for four arrays of 128 MB, one after the other."""
    script = CHURN.format(kept=kept)
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)  # noqa: S603 - ours
    return int(done.stdout)


def test_it_says_whether_it_could() -> None:
    assert keep_freed_memory() == GLIBC


def test_what_was_freed_is_used_again() -> None:
    """With another C library there is nothing to be asked of it, and nothing changes."""
    pages = 128_000_000 // resource.getpagesize()
    kept = pages_cleared(kept=True)
    assert kept < pages / 10 if GLIBC else kept >= 0


@pytest.mark.parametrize("times", [1, 2])
def test_asking_again_does_no_harm(times: int) -> None:
    assert {keep_freed_memory() for _ in range(times)} == {GLIBC}
