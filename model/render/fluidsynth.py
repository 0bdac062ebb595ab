"""Play parts with soundfonts, by the FluidSynth library: loaded once, they play thousands of stems."""

import ctypes
import ctypes.util
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.render.midi import BEND, DRUM_CHANNEL, Part

DRUM_BANK = 128
REVERB_SEND, CHORUS_SEND = 91, 93
# The sine of the loudest voices summed stays far from FluidSynth's own limits; stems are normalised later.
GAIN = 0.3
CHANNELS = 64
# Samples that FluidSynth computes at once; ringing is listened to in blocks of whole buffers.
BUFFER, RINGING_BLOCK, LONGEST_RINGING_BLOCKS = 64, 6_400, 200
SILENCE = 1e-6

Stereo = NDArray[np.float32]


class FluidSynthNotFoundError(RuntimeError):
    """The FluidSynth library is not installed."""


class BrokenSoundfontError(ValueError):
    """A file that FluidSynth cannot load as a soundfont."""


@dataclass(frozen=True)
class Preset:
    """An instrument of a soundfont; `soundfont` is its place in the synth's list."""

    soundfont: int
    bank: int
    program: int


@dataclass(frozen=True)
class Voice:
    """A part and the instrument that plays it; sends are 0..127."""

    part: Part
    preset: Preset
    reverb: int = 40
    chorus: int = 0

    def with_part(self, part: Part) -> "Voice":
        """The same instrument playing another part."""
        return replace(self, part=part)


@dataclass(frozen=True)
class Room:
    """The reverberation that the voices of one stem share, each number 0..1."""

    size: float = 0.4
    damping: float = 0.3
    width: float = 0.5
    level: float = 0.5


# Kinds of events in the order in which simultaneous ones are sent: a note sees its controls, ends come first.
_OFF, _CONTROL, _BEND, _ON = range(4)
_Event = tuple[float, int, int, int, int]


