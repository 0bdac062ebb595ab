"""Memory that a process keeps; each test in a process of its own, for it cannot be undone."""

import os
import platform
import subprocess
import sys

GLIBC = platform.libc_ver()[0] == "glibc"
CHURN = """
import resource, sys
import numpy as np
from model.freed_memory import keep_freed_memory
could = keep_freed_memory() if sys.argv[1] == "keep" else None
np.ones(16_000_000, np.float64)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(4):
    np.ones(16_000_000, np.float64)
print(could, resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def churn(what: str) -> tuple[str, int]:
    """Whether memory could be kept, and the pages that the system hands over for four arrays of 128 MB."""
    done = subprocess.run(  # noqa: S603 - ours
        [sys.executable, "-c", CHURN, what],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "NUMPY_MADVISE_HUGEPAGE": "0"},
    )
    could, pages = done.stdout.split()
    return could, int(pages)


def test_what_was_freed_is_used_again() -> None:
    usual, kept = churn("leave")[1], churn("keep")[1]
    assert usual > 100_000
    assert kept < (usual / 10 if GLIBC else 2 * usual)


def test_it_says_whether_it_could() -> None:
    assert churn("keep")[0] == str(GLIBC)
