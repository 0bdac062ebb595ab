"""What a process that decodes is held by: bounds of the kernel's, and an environment without secrets.

A file that takes such a process over finds no settings in it, and can write into no file.
"""

import math
import os
import resource
from collections.abc import Mapping, Sequence
from typing import Final

_KEPT: Final = ("PATH", "LANG", "TMPDIR", "LD_LIBRARY_PATH")
_THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def limit_process(memory_bytes: int, *, may_write: bool = False) -> None:
    """Let the kernel refuse this process more memory, any core dump and, unless it `may_write`, any file."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if not may_write:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def limit_processor_time(seconds: int) -> None:
    """Let the kernel end this process when it has used `seconds` more of a processor."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = math.ceil(used.ru_utime + used.ru_stime) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def bare_environment(folders: Sequence[str], environment: Mapping[str, str]) -> dict[str, str]:
    """What a process needs to find the same packages, with one core for itself; no settings, no secrets."""
    found = os.pathsep.join(folder or os.getcwd() for folder in folders)  # noqa: PTH109 - a text is wanted
    kept = {name: environment[name] for name in _KEPT if name in environment}
    one = dict.fromkeys(_THREADS, "1")
    return {**kept, **one, "PYTHONPATH": found, "PYTHONDONTWRITEBYTECODE": "1"}
