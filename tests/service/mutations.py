"""Real audio files, spoilt: cut off, with bits turned over, with other numbers in their headers."""

import struct
from collections.abc import Iterator, Sequence

import numpy as np

HEAD_BYTES = 256
HOSTILE = (0, 1, 0x7F, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 0x80000000)


def mutate(contents: Sequence[bytes], count: int, seed: int = 0) -> Iterator[bytes]:
    """`count` spoilt files, the same for the same `seed`."""
    generator = np.random.default_rng(seed)
    ways = (cut_off, flip_bits, patch_header, swap_pieces)
    for number in range(count):
        content = contents[int(generator.integers(len(contents)))]
        yield ways[number % len(ways)](content, generator)


def cut_off(content: bytes, generator: np.random.Generator) -> bytes:
    """Only the beginning."""
    return content[: int(generator.integers(len(content)))]


def flip_bits(content: bytes, generator: np.random.Generator) -> bytes:
    """One to a thousand bits turned over, anywhere."""
    spoilt = np.frombuffer(content, np.uint8).copy()
    places = generator.integers(len(spoilt), size=int(10 ** generator.uniform(0, 3)))
    spoilt[places] ^= (1 << generator.integers(8, size=len(places))).astype(np.uint8)
    return spoilt.tobytes()


def patch_header(content: bytes, generator: np.random.Generator) -> bytes:
    """A number at the beginning replaced by one that hurts."""
    value = HOSTILE[int(generator.integers(len(HOSTILE)))]
    place = int(generator.integers(4, min(HEAD_BYTES, len(content) - 4)))
    order = "<>"[int(generator.integers(2))]
    return content[:place] + struct.pack(f"{order}I", value) + content[place + 4 :]


def swap_pieces(content: bytes, generator: np.random.Generator) -> bytes:
    """The middle moved to the end."""
    first, second = sorted(int(place) for place in generator.integers(len(content), size=2))
    return content[:first] + content[second:] + content[first:second]
