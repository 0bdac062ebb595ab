"""Let instruments drop in and out of a composed song by sections, as arrangers do: intros, builds, breaks."""

from dataclasses import dataclass

import mido
import numpy as np

THIN_INTRO_SHARE, THIN_SECTION_SHARE, BREAK_SHARE = 0.5, 0.3, 0.15
FEWEST_PLAYING = 2
LONGEST_ABSENCE = 0.5  # of the song, for any one channel


@dataclass(frozen=True)
class Rest:
    """Channels that do not play from one beat to another."""

    start: float
    end: float
    channels: frozenset[int]


def plan_rests(
    channels: list[int], blocks: int, block_beats: float, *, bar_beats: float, generator: np.random.Generator
) -> list[Rest]:
    """Rests for a song of `blocks` sections; somebody always plays, nobody is away for most of a song."""
    rests: list[Rest] = []
    absent = dict.fromkeys(channels, 0)
    for block in range(blocks):
        start, end = block * block_beats, (block + 1) * block_beats
        thin = generator.random() < (THIN_SECTION_SHARE if block else THIN_INTRO_SHARE)
        silenced = _choose_silenced(channels, absent, blocks, generator) if thin else frozenset[int]()
        if silenced:
            rests.append(Rest(start, end, silenced))
            for channel in silenced:
                absent[channel] += 1
        if generator.random() < BREAK_SHARE and len(channels) > FEWEST_PLAYING:
            left = generator.choice(channels, size=int(generator.integers(1, 3)), replace=False).tolist()
            rests.append(Rest(end - bar_beats, end, frozenset(channels) - frozenset(left)))
    return rests


def silence(midi: mido.MidiFile, rests: list[Rest]) -> None:
    """Take the notes that begin in a rest out of the file, in place."""
    for track in midi.tracks:
        _silence_track(track, rests, midi.ticks_per_beat)


def _choose_silenced(
    channels: list[int], absent: dict[int, int], blocks: int, generator: np.random.Generator
) -> frozenset[int]:
    free = [channel for channel in channels if absent[channel] + 1 <= LONGEST_ABSENCE * blocks]
    most = min(len(free), len(channels) - FEWEST_PLAYING, 3)
    if most < 1:
        return frozenset()
    count = int(generator.integers(1, most + 1))
    return frozenset(int(channel) for channel in generator.choice(free, size=count, replace=False))


def _silence_track(track: mido.MidiTrack, rests: list[Rest], ticks_per_beat: int) -> None:
    kept: list[mido.Message] = []
    dropped: set[tuple[int, int]] = set()
    now = waited = 0
    for message in track:
        now += message.time
        waited += message.time
        is_note = message.type in {"note_on", "note_off"}
        if is_note and _is_dropped(message, now / ticks_per_beat, rests, dropped):
            continue
        kept.append(message.copy(time=waited))
        waited = 0
    track[:] = kept


def _is_dropped(message: mido.Message, beat: float, rests: list[Rest], dropped: set[tuple[int, int]]) -> bool:
    key = (message.channel, message.note)
    starts = message.type == "note_on" and message.velocity > 0
    if not starts:
        ended = key in dropped
        dropped.discard(key)
        return ended
    resting = any(rest.start <= beat < rest.end and message.channel in rest.channels for rest in rests)
    if resting:
        dropped.add(key)
    return resting
