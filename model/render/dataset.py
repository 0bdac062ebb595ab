"""Render a folder of MIDI files to a data set of stems: in parallel, and where it stopped the last time."""

import functools
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from model.render.beats import NoGridError
from model.render.fluidsynth import Synth
from model.render.instruments import Player
from model.render.midi import UnreadableMidiError
from model.render.outcomes import Outcome, run_jobs
from model.render.song import Manner, SongJob, TooFewStemsError, render_song
from model.render.song_folder import name_songs
from model.render.song_list import list_songs

SUFFIXES = frozenset({".mid", ".midi"})
COLUMNS = ("file", "source", "licence", "good3")  # of an index.csv


class NoMidiError(ValueError):
    """A folder in which no song is wanted."""


@dataclass(frozen=True)
class Wanted:
    """Which songs of a folder are rendered, and how; `sources` empty means all."""

    sources: tuple[str, ...] = ()
    thin: bool = False
    variants: int = 1
    limit: int | None = None
    seed: int = 0
    seconds: float = 60.0
    fewest_stems: int = 2
    manner: Manner = field(default_factory=Manner)


def plan_jobs(folder: Path, out: Path, wanted: Wanted) -> list[SongJob]:
    """Jobs for the wanted songs below `folder`, all of variant 0 first.

    An `index.csv` in the folder says source, licence and, by `good3`, whether a song has drums, bass and one
    more part; songs without are left out unless `thin`. A folder without one is taken whole.

    Raises:
        NoMidiError: there is no song to render.
        BrokenTableError: the index cannot be read, or lacks a column.
    """
    # Without an index nobody has said that a song is thin.
    rows = [{"good3": "1", **row} for row in list_songs(folder, SUFFIXES, COLUMNS)]
    # Before any is left out, so that a song is called the same whichever are wanted.
    names = name_songs([(row["source"], row["file"]) for row in rows])
    groups = _group_songs([row["file"] for row in rows])
    rows = [row for row in rows if not wanted.sources or row["source"] in wanted.sources]
    rows = [row for row in rows if wanted.thin or row["good3"] == "1"]
    # In an order drawn by the seed: a limit, or a rendering cut short, is a fair sample of all sources.
    rows = sorted(rows, key=lambda row: _draw_seed(wanted.seed, row))[: wanted.limit]
    if not rows:
        raise NoMidiError(
            f"{folder} holds no MIDI file that is wanted. Give another folder or other sources."
        )
    return [
        SongJob(
            midi=folder / row["file"],
            folder=out / f"{names[row['source'], row['file']]}-v{variant}",
            group=groups[row["file"]],
            source=row["source"],
            licence=row["licence"],
            seed=_draw_seed(wanted.seed, row),
            variant=variant,
            seconds=wanted.seconds,
            fewest_stems=wanted.fewest_stems,
            manner=wanted.manner,
        )
        for variant in range(wanted.variants)
        for row in rows
    ]


def render_jobs(
    jobs: Sequence[SongJob], soundfonts: Sequence[Path], workers: int, sample_rate: int = 32_000
) -> Iterator[Outcome]:
    """Render the jobs whose folder is not there yet; yields an outcome for each job as it is done."""
    render_chunk = functools.partial(_render_chunk, soundfonts=tuple(soundfonts), sample_rate=sample_rate)
    return run_jobs(jobs, render_chunk, workers)


def try_song(job: SongJob, player: Player) -> Outcome:
    """Render a song; a file that cannot be used becomes a problem in words."""
    try:
        render_song(job, player)
    except (UnreadableMidiError, TooFewStemsError) as error:
        return Outcome(job.folder, str(error))
    except NoGridError as error:
        return Outcome(job.folder, f"{job.midi.name} is left out. {error}")
    except Exception as error:  # noqa: BLE001 -- one odd file must not end hours of rendering
        return Outcome(job.folder, f"{job.midi.name} failed ({type(error).__name__}: {error}). Leave it out.")
    return Outcome(job.folder)


def _render_chunk(chunk: Sequence[SongJob], soundfonts: tuple[Path, ...], sample_rate: int) -> list[Outcome]:
    synth = _open_synth(soundfonts, sample_rate)
    return [try_song(job, synth) for job in chunk]


@functools.cache
def _open_synth(soundfonts: tuple[Path, ...], sample_rate: int) -> Synth:
    """One synth a worker process: loading the soundfonts takes seconds, a song takes one."""
    return Synth(soundfonts, sample_rate)


def _group_songs(files: Sequence[str]) -> dict[str, str]:
    """What versions of a song have in common: its file's name, or its path where others are called so.

    The name alone where it can be, so that a song is held out of every training, wherever its file lies.
    """
    called = Counter(PurePath(file).name for file in set(files))
    return {file: PurePath(file).name if called[PurePath(file).name] == 1 else file for file in files}


def _draw_seed(seed: int, row: dict[str, str]) -> int:
    return zlib.crc32(f"{seed}/{row['file']}".encode())
