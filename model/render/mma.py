"""Compose songs: our own charts, accompanied by MMA (Debian's generator), with our own lines on top."""

import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import mido
import numpy as np

from audio.labels import type_from_general_midi
from audio.stems import StemType
from model.csv_table import BrokenTableError, read_rows, write_rows
from model.render.charts import SECTION_BARS, Chart, compose_chart, split_bar
from model.render.melody import Line, write_arpeggio, write_lead, write_pad, write_riff, write_stabs
from model.render.midi import DRUM_CHANNEL
from model.render.orchestration import Rest, plan_rests, silence
from model.render.programs import VOICES
from model.render.rhythm_section import BAR_BEATS, write_bass, write_drums, write_fill
from model.render.song_list import INDEX

GROOVES = Path("/usr/share/mma/lib/stdlib")
NOT_A_SONG = re.compile(r"intro|end|fill|metronome|none|sus|test", re.IGNORECASE)
LEADS = (0, 4, 11, 16, 26, 27, 29, 40, 56, 60, 64, 65, 68, 71, 73, 75, 80, 81, 84, 87)
PADS = (16, 19, 48, 49, 50, 51, 52, 61, 88, 89, 90, 91, 94, 95)
ARPEGGIOS = (6, 8, 12, 24, 25, 45, 46, 80, 81, 87, 98, 104)
SECONDS = 56.0
STABS = (0, 4, 16, 25, 26, 27, 28, 48, 61, 62, 80, 90)
RIFFS = (4, 7, 26, 27, 28, 29, 30, 80, 81, 84, 87)
BASSES = (32, 33, 33, 34, 35, 36, 38, 38, 39, 39)
ONE_GROOVE_SHARE, SUNG_SHARE, PAD_SHARE, ARPEGGIO_SHARE = 0.5, 0.35, 0.5, 0.35
STABS_SHARE, RIFF_SHARE, OWN_RHYTHM_SHARE, FILL_SHARE = 0.25, 0.35, 0.45, 0.6
MIDDLE_TEMPI, TEMPO_SPREAD, SLOWEST, FASTEST = (76.0, 100.0, 122.0, 140.0, 168.0), 9.0, 58.0, 185.0
LICENCE = "own work (chart and melody; accompaniment by MMA)"
FIELDS = ("file", "source", "licence", "good3", "note")


class MmaError(RuntimeError):
    """MMA is missing or refused a chart."""


# Writes the accompaniment of a chart in MMA's language to a MIDI file.
Accompany = Callable[[str, Path], None]


@dataclass(frozen=True)
class Groove:
    """A style of MMA and the beats of its bar."""

    name: str
    beats: int


def list_grooves(folder: Path = GROOVES) -> list[Groove]:
    """Grooves of MMA's library that can carry a whole song.

    Raises:
        MmaError: MMA's library is not where Debian puts it.
    """
    found: set[tuple[str, int]] = set()
    for path in sorted(folder.glob("*.mma")):
        beats = 4
        for line in path.read_text(errors="replace").splitlines():
            words = line.split()
            if len(words) > 1 and words[0].lower() == "time" and words[1].isdigit():
                beats = int(words[1])
            elif len(words) > 1 and words[0].lower() == "defgroove" and not NOT_A_SONG.search(words[1]):
                found.add((words[1], beats))
    if not found:
        raise MmaError(f"There are no grooves in {folder}. Run: apt install mma")
    return [Groove(name, beats) for name, beats in sorted(found)]