class Synth:
    """FluidSynth with its soundfonts loaded. One at a time plays; open it once a process."""

    def __init__(self, soundfonts: Sequence[Path], sample_rate: int = 32_000) -> None:
        self.soundfonts = tuple(soundfonts)
        self.sample_rate = sample_rate
        self._lib = _load_library()
        self._settings = self._new_settings()
        self._synth = ctypes.c_void_p(self._lib.new_fluid_synth(self._settings))
        self._written = 0
        self._ids = [self._load_soundfont(path) for path in self.soundfonts]

    def close(self) -> None:
        self._lib.delete_fluid_synth(self._synth)
        self._lib.delete_fluid_settings(self._settings)

    def has_preset(self, preset: Preset) -> bool:
        font = ctypes.c_void_p(
            self._lib.fluid_synth_get_sfont_by_id(self._synth, self._ids[preset.soundfont])
        )
        return bool(self._lib.fluid_sfont_get_preset(font, preset.bank, preset.program))

    def play(self, voices: Sequence[Voice], seconds: float, room: Room | None = None) -> Stereo:
        """Sound of the voices together, [2, seconds * sample_rate].

        The same voices sound the same again, but for the chorus, which wavers in a time of its own.
        """
        self._silence()
        self._set_room(room or Room())
        events: list[_Event] = []
        for channel, voice in zip(_channels(voices), voices, strict=True):
            self._set_voice(channel, voice)
            events.extend(_events(channel, voice.part))
        return self._write(sorted(events), round(seconds * self.sample_rate))

    def _silence(self) -> None:
        """Let what rings out of the last stem die away unheard: a reset leaves releases and reverb."""
        self._lib.fluid_synth_system_reset(self._synth)
        self._lib.fluid_synth_all_sounds_off(self._synth, -1)
        self._set_room(Room(size=0.0, damping=1.0, level=0.0))
        # Notes start with FluidSynth's buffers: a stem must begin with one to sound the same again.
        self._write([], -self._written % BUFFER)
        for _ in range(LONGEST_RINGING_BLOCKS):
            if float(np.abs(self._write([], RINGING_BLOCK)).max()) < SILENCE:
                return

    def _write(self, events: list[_Event], samples: int) -> Stereo:
        sound = np.zeros((2, samples), np.float32)
        done = 0
        for event in events:
            moment = min(round(event[0] * self.sample_rate), samples)
            self._write_samples(sound, done, moment)
            done = max(done, moment)
            self._send(event)
        self._write_samples(sound, done, samples)
        self._written += samples
        return sound

    def _write_samples(self, sound: Stereo, start: int, end: int) -> None:
        if end <= start:
            return
        left, right = (ctypes.c_void_p(row.ctypes.data) for row in sound)
        self._lib.fluid_synth_write_float(self._synth, end - start, left, start, 1, right, start, 1)

    def _send(self, event: _Event) -> None:
        _, kind, channel, number, value = event
        match kind:
            case _ if kind == _ON:
                self._lib.fluid_synth_noteon(self._synth, channel, number, value)
            case _ if kind == _OFF:
                self._lib.fluid_synth_noteoff(self._synth, channel, number)
            case _ if kind == _BEND:
                self._lib.fluid_synth_pitch_bend(self._synth, channel, value)
            case _:
                self._lib.fluid_synth_cc(self._synth, channel, number, value)

    def _set_voice(self, channel: int, voice: Voice) -> None:
        preset = voice.preset
        font = self._ids[preset.soundfont]
        done = self._lib.fluid_synth_program_select(self._synth, channel, font, preset.bank, preset.program)
        if done != 0:
            name = self.soundfonts[preset.soundfont].name
            raise BrokenSoundfontError(
                f"{name} has no bank {preset.bank} program {preset.program}. Choose another."
            )
        self._lib.fluid_synth_cc(self._synth, channel, REVERB_SEND, voice.reverb)
        self._lib.fluid_synth_cc(self._synth, channel, CHORUS_SEND, voice.chorus)

    def _set_room(self, room: Room) -> None:
        values = (ctypes.c_double(v) for v in (room.size, room.damping, room.width, room.level))
        self._lib.fluid_synth_set_reverb(self._synth, *values)

    def _new_settings(self) -> ctypes.c_void_p:
        settings = ctypes.c_void_p(self._lib.new_fluid_settings())
        rate = ctypes.c_double(self.sample_rate)
        self._lib.fluid_settings_setnum(settings, b"synth.sample-rate", rate)
        self._lib.fluid_settings_setnum(settings, b"synth.gain", ctypes.c_double(GAIN))
        for name, value in ((b"synth.midi-channels", CHANNELS), (b"synth.polyphony", 128)):
            self._lib.fluid_settings_setint(settings, name, value)
        return settings

    def _load_soundfont(self, path: Path) -> int:
        number = int(self._lib.fluid_synth_sfload(self._synth, str(path).encode(), 0))
        if number < 0:
            raise BrokenSoundfontError(
                f"{path} is not a soundfont that can be loaded. Give a .sf2 or .sf3 file."
            )
        return number


def _channels(voices: Sequence[Voice]) -> list[int]:
    """A channel of its own for each voice, so that no two instruments meet; drums where drums are."""
    drums = itertools.count(DRUM_CHANNEL, 16)
    melodic = (channel for channel in itertools.count() if channel % 16 != DRUM_CHANNEL)
    return [next(drums) if voice.part.is_drums else next(melodic) for voice in voices]


def _events(channel: int, part: Part) -> list[_Event]:
    events: list[_Event] = []
    for start, end, pitch, velocity in part.notes.tolist():
        events.append((start, _ON, channel, int(pitch), int(velocity)))
        events.append((end, _OFF, channel, int(pitch), 0))
    for control in part.controls:
        kind = _BEND if control.number == BEND else _CONTROL
        events.append((control.seconds, kind, channel, control.number, control.value))
    return events


def _load_library() -> ctypes.CDLL:
    name = ctypes.util.find_library("fluidsynth")
    if name is None:
        raise FluidSynthNotFoundError(
            "FluidSynth is not installed, so MIDI cannot be rendered. Run: apt install libfluidsynth3"
        )
    library = ctypes.CDLL(name)
    for pointer in (
        "new_fluid_settings",
        "new_fluid_synth",
        "fluid_synth_get_sfont_by_id",
        "fluid_sfont_get_preset",
    ):
        getattr(library, pointer).restype = ctypes.c_void_p
    # Without a logger of its own FluidSynth writes a line for every odd sample of a soundfont.
    for level in range(1, 5):
        library.fluid_set_log_function(level, None, None)
    return library
