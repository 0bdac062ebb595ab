"""Other keys and tempi: what is drawn, and that both sides of a pair change alike."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from audio.decode import SAMPLE_RATE
from audio.stems import StemType
from model.batches import PairSampler
from model.config import Config
from model.config_sections import FrontEndConfig
from model.config_values import ConfigError
from model.key_and_tempo import AS_WRITTEN, KeyAndTempo, move_bins, random_key_and_tempo
from model.material import Cut, PowerMaterial, choose_material
from model.songs import Song, find_songs
from model.stem_reader import StemReader
from model.train_config import TrainConfig
from tests.model.multitracks import tone, write_wav

SECONDS = 20
NOTE_HZ = 440.0
CLICKS_SECONDS = 0.5


def generator() -> np.random.Generator:
    return np.random.default_rng(2)


def config_of(**options: object) -> Config:
    training = replace(TrainConfig(mix_powers=True, gain_db=0.0, jitter_samples=0), **options)  # type: ignore[arg-type]
    return Config(front_end=FrontEndConfig(), train=training)


@pytest.fixture
def song(tmp_path: Path) -> Song:
    """A held note beside clicks twice a second."""
    clicks = np.zeros(SECONDS * SAMPLE_RATE, np.float32)
    clicks[:: round(CLICKS_SECONDS * SAMPLE_RATE)] = 0.9
    note = tone(NOTE_HZ, SECONDS * SAMPLE_RATE)
    drums = np.convolve(clicks, np.hanning(200))[: len(clicks)].astype(np.float32)
    write_wav(tmp_path / "song" / "drums.wav", drums)
    write_wav(tmp_path / "song" / "keys.wav", note)
    write_wav(tmp_path / "song" / "bass.wav", note)
    return find_songs(tmp_path)[0]


@pytest.fixture
def material(tmp_path: Path) -> PowerMaterial:
    chosen = choose_material(StemReader(tmp_path / "decoded"), config_of(), tmp_path / "powers")
    assert isinstance(chosen, PowerMaterial)
    return chosen


def image_of(material: PowerMaterial, song: Song, stem_type: StemType, change: KeyAndTempo) -> np.ndarray:
    image = material.target(Cut(song, stem_type, 2 * SAMPLE_RATE, change), 0, generator())
    assert image is not None
    return image


def loudest_bin(image: np.ndarray) -> int:
    return int(image.mean(axis=1).argmax())


def clicks_in(image: np.ndarray) -> int:
    level = image.mean(axis=0)
    loud = level > (level.min() + level.max()) / 2
    return int((loud[1:] & ~loud[:-1]).sum())


@pytest.mark.parametrize("semitones", [-5, -1, 1, 7])
def test_a_semitone_is_two_bins(material: PowerMaterial, song: Song, semitones: int) -> None:
    written, moved = (
        loudest_bin(image_of(material, song, StemType.KEYS, change))
        for change in (AS_WRITTEN, KeyAndTempo(semitones))
    )
    assert moved - written == 2 * semitones


def test_drums_have_no_key(material: PowerMaterial, song: Song) -> None:
    written, moved = (
        image_of(material, song, StemType.DRUMS, change) for change in (AS_WRITTEN, KeyAndTempo(4))
    )
    assert np.array_equal(written, moved)


@pytest.mark.parametrize("tempo", [0.8, 1.25])
def test_a_faster_window_holds_more_beats(material: PowerMaterial, song: Song, tempo: float) -> None:
    written, changed = (
        clicks_in(image_of(material, song, StemType.DRUMS, change))
        for change in (AS_WRITTEN, KeyAndTempo(tempo=tempo))
    )
    assert abs(written - 8 / CLICKS_SECONDS) <= 1
    assert abs(changed - tempo * 8 / CLICKS_SECONDS) <= 1


def test_a_changed_context_holds_what_its_target_lacks(material: PowerMaterial, song: Song) -> None:
    """The keys' context is bass and drums: the bass moves as the keys do."""
    alone = replace(song, stems={one: song.stems[one] for one in (StemType.KEYS, StemType.BASS)})
    change = KeyAndTempo(3, 1.1)
    context = material.context(Cut(alone, StemType.KEYS, 2 * SAMPLE_RATE, change), generator())
    assert context is not None
    assert loudest_bin(context) == loudest_bin(image_of(material, song, StemType.KEYS, change))


