"""Play the instruments of a tracker module each alone, by the libopenmpt library: all others are muted."""

import ctypes
import ctypes.util
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from ctypes import c_char_p, c_double, c_int, c_int32, c_size_t, c_uint8, c_void_p
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FindLibrary = Callable[[str], str | None]
Mono = NDArray[np.float32]

# What a cell of a pattern is asked for, and the notes that are pitches: the rest are cuts and fades.
_NOTE, _INSTRUMENT = 0, 1
_LOWEST_NOTE, _HIGHEST_NOTE = 1, 120
# libopenmpt counts its notes from 1: its middle C is 61, MIDI's is 60.
_NOTE_ABOVE_MIDI = 1
_INTERACTIVE = b"interactive"
_MUTE = ctypes.CFUNCTYPE(c_int, c_void_p, c_int32, c_int)
# Functions of the extension that stand before the one that mutes, by libopenmpt_ext.h: none is called here.
_BEFORE_MUTE, _AFTER_MUTE = 12, 3

_SIGNATURES = {
    "openmpt_module_ext_create_from_memory": (c_void_p, [c_char_p, c_size_t, *[c_void_p] * 7]),
    "openmpt_module_ext_destroy": (None, [c_void_p]),
    "openmpt_module_ext_get_module": (c_void_p, [c_void_p]),
    "openmpt_module_ext_get_interface": (c_int, [c_void_p, c_char_p, c_void_p, c_size_t]),
    "openmpt_free_string": (None, [c_void_p]),
    "openmpt_module_get_duration_seconds": (c_double, [c_void_p]),
    "openmpt_module_get_num_instruments": (c_int32, [c_void_p]),
    "openmpt_module_get_num_samples": (c_int32, [c_void_p]),
    "openmpt_module_get_num_channels": (c_int32, [c_void_p]),
    "openmpt_module_get_num_orders": (c_int32, [c_void_p]),
    "openmpt_module_get_num_patterns": (c_int32, [c_void_p]),
    "openmpt_module_get_order_pattern": (c_int32, [c_void_p, c_int32]),
    "openmpt_module_get_pattern_num_rows": (c_int32, [c_void_p, c_int32]),
    "openmpt_module_get_instrument_name": (c_void_p, [c_void_p, c_int32]),
    "openmpt_module_get_sample_name": (c_void_p, [c_void_p, c_int32]),
    "openmpt_module_get_pattern_row_channel_command": (c_uint8, [c_void_p, *[c_int32] * 3, c_int]),
    "openmpt_module_set_position_seconds": (c_double, [c_void_p, c_double]),
    "openmpt_module_read_float_mono": (c_size_t, [c_void_p, c_int32, c_size_t, c_void_p]),
}


class OpenMptNotFoundError(RuntimeError):
    """The libopenmpt library is not installed."""


class BrokenModuleError(ValueError):
    """A file that libopenmpt cannot load as a module."""


class _Interactive(ctypes.Structure):
    _fields_ = (
        ("before", c_void_p * _BEFORE_MUTE),
        ("set_instrument_mute_status", _MUTE),
        ("after", c_void_p * _AFTER_MUTE),
    )


@dataclass(frozen=True)
class Instrument:
    """An instrument of a module; in modules without instruments a sample."""

    number: int  # from 1, as trackers count
    name: str  # free text, often none or a greeting
    pitches: tuple[int, ...] = ()  # MIDI number of each note in the patterns that are played


