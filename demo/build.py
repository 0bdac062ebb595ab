"""Make the demo library from its sources: excerpts as typed stems, mixes to ask with, and the manifest.

Example: python demo/build.py --midi midi/freedoom --real real --soundfont MuseScore_General.sf3
"""  # noqa: INP001 -- a script that runs from the repository, not a package

import csv
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
import soundfile
import soxr  # type: ignore[import-untyped]  # it publishes no types
from numpy.typing import NDArray

from audio.stems import STEM_TYPES
from model.render.fluidsynth import DRUM_BANK, Preset, Room, Synth, Voice
from model.render.midi import MidiSong, Part, read_midi

DEMO = Path(__file__).parent
RATE = 32_000
SYNTH_RATE = 44_100
SECONDS = 16.0
# A mix begins off the beat, so that only listening finds its counterpart, and ends within the stems.
MIX_START, MIX_SECONDS = 1.37, 13.0
PRE_ROLL = 2.0
PEAK = 0.9
# Vorbis at its smallest: about 36 kbit/s for a mono stem, and nothing that the ear misses in a demo.
COMPRESSION = 1.0
# A stem plays in at least half of its time, and is heard.
BUSY = 0.5
SOFTEST = 10 ** (-45 / 20)
REST = "mix-minus-guitar"
MIXES = (("black-mountain", "drums"), ("alone-with-colors", "bass"), ("sectoid-feelings", "guitar"))
REVERB = {"drums": 20, "bass": 8}
OTHER_REVERB = 45

Sound = NDArray[np.float32]
Stems = dict[str, Sound]


@dataclass(frozen=True)
class Song:
    """A row of songs.csv and what became of it: sounds [SECONDS * RATE] by type, and the rest of the mix."""

    row: Mapping[str, str]
    stems: Stems
    bpm: float | None = None


