"""Take tracker modules apart into songs of typed stems: what people composed, with samples of their own."""

import functools
import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from audio.decode import SAMPLE_RATE, Waveform
from audio.resample import Resampler
from audio.stems import StemType
from audio.windows import is_silent
from model.render.module_guess import open_guess
from model.render.module_types import Guess, Told, tell_type
from model.render.openmpt import BrokenModuleError, Instrument, Module, load_library
from model.render.outcomes import Outcome, run_jobs
from model.render.song import QUIETEST_PEAK, TooFewStemsError
from model.render.song_folder import DIGEST_SHOWN, fade_out, name_song, write_song_folder
from model.render.song_list import INDEX, list_songs

SUFFIXES = frozenset({".mod", ".xm", ".it", ".s3m"})
COLUMNS = ("file", "source", "licence")  # of an index.csv
ENGINE = "module"
PLAYED_RATE = 48_000
LATEST_START = 20.0  # seconds: later, songs are more likely to have moved on to another of their tunes
SHORTEST_SECONDS, FEWEST_TYPES = 25.0, 3
LOUDEST = 0.9


class NoModulesError(ValueError):
    """A folder without modules."""


class ShortModuleError(ValueError):
    """A module that is a jingle or an effect rather than a song."""


@dataclass(frozen=True)
class ModuleJob:
    """A module to take apart and the folder to write; `seconds` is the longest excerpt."""

    module: Path
    folder: Path
    source: str
    licence: str
    seconds: float


@dataclass(frozen=True)
class Heard:
    """An instrument that can be heard, alone, [T] at 16 kHz, and its type."""

    instrument: Instrument
    sound: Waveform
    told: Told


def plan_jobs(
    folder: Path, out: Path, seconds: float = 60.0, limit: int | None = None
) -> tuple[list[ModuleJob], list[Outcome]]:
    """Jobs for the modules below `folder`, sorted, and what becomes of the files that are left out.

    An `index.csv` in the folder lists the files with their source and licence; a folder without one is taken
    whole. Of files with the same content the first is taken.

    Raises:
        NoModulesError: there is no module.
        BrokenTableError: the index cannot be read, or lacks a column.
    """
    rows = list_songs(folder, SUFFIXES, COLUMNS)
    jobs: dict[str, ModuleJob] = {}
    left_out: list[Outcome] = []
    for row in sorted(rows, key=lambda row: row["file"]):
        path = folder / row["file"]
        digest = _digest(path)
        if digest is None:
            left_out.append(Outcome(path, f"{row['file']} is not there. Put it there, or mend {INDEX}."))
        elif digest in jobs:
            same = jobs[digest].module.relative_to(folder)
            left_out.append(Outcome(path, f"{row['file']} is left out. It is the same as {same}."))
        else:
            # With its content in the name: files of many collections are called alike.
            name = f"{name_song(row['source'], row['file'])}-{digest[:DIGEST_SHOWN]}"
            jobs[digest] = ModuleJob(path, out / name, row["source"], row["licence"], seconds)
    if not jobs:
        raise NoModulesError(
            f"{folder} holds no module ({', '.join(sorted(SUFFIXES))}). Give another folder."
        )
    return list(jobs.values())[:limit], left_out


def take_apart_jobs(jobs: Sequence[ModuleJob], release: Path | None, workers: int) -> Iterator[Outcome]:
    """Do the jobs whose folder is not there yet; `release` guesses types that nothing else tells.

    Raises:
        OpenMptNotFoundError: libopenmpt is not installed.
        BrokenModelError: the release cannot be read.
    """
    return run_jobs(jobs, functools.partial(_take_apart_chunk, release=release), workers)


def try_module(job: ModuleJob, guess: Guess | None = None) -> Outcome:
    """Take a module apart; a file that cannot be used becomes a problem in words."""
    try:
        take_apart(job, guess)
    except (BrokenModuleError, ShortModuleError, TooFewStemsError) as error:
        return Outcome(job.folder, str(error))
    except Exception as error:  # noqa: BLE001 -- one odd file must not end hours of work
        problem = f"{job.module.name} failed ({type(error).__name__}: {error}). Leave it out."
        return Outcome(job.folder, problem)
    return Outcome(job.folder)