def compose_songs(
    out: Path, songs: int, seed: int, grooves: Sequence[Groove], accompany: Accompany
) -> Iterator[str]:
    """Write MIDI files and their index.csv; yields each song in words. The same seed writes the same songs.

    Songs of other seeds that are there already stay, and stay listed.

    Raises:
        MmaError: MMA is missing or refused a chart.
        BrokenTableError: the index that is there cannot be read.
    """
    out.mkdir(parents=True, exist_ok=True)
    index = out / INDEX
    rows = {row["file"]: row for row in _listed(index)} if index.exists() else {}
    columns = (*FIELDS, *(name for row in list(rows.values())[:1] for name in row if name not in FIELDS))
    for number in range(songs):
        generator = np.random.default_rng([seed, number])
        # With the seed in it: songs that are not the same must not share a name, which is their group's.
        name = f"{seed:04d}-{number:05d}.mid"
        note = compose_song(out / name, grooves, generator, accompany)
        rows[name] = {"file": name, "source": "generated", "licence": LICENCE, "good3": "1", "note": note}
        write_rows(index, columns, rows.values())
        yield note


def _listed(index: Path) -> list[dict[str, str]]:
    """Rows of the index that is there."""
    rows = read_rows(index)
    if any(not row.get("file") or None in row for row in rows):
        raise BrokenTableError(
            f"{index} has lines without a file, or longer than its first. Mend it, or choose another --out."
        )
    return rows


def compose_song(
    path: Path, grooves: Sequence[Groove], generator: np.random.Generator, accompany: Accompany
) -> str:
    """Write one song; returns its key, tempo and grooves in words."""
    beats = grooves[int(generator.integers(len(grooves)))].beats
    alike = [groove for groove in grooves if groove.beats == beats]
    middle = float(generator.choice(MIDDLE_TEMPI))
    bpm = float(np.round(np.clip(generator.normal(middle, TEMPO_SPREAD), SLOWEST, FASTEST)))
    chart = compose_chart(generator, bpm, round(SECONDS * bpm / 60 / beats))
    chosen = {
        letter: str(generator.choice([g.name for g in alike])) for letter in sorted(set(chart.sections))
    }
    if generator.random() < ONE_GROOVE_SHARE:
        chosen = dict.fromkeys(chosen, chosen["A"])
    accompany(_write_source(chart, beats, chosen, int(generator.integers(1, 2**31))), path)
    midi = mido.MidiFile(str(path))
    own_rhythm = beats == BAR_BEATS and generator.random() < OWN_RHYTHM_SHARE
    if own_rhythm:
        _replace_rhythm_section(midi, chart, generator)
    _add_lines(midi, _write_lines(chart, beats, generator))
    _orchestrate(midi, chart, beats, generator)
    midi.save(str(path))
    styles = [*sorted(set(chosen.values())), *(["own rhythm section"] if own_rhythm else [])]
    return f"{chart.key}, {bpm:.0f} bpm, {beats} beats a bar, {', '.join(styles)}"


def _write_source(chart: Chart, beats: int, grooves: dict[str, str], seed: int) -> str:
    lines, section = [f"RndSeed {seed}", f"Tempo {chart.bpm:g}"], ""
    for number, (chords, letter) in enumerate(zip(chart.bars, chart.sections, strict=True)):
        if letter != section:
            lines.append(f"Groove {grooves[letter]}")
            section = letter
        held = [["/"] * (round(length) - 1) for _, length, _ in split_bar(chords, beats)]
        words = [word for chord, rest in zip(chords, held, strict=True) for word in (chord.name, *rest)]
        lines.append(" ".join([str(number + 1), *words]))
    return "\n".join(lines) + "\n"