@click.command()
@click.option(
    "--midi", required=True, type=click.Path(exists=True, path_type=Path), help="Freedoom's musics."
)
@click.option("--real", required=True, type=click.Path(exists=True, path_type=Path), help="Recorded songs.")
@click.option(
    "--soundfont", required=True, type=click.Path(exists=True, path_type=Path), help="A .sf2 or .sf3."
)
def build(midi: Path, real: Path, soundfont: Path) -> None:
    """Write demo/stems, demo/mixes and demo/manifest.csv anew from the songs that demo/songs.csv lists."""
    with (DEMO / "songs.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    synth = Synth([soundfont], SYNTH_RATE)
    for folder in ("stems", "mixes"):
        shutil.rmtree(DEMO / folder, ignore_errors=True)
    manifest: list[dict[str, str]] = []
    for row in rows:
        is_midi = row["source"] == "freedoom"
        song = render_midi(row, find_midi(midi, row["file"]), synth) if is_midi else cut_recording(row, real)
        manifest.extend(write_song(song))
        click.echo(f"{row['folder']}: {', '.join(song.stems)}")
    with (DEMO / "manifest.csv").open("w", newline="") as lines:
        table = csv.DictWriter(lines, ("file", "type", "song", "licence", "bpm"), lineterminator="\n")
        table.writeheader()
        table.writerows(sorted(manifest, key=lambda row: row["file"]))


def find_midi(folder: Path, name: str) -> Path:
    found = sorted(folder.rglob(f"*{name}"))
    if not found:
        raise click.ClickException(f"{name} is not in {folder}. Give Freedoom's musics folder.")
    return found[0]


def render_midi(row: Mapping[str, str], path: Path, synth: Synth) -> Song:
    """The busiest bars of a MIDI song, each part with the instrument that it was written for."""
    song = read_midi(path)
    start = find_busy_bars(song)
    active = measure_activity(song)
    busy = [name for name in STEM_TYPES if name in active and share_active(active[name], start) >= BUSY]
    lead = min(PRE_ROLL, start)
    stems: Stems = {}
    for name in busy:
        parts = [part.cut(start - lead, lead + SECONDS) for part in song.parts if part.stem_type == name]
        voices = [
            make_voice(part, synth, REVERB.get(name, OTHER_REVERB)) for part in parts if len(part.notes)
        ]
        sound = synth.play(voices, lead + SECONDS, Room()).mean(axis=0)[round(lead * SYNTH_RATE) :]
        stems[name] = np.asarray(soxr.resample(sound, SYNTH_RATE, RATE, "VHQ"), np.float32)
    heard = {name: sound for name, sound in balance(stems).items() if measure_level(sound) > SOFTEST}
    return Song(row, heard, song.bpm)


def make_voice(part: Part, synth: Synth, reverb: int) -> Voice:
    preset = Preset(0, DRUM_BANK if part.is_drums else 0, part.program)
    plain = Preset(0, preset.bank, 0)
    return Voice(part, preset if synth.has_preset(preset) else plain, reverb)


def measure_activity(song: MidiSong) -> dict[str, NDArray[np.bool_]]:
    """For each type, in which tenths of a second it plays."""
    length = round(song.seconds * 10) + 1
    active = {part.stem_type.value: np.zeros(length, bool) for part in song.parts}
    for part in song.parts:
        for start, end in (part.notes[:, :2] * 10).astype(int).tolist():
            active[part.stem_type.value][start : max(end, start + 3)] = True
    return active


def share_active(active: NDArray[np.bool_], start: float) -> float:
    return float(active[round(start * 10) : round((start + SECONDS) * 10)].mean())


def find_busy_bars(song: MidiSong) -> float:
    """Start of the bar (of four beats) from which the most types play, drums and bass among them."""
    active, bar = measure_activity(song), 240.0 / song.bpm
    starts = np.arange(0.0, max(song.seconds - SECONDS, 0.1), bar)
    return float(max(starts, key=lambda start: rate_start(active, start)))


def rate_start(active: Mapping[str, NDArray[np.bool_]], start: float) -> tuple[bool, int, float]:
    shares = {name: share_active(playing, start) for name, playing in active.items()}
    rhythm = min(shares.get("drums", 0.0), shares.get("bass", 0.0)) >= BUSY
    return rhythm, sum(share >= BUSY for share in shares.values()), sum(shares.values())


def cut_recording(row: Mapping[str, str], real: Path) -> Song:
    """The stretch of a recorded song in which all its stems are loudest; files of one type are summed."""
    stems: Stems = {}
    for path in sorted((real / row["file"]).glob("*.opus")):
        name = REST if path.stem == REST else path.stem.split("-")[0]
        sound, rate = soundfile.read(path, dtype="float32")
        stems[name] = stems.get(name, np.float32(0)) + np.asarray(
            soxr.resample(sound, rate, RATE), np.float32
        )
    start = find_loud_stretch(stems)
    return Song(
        row, balance({name: sound[start : start + round(SECONDS * RATE)] for name, sound in stems.items()})
    )


def find_loud_stretch(stems: Stems) -> int:
    """First sample of the stretch in which the softest stem is loudest, relative to its own level."""
    length, step = round(SECONDS * RATE), RATE // 2
    starts = range(0, max(min(map(len, stems.values())) - length, 1), step)
    levels = {name: measure_level(sound) for name, sound in stems.items()}

    def rate(start: int) -> float:
        blocks = {name: sound[start : start + length].reshape(8, -1) for name, sound in stems.items()}
        heard = {name: np.sqrt(np.mean(block**2, axis=1)) / levels[name] for name, block in blocks.items()}
        return sum(float(np.minimum(share, 1.0).mean()) for share in heard.values())

    return max(starts, key=rate)


def measure_level(sound: Sound) -> float:
    return float(np.sqrt(np.mean(sound**2)))


def balance(stems: Stems) -> Stems:
    """The stems at one common gain, as loud as their sum allows, with ends that do not click."""
    gain = PEAK / max(
        float(np.abs(sum(stems.values())).max()), *(float(np.abs(s).max()) for s in stems.values())
    )
    return {name: fade(sound * np.float32(gain)) for name, sound in stems.items()}


def fade(sound: Sound, seconds: float = 0.01) -> Sound:
    ramp = np.linspace(0.0, 1.0, round(seconds * RATE), dtype=np.float32)
    faded = sound.copy()
    faded[: len(ramp)] *= ramp
    faded[-len(ramp) :] *= ramp[::-1]
    return faded


def write_song(song: Song) -> list[dict[str, str]]:
    """Write stems, and the mix if one is to be made; rows of the manifest."""
    folder, title = song.row["folder"], song.row["title"]
    rows: list[dict[str, str]] = []
    for name, sound in song.stems.items():
        if name != REST:
            rows.append(write_sound(f"stems/{folder}/{name}.ogg", sound, name))
    for wanted in (missing for name, missing in MIXES if name == folder):
        others = [sound for name, sound in song.stems.items() if name != wanted]
        begin = round(MIX_START * RATE)
        mix = fade(np.asarray(sum(others), np.float32)[begin : begin + round(MIX_SECONDS * RATE)])
        rows.append(write_sound(f"mixes/{folder}-mix-no-{wanted}.ogg", mix, "mix"))
    bpm = f"{song.bpm:g}" if song.bpm else ""
    return [{**row, "song": title, "licence": song.row["licence"], "bpm": bpm} for row in rows]


def write_sound(file: str, sound: Sound, kind: str) -> dict[str, str]:
    path = DEMO / file
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, sound, RATE, format="OGG", subtype="VORBIS", compression_level=COMPRESSION)
    return {"file": file, "type": kind}


if __name__ == "__main__":
    build()
