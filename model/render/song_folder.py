"""The folder of a rendered song: a file for each stem, and a note of how they were made."""

import hashlib
import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

import numpy as np
import soundfile

from audio.decode import SAMPLE_RATE, Waveform
from audio.stems import StemType

LOUDEST_SUM = 0.99
DIGEST_SHOWN = 8  # hexadecimal digits
FADE_SECONDS = 0.02


def name_song(source: str, file: str) -> str:
    """A plain name for the folder of a song, whatever its file is called."""
    return re.sub(r"[^A-Za-z0-9]+", "-", f"{source} {PurePath(file).stem}").strip("-").lower()


def name_songs(sources_and_files: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """A name for the folder of each song, no two alike: `a/01.mid`, `b/01.mid` and `夜.mid` are three songs.

    Those whose plain name others have, too, get a digest of where their file lies.
    """
    plain = {each: name_song(*each) for each in sources_and_files}
    bearers = Counter(plain.values())
    return {
        each: name if bearers[name] == 1 else f"{name}-{_digest(each[1])}" for each, name in plain.items()
    }


def _digest(file: str) -> str:
    return hashlib.sha256(PurePath(file).as_posix().encode()).hexdigest()[:DIGEST_SHOWN]


def fade_out(stem: Waveform) -> Waveform:
    """The stem [T] with its last moment faded, so that it ends without a click."""
    faded = stem.copy()
    fade = round(FADE_SECONDS * SAMPLE_RATE)
    faded[-fade:] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)
    return faded


def write_song_folder(
    folder: Path, stems: Mapping[StemType, Waveform], note: dict[str, Any], loudest: float = LOUDEST_SUM
) -> None:
    """Write `<type>.wav` and `song.json` whole or not at all; the note is told the gain of all stems.

    Neither the sum of the stems, as a mix takes it, nor one of them alone is louder than `loudest`.
    """
    sounds = list(stems.values())
    peak = max(float(np.abs(sound).max()) for sound in (np.sum(sounds, axis=0), *sounds))
    gain = np.float32(min(1.0, loudest / peak))
    note["gain"] = round(float(gain), 4)
    # A name of its own: workers of a run that was killed may still be writing the same song.
    unfinished = folder.with_name(f".{folder.name}.{os.getpid()}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    for stem_type, stem in stems.items():
        soundfile.write(unfinished / f"{stem_type}.wav", stem * gain, SAMPLE_RATE, subtype="PCM_16")
    (unfinished / "song.json").write_text(json.dumps(note, indent=1) + "\n")
    try:
        unfinished.rename(folder)
    except OSError:
        if not (folder / "song.json").exists():
            raise  # else another was faster, and its song is as good
    for left in folder.parent.glob(f".{folder.name}.*unfinished"):
        shutil.rmtree(left, ignore_errors=True)