def run_mma(source: str, path: Path) -> None:
    """Write the MIDI file of a chart in MMA's language.

    Raises:
        MmaError: MMA is missing or refused the chart.
    """
    with tempfile.TemporaryDirectory() as folder:
        chart = Path(folder) / "song.mma"
        chart.write_text(source)
        try:
            command = ["mma", "-w", "-f", str(path), str(chart)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 -- our own chart
        except FileNotFoundError as error:
            raise MmaError(
                "MMA is not installed, so no song can be composed. Run: apt install mma"
            ) from error
    if done.returncode != 0:
        raise MmaError(f"MMA refused a chart: {done.stdout.strip()[-300:]} Leave its groove out.")


def _write_lines(chart: Chart, beats: int, generator: np.random.Generator) -> list[tuple[int, Line]]:
    """Programs and lines: always a lead, sung in a third of the songs; often a pad, an arpeggio."""
    sung = generator.random() < SUNG_SHARE
    lead = int(generator.choice(VOICES if sung else LEADS))
    lines = [(lead, write_lead(chart, beats, int(generator.integers(54, 64)), generator))]
    if generator.random() < PAD_SHARE:
        lines.append((int(generator.choice(PADS)), write_pad(chart, beats, int(generator.integers(48, 62)))))
    if generator.random() < ARPEGGIO_SHARE:
        lowest = int(generator.integers(48, 68))
        lines.append((int(generator.choice(ARPEGGIOS)), write_arpeggio(chart, beats, lowest, generator)))
    if generator.random() < STABS_SHARE:
        lowest = int(generator.integers(50, 64))
        lines.append((int(generator.choice(STABS)), write_stabs(chart, beats, lowest, generator)))
    if generator.random() < RIFF_SHARE:
        lowest = int(generator.integers(45, 66))
        lines.append((int(generator.choice(RIFFS)), write_riff(chart, beats, lowest, generator)))
    return lines


def _replace_rhythm_section(midi: mido.MidiFile, chart: Chart, generator: np.random.Generator) -> None:
    """Our own drums and bass in place of MMA's."""
    programs = {m.channel: m.program for track in midi.tracks for m in track if m.type == "program_change"}
    basses = [c for c, program in programs.items() if type_from_general_midi(program) is StemType.BASS]
    silence(midi, [Rest(0.0, float("inf"), frozenset({DRUM_CHANNEL, *basses}))])
    drums = write_drums(chart, generator)
    midi.tracks.append(_write_track(DRUM_CHANNEL, None, drums, midi.ticks_per_beat))
    _add_lines(midi, [(int(generator.choice(BASSES)), write_bass(chart, generator))])


def _orchestrate(midi: mido.MidiFile, chart: Chart, beats: int, generator: np.random.Generator) -> None:
    """Instruments drop in and out by sections, and drums lead over from one to the next."""
    playing = sorted({m.channel for track in midi.tracks for m in track if m.type == "note_on"})
    blocks, block_beats = len(chart.bars) // SECTION_BARS, float(SECTION_BARS * beats)
    fills: Line = []
    for block in range(1, blocks):
        if DRUM_CHANNEL in playing and generator.random() < FILL_SHARE:
            fills += write_fill(block * block_beats, int(generator.integers(1, 3)), generator)
    if fills:
        midi.tracks.append(_write_track(DRUM_CHANNEL, None, fills, midi.ticks_per_beat))
    silence(midi, plan_rests(playing, blocks, block_beats, bar_beats=float(beats), generator=generator))


def _add_lines(midi: mido.MidiFile, lines: Sequence[tuple[int, Line]]) -> None:
    used = {message.channel for track in midi.tracks for message in track if not message.is_meta}
    free = [channel for channel in range(16) if channel not in used and channel != DRUM_CHANNEL]
    for channel, (program, line) in zip(free, lines, strict=False):
        midi.tracks.append(_write_track(channel, program, line, midi.ticks_per_beat))


def _write_track(channel: int, program: int | None, line: Line, ticks_per_beat: int) -> mido.MidiTrack:
    events: list[tuple[int, int, int]] = []
    for start, length, pitch, velocity in line:
        events.append((round(start * ticks_per_beat), pitch, velocity))
        events.append((round((start + length) * ticks_per_beat), pitch, 0))
    track = mido.MidiTrack()
    if program is not None:
        track.append(mido.Message("program_change", channel=channel, program=program))
    now = 0
    for tick, pitch, velocity in sorted(events, key=lambda event: (event[0], event[2])):
        track.append(mido.Message("note_on", channel=channel, note=pitch, velocity=velocity, time=tick - now))
        now = tick
    return track
