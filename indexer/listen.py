"""Decode a stem and listen to it: its waveform, and every fact that users filter by."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from audio.decode import SAMPLE_RATE, Recording, Waveform, decode
from audio.file_tags import FileTags, read_file_tags
from audio.fingerprint import fingerprint
from audio.key import estimate_key, parse_key
from audio.loops import guess_kind
from audio.loudness import integrated_loudness
from audio.parts import extract_part
from audio.peaks import waveform_peaks
from audio.sketch import sketch
from audio.tempo import estimate_tempo
from library.records import Heard, SoundFacts

LISTENER_VERSION = 2
"""Raise it when estimates get better: files are then listened to again, but not embedded again."""

WHOLE_SHARE = 0.8  # of the announced length; that of an MP3 without an index is guessed from its bit rate


@dataclass(frozen=True, slots=True)
class Listened:
    """A decoded stem and what was heard in it."""

    waveform: Waveform
    facts: SoundFacts
    heard: Heard
    note: str = ""
    """What is wrong with the file although it could be read."""


def listen(path: Path, part: int, folder: Path | None = None) -> Listened:
    """Decode `part` of the file `path` (0: all of it) and estimate its facts.

    Meanwhile a part lies in `folder`, or in that for temporary files.

    Raises:
        UnreadableAudioError: it is not audio that can be used.
        OSError: the file cannot be read.
    """
    recording = _decode_part(path, part, folder)
    tags = FileTags() if part else read_file_tags(path)
    facts = SoundFacts(recording.seconds, recording.sample_rate, recording.channels)
    return Listened(recording.waveform, facts, hear(recording.waveform, tags), _note_missing(recording))


def hear(waveform: Waveform, tags: FileTags) -> Heard:
    """Tempo, key, kind, loudness, outline, fingerprint and sketch of [T], and what the file's `tags` say."""
    tempo, key = estimate_tempo(waveform), estimate_key(waveform)
    kind = guess_kind(waveform, tempo)
    tagged_key = parse_key(tags.key) if tags.key else None
    return Heard(
        bpm=None if tempo is None else round(tempo.bpm, 2),
        bpm_confidence=0.0 if tempo is None else round(tempo.confidence, 3),
        key=None if key is None else str(key.key),
        key_confidence=0.0 if key is None else round(key.confidence, 3),
        kind="one-shot" if tags.is_one_shot else kind.kind,
        kind_confidence=1.0 if tags.is_one_shot else round(kind.confidence, 3),
        tagged_bpm=tags.bpm,
        tagged_key=None if tagged_key is None else str(tagged_key),
        loudness=_rounded(integrated_loudness(waveform, SAMPLE_RATE)),
        peaks=waveform_peaks(waveform).tobytes(),
        fingerprint=fingerprint(waveform).tobytes(),
        sketch=sketch(waveform).to_bytes(),
        version=LISTENER_VERSION,
    )


def _decode_part(path: Path, part: int, folder: Path | None) -> Recording:
    if not part:
        return decode(path)
    with TemporaryDirectory(prefix="counterpart-", dir=folder) as own:
        return decode(extract_part(path, part, Path(own)))


def _note_missing(recording: Recording) -> str:
    """That a file ends long before its header says. A header may be wrong: what is there is used."""
    announced = recording.announced_seconds or 0.0
    if recording.seconds >= WHOLE_SHARE * announced:
        return ""
    return (
        f"Only {recording.seconds:.1f} of the {announced:.1f} s that its header announces could be read, and "
        "were indexed. Copy or export it again."
    )


def _rounded(loudness: float | None) -> float | None:
    return None if loudness is None else round(loudness, 2)