def take_apart(job: ModuleJob, guess: Guess | None = None) -> dict[str, Any]:
    """Write `<folder>/<type>.wav` and `song.json`; the folder appears at once, complete. Returns the note.

    Raises:
        OpenMptNotFoundError: libopenmpt is not installed.
        BrokenModuleError: the file is no module, or is damaged.
        ShortModuleError: the module lasts less than `SHORTEST_SECONDS`.
        TooFewStemsError: fewer than `FEWEST_TYPES` types can be heard.
    """
    module = Module(job.module)
    if module.seconds < SHORTEST_SECONDS:
        raise ShortModuleError(
            f"{job.module.name} is left out. It lasts {module.seconds:.1f} s, "
            f"{SHORTEST_SECONDS:g} s are wanted."
        )
    start, seconds = choose_excerpt(module.seconds, job.seconds)
    by_type: dict[StemType, list[Heard]] = defaultdict(list)
    for heard in _listen(module, start, seconds, guess):
        by_type[heard.told.stem_type].append(heard)
    sums = {stem_type: _sum(by_type[stem_type]) for stem_type in StemType if stem_type in by_type}
    stems = {stem_type: stem for stem_type, stem in sums.items() if not is_silent(stem)}
    if len(stems) < FEWEST_TYPES:
        raise TooFewStemsError(
            f"{job.module.name} is left out. It gives {len(stems)} stems, {FEWEST_TYPES} are wanted."
        )
    note = _describe(job, start, seconds, {stem_type: by_type[stem_type] for stem_type in stems})
    write_song_folder(job.folder, stems, note, LOUDEST)
    return note


def choose_excerpt(module_seconds: float, seconds: float) -> tuple[float, float]:
    """Start and length of at most `seconds` from the middle, or from `LATEST_START` if that is earlier."""
    length = min(module_seconds, seconds)
    return min((module_seconds - length) / 2, LATEST_START), length


def _digest(path: Path) -> str | None:
    """What tells the contents of files apart; None if there is no such file."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def _listen(module: Module, start: float, seconds: float, guess: Guess | None) -> Iterator[Heard]:
    for instrument in module.instruments:
        if not instrument.pitches:
            continue
        played = Resampler(PLAYED_RATE, SAMPLE_RATE)
        played.add(module.play({instrument.number}, start, seconds, PLAYED_RATE))
        sound = played.finish()
        if float(np.abs(sound).max(initial=0.0)) >= QUIETEST_PEAK:
            yield Heard(instrument, sound, tell_type(instrument, sound, guess))


def _sum(heard: Sequence[Heard]) -> Waveform:
    total: Waveform = np.sum([one.sound for one in heard], axis=0)
    return fade_out(total)


def _describe(
    job: ModuleJob, start: float, seconds: float, stems: Mapping[StemType, Sequence[Heard]]
) -> dict[str, Any]:
    return {
        "group": job.module.name,
        "source": job.source,
        "licence": job.licence,
        "excerpt_start": round(start, 3),
        "seconds": round(seconds, 3),
        "stems": {
            stem_type: {
                "engine": ENGINE,
                "instruments": [one.instrument.name for one in heard],
                "told_by": [one.told.by for one in heard],
                "notes": sum(len(one.instrument.pitches) for one in heard),
            }
            for stem_type, heard in stems.items()
        },
    }


def _take_apart_chunk(chunk: Sequence[ModuleJob], release: Path | None) -> list[Outcome]:
    load_library()
    guess = _open_guess(release) if release is not None else None
    return [try_module(job, guess) for job in chunk]


@functools.cache
def _open_guess(release: Path) -> Guess:
    """One release a worker process."""
    return open_guess(release)