class Module:
    """A tracker module: its instruments, and the sound of each."""

    def __init__(self, path: Path, library: ctypes.CDLL | None = None) -> None:
        """Read the file at `path`.

        Raises:
            OpenMptNotFoundError: libopenmpt is not installed.
            BrokenModuleError: the file is no module, or is damaged.
            OSError: the file is not there or may not be read.
        """
        self._lib = library or load_library()
        self._name, self._content = path.name, path.read_bytes()
        with self._load() as loaded:
            module = self._lib.openmpt_module_ext_get_module(loaded)
            self.seconds = float(self._lib.openmpt_module_get_duration_seconds(module))
            self.instruments = _read_instruments(self._lib, module)

    def play(self, numbers: Collection[int], start: float, seconds: float, sample_rate: int) -> Mono:
        """The instruments of these numbers without the others, [seconds * sample_rate] in mono.

        They begin `start` seconds into the module, at its nearest row; after its end is silence.
        """
        sound = np.zeros(round(seconds * sample_rate), np.float32)
        # Loaded anew: what was played before leaves traces in some modules, and stems must fit each other.
        with self._load() as loaded:
            self._mute(loaded, [one.number for one in self.instruments if one.number not in numbers])
            module = self._lib.openmpt_module_ext_get_module(loaded)
            self._lib.openmpt_module_set_position_seconds(module, start)
            place = c_void_p(sound.ctypes.data)
            self._lib.openmpt_module_read_float_mono(module, sample_rate, len(sound), place)
        return sound

    def _mute(self, loaded: c_void_p, numbers: Collection[int]) -> None:
        interactive = _Interactive()
        place, size = ctypes.byref(interactive), ctypes.sizeof(interactive)
        self._lib.openmpt_module_ext_get_interface(loaded, _INTERACTIVE, place, size)
        for number in numbers:
            interactive.set_instrument_mute_status(loaded, number - 1, 1)

    @contextmanager
    def _load(self) -> Iterator[c_void_p]:
        # Without a logger of its own libopenmpt writes a line for every oddity of a file.
        silent = ctypes.cast(self._lib.openmpt_log_func_silent, c_void_p)
        loaded = self._lib.openmpt_module_ext_create_from_memory(
            self._content, len(self._content), silent, None, None, None, None, None, None
        )
        if not loaded:
            raise BrokenModuleError(f"{self._name} is no module, or is damaged. Leave it out.")
        try:
            yield c_void_p(loaded)
        finally:
            self._lib.openmpt_module_ext_destroy(loaded)


def load_library(find: FindLibrary = ctypes.util.find_library) -> ctypes.CDLL:
    """The library, with the types of its functions.

    Raises:
        OpenMptNotFoundError: it is not installed.
    """
    name = find("openmpt")
    if name is None:
        raise OpenMptNotFoundError(
            "libopenmpt is not installed, so no module can be taken apart. On Debian: apt install libopenmpt0"
        )
    library = ctypes.CDLL(name)
    for function, (result, arguments) in _SIGNATURES.items():
        getattr(library, function).restype = result
        getattr(library, function).argtypes = arguments
    return library


def _read_instruments(library: ctypes.CDLL, module: int) -> tuple[Instrument, ...]:
    kind = "instrument" if library.openmpt_module_get_num_instruments(module) else "sample"
    count = getattr(library, f"openmpt_module_get_num_{kind}s")(module)
    read_name = getattr(library, f"openmpt_module_get_{kind}_name")
    pitches: dict[int, list[int]] = {number: [] for number in range(1, count + 1)}
    for number, pitch in _read_notes(library, module):
        if number in pitches:
            pitches[number].append(pitch)
    return tuple(
        Instrument(number, _take_string(library, read_name(module, number - 1)), tuple(played))
        for number, played in pitches.items()
    )


def _read_notes(library: ctypes.CDLL, module: int) -> Iterator[tuple[int, int]]:
    """Instrument and MIDI pitch of every note; one without an instrument is its channel's last one's."""
    read = library.openmpt_module_get_pattern_row_channel_command
    channels = range(library.openmpt_module_get_num_channels(module))
    last = dict.fromkeys(channels, 0)
    for pattern in _patterns_played(library, module):
        for row in range(library.openmpt_module_get_pattern_num_rows(module, pattern)):
            for channel in channels:
                last[channel] = read(module, pattern, row, channel, _INSTRUMENT) or last[channel]
                note = read(module, pattern, row, channel, _NOTE)
                if _LOWEST_NOTE <= note <= _HIGHEST_NOTE:
                    yield last[channel], note - _NOTE_ABOVE_MIDI


def _patterns_played(library: ctypes.CDLL, module: int) -> list[int]:
    """Each pattern once, as they are first played; among the orders are marks that stand for none."""
    orders = range(library.openmpt_module_get_num_orders(module))
    patterns = [library.openmpt_module_get_order_pattern(module, order) for order in orders]
    count = library.openmpt_module_get_num_patterns(module)
    return list(dict.fromkeys(pattern for pattern in patterns if 0 <= pattern < count))


def _take_string(library: ctypes.CDLL, place: int | None) -> str:
    text = ctypes.string_at(place).decode(errors="replace") if place else ""
    library.openmpt_free_string(place)
    return text.strip()
