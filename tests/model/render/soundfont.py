"""A soundfont of one sine, written by hand: tests of the synth need no installed sounds."""

import struct
from pathlib import Path

import numpy as np

RATE = 32_000
CYCLE = 64
PITCH = 69
# Generators of the format: loop on, key at which the sample is at its pitch, instrument and sample links.
SAMPLE_MODES, ROOT_KEY, INSTRUMENT, SAMPLE = 54, 58, 41, 53


def write_soundfont(path: Path, presets: list[tuple[int, int]]) -> Path:
    """Write a soundfont whose every (bank, program) plays the same sine, 500 Hz at A4's key."""
    sine = np.sin(2 * np.pi * np.arange(100 * CYCLE) / CYCLE) * 12_000
    samples = np.concatenate([sine, np.zeros(46)]).astype("<i2").tobytes()
    info = (
        _chunk("ifil", struct.pack("<HH", 2, 1)) + _chunk("isng", b"EMU8000\0") + _chunk("INAM", b"sine\0\0")
    )
    body = _list("INFO", info) + _list("sdta", _chunk("smpl", samples)) + _list("pdta", _presets(presets))
    path.write_bytes(_chunk("RIFF", b"sfbk" + body))
    return path


def _presets(presets: list[tuple[int, int]]) -> bytes:
    headers = b"".join(_preset(bank, program, bag) for bag, (bank, program) in enumerate(sorted(presets)))
    headers += _preset(0, 0, len(presets))
    bags = b"".join(struct.pack("<HH", number, 0) for number in range(len(presets) + 1))
    instrument = _name("sine") + struct.pack("<H", 0) + _name("EOI") + struct.pack("<H", 1)
    generators = ((SAMPLE_MODES, 1), (ROOT_KEY, PITCH), (SAMPLE, 0), (0, 0))
    end = 100 * CYCLE
    sample = _name("sine") + struct.pack("<IIIIIBbHH", 0, end, CYCLE, end - CYCLE, RATE, PITCH, 0, 0, 1)
    return b"".join(
        (
            _chunk("phdr", headers),
            _chunk("pbag", bags),
            _chunk("pmod", bytes(10)),
            _chunk("pgen", struct.pack("<HH", INSTRUMENT, 0) * len(presets) + bytes(4)),
            _chunk("inst", instrument),
            _chunk("ibag", struct.pack("<HHHH", 0, 0, len(generators) - 1, 0)),
            _chunk("imod", bytes(10)),
            _chunk("igen", b"".join(struct.pack("<HH", *generator) for generator in generators)),
            _chunk("shdr", sample + bytes(46)),
        )
    )


def _preset(bank: int, program: int, bag: int) -> bytes:
    return _name(f"sine {bank} {program}") + struct.pack("<HHHIII", program, bank, bag, 0, 0, 0)


def _name(name: str) -> bytes:
    return name.encode().ljust(20, b"\0")


def _list(kind: str, body: bytes) -> bytes:
    return _chunk("LIST", kind.encode() + body)


def _chunk(kind: str, body: bytes) -> bytes:
    return kind.encode() + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)