@pytest.mark.parametrize("tempo", [0.8, 1.0, 1.25])
def test_the_offset_between_both_sides_is_in_frames_of_the_pair(
    tmp_path: Path, song: Song, tempo: float
) -> None:
    """A drum is its own context here: at its offset, the context is the target."""
    drums = StemReader(tmp_path / "decoded").read(song.stems[StemType.DRUMS], 0, SECONDS * SAMPLE_RATE)
    doubled = write_wav(tmp_path / "doubled" / "other.wav", drums)
    twins = replace(song, stems={StemType.DRUMS: song.stems[StemType.DRUMS], StemType.OTHER: (doubled,)})
    config = config_of(search_seconds=2.0, equaliser_db=0.0)
    reader = StemReader(tmp_path / "decoded")
    sampler = PairSampler([twins], reader, config, choose_material(reader, config, tmp_path / "powers"))
    for offset in (0, 17, 64):
        cut = Cut(twins, StemType.DRUMS, 6 * SAMPLE_RATE, KeyAndTempo(0, tempo))
        pair = sampler._pair_at(cut, offset, generator())
        assert pair is not None
        frames = pair.target.shape[1]
        alike = [
            np.corrcoef(pair.context[:, place : place + frames].ravel(), pair.target.ravel())[0, 1]
            for place in range(65)
        ]
        # Beats repeat, so other places may be as good; the nearest stored frames lie a quarter hop off.
        assert alike[offset] > max(alike) - 0.05


def test_nothing_is_drawn_unless_it_is_asked_for() -> None:
    drawn = generator()
    assert random_key_and_tempo(TrainConfig(), drawn) == AS_WRITTEN
    # So runs that do without see the pairs that they saw before.
    assert drawn.random() == generator().random()


def test_keys_and_tempi_lie_within_what_is_asked_for() -> None:
    drawn = generator()
    changes = [
        random_key_and_tempo(TrainConfig(transpose_semitones=3, tempo_share=0.25), drawn) for _ in range(400)
    ]
    assert {change.semitones for change in changes} == set(range(-3, 4))
    tempi = np.array([change.tempo for change in changes])
    assert 0.8 <= tempi.min() < 0.82
    assert 1.23 < tempi.max() <= 1.25
    # Slower as often as faster.
    assert abs(float(np.mean(np.log(tempi)))) < 3 * math.log(1.25) / math.sqrt(3 * len(tempi))


def test_a_tempo_that_is_given_is_kept() -> None:
    options, drawn = TrainConfig(transpose_semitones=3, tempo_share=0.25), generator()
    changes = [random_key_and_tempo(options, drawn, tempo=0.9) for _ in range(50)]
    assert {change.tempo for change in changes} == {0.9}
    assert len({change.semitones for change in changes}) > 1


@pytest.mark.parametrize("bins", [-3, 0, 2])
def test_what_comes_in_at_the_edge_is_silence(bins: int) -> None:
    powers = np.arange(1, 13, dtype=np.float32).reshape(2, 6)
    moved = move_bins(powers, bins)
    assert moved.shape == powers.shape
    kept = np.roll(powers, bins, axis=1)
    if bins > 0:
        kept[:, :bins] = 0
    elif bins < 0:
        kept[:, bins:] = 0
    assert np.array_equal(moved, kept)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"transpose_semitones": 13}, "from 0 to 12"),
        ({"transpose_semitones": -1}, "from 0 to 12"),
        ({"tempo_share": 1.0}, "less than 1"),
        ({"tempo_share": 0.2, "mix_powers": False}, "mix_powers"),
        ({"transpose_semitones": 2, "mix_powers": False}, "mix_powers"),
        ({"recorded": True, "mix_powers": False}, "mix_powers"),
    ],
)
def test_what_cannot_be_done_is_refused(options: dict[str, object], complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        config_of(**options)


def test_a_recording_needs_bins_of_equal_musical_size() -> None:
    values = {"front_end": {"kind": "log_mel", "bins": 80}, "train": {"mix_powers": True, "recorded": True}}
    with pytest.raises(ConfigError, match="recorded knows log_frequency"):
        Config.from_dict(values)


@pytest.mark.parametrize("front_end", [{"kind": "log_mel", "bins": 80}, {"bins": 90, "bins_per_octave": 14}])
def test_semitones_need_bins_that_are_parts_of_them(front_end: dict[str, object]) -> None:
    values = {"front_end": front_end, "train": {"mix_powers": True, "transpose_semitones": 2}}
    with pytest.raises(ConfigError, match="transpose_semitones"):
        Config.from_dict(values)
