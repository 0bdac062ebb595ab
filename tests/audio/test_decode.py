"""Files of every format become 16 kHz mono, and what is outside the limits is refused with a reason."""

import os
from pathlib import Path

import numpy as np
import pytest

from audio.decode import SAMPLE_RATE, DecodeLimits, Recording, UnreadableAudioError, Waveform, decode
from tests.audio.sounds import Samples, make_tone, write_with_ffmpeg, write_with_soundfile
from tests.data import development_data

FORMATS = [
    "wav_s16_44k1_stereo.wav",
    "wav_s24_96k_stereo.wav",
    "wav_f32_44k1_stereo.wav",
    "flac_s16_44k1.flac",
    "mp3_cbr128.mp3",
    "mp3_vbr_v4.mp3",
    "ogg_vorbis_q4.ogg",
    "opus_96k.opus",
    "m4a_aac128.m4a",
    "aiff_s16_44k1.aiff",
    "ni_stem_5streams.stem.mp4",
]


def refuse(path: Path, limits: DecodeLimits | None = None) -> UnreadableAudioError:
    with pytest.raises(UnreadableAudioError) as refusal:
        decode(path, limits or DecodeLimits())
    return refusal.value


def pitch(waveform: Waveform) -> float:
    spectrum = np.abs(np.fft.rfft(waveform * np.hanning(len(waveform))))
    return float(np.argmax(spectrum) * SAMPLE_RATE / len(waveform))


def assert_is_tone(recording: Recording, seconds: float, level: float) -> None:
    assert recording.waveform.dtype == np.float32
    assert recording.waveform.ndim == 1
    assert len(recording.waveform) == pytest.approx(recording.seconds * SAMPLE_RATE, abs=2)
    assert recording.seconds == pytest.approx(seconds, abs=0.06)  # AAC fills up its last frame
    assert pitch(recording.waveform) == pytest.approx(440, abs=1)
    middle = recording.waveform[SAMPLE_RATE // 4 : -SAMPLE_RATE // 4]
    assert np.sqrt(2 * np.mean(middle**2)) == pytest.approx(level, rel=0.06)  # MP3 costs 5 % of it


@pytest.mark.parametrize(
    ("name", "subtype"),
    [
        ("16.wav", "PCM_16"),
        ("24.wav", "PCM_24"),
        ("float.wav", "FLOAT"),
        ("law.wav", "ULAW"),
        ("adpcm.wav", "IMA_ADPCM"),
        ("long.w64", "PCM_16"),
        ("plain.flac", "PCM_16"),
        ("plain.aiff", "PCM_24"),
        ("plain.caf", "PCM_16"),
        ("apple.caf", "ALAC_16"),
        ("plain.au", "PCM_16"),
        ("vorbis.ogg", "VORBIS"),
        ("plain.mp3", "MPEG_LAYER_III"),
    ],
)
def test_a_format_that_libsndfile_writes_is_read(tmp_path: Path, name: str, subtype: str) -> None:
    path = write_with_soundfile(tmp_path / name, make_tone(2), subtype=subtype)
    recording = decode(path)
    assert (recording.sample_rate, recording.channels) == (44_100, 2)
    assert_is_tone(recording, seconds=2, level=0.375)


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("plain.m4a", "aac"),
        ("lossless.m4a", "alac"),
        ("plain.aac", "aac"),
        ("sound.mp4", "aac"),
        ("sound.mov", "pcm_s16le"),
        ("compressed.wav", "libmp3lame"),
    ],
)
def test_a_format_that_ffmpeg_writes_is_read(tmp_path: Path, name: str, codec: str) -> None:
    recording = decode(write_with_ffmpeg(tmp_path / name, codec, make_tone(2)))
    assert (recording.sample_rate, recording.channels) == (44_100, 2)
    assert_is_tone(recording, seconds=2, level=0.375)


@pytest.mark.parametrize("name", ["sound.webm", "sound.opus", "sound.mkv"])
def test_opus_is_read_from_every_container(tmp_path: Path, name: str) -> None:
    path = write_with_ffmpeg(tmp_path / name, "libopus", make_tone(2, rate=48_000), rate=48_000)
    assert_is_tone(decode(path), seconds=2, level=0.375)


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 48_000, 96_000, 192_000, 384_000])
def test_any_rate_within_the_limits_becomes_16_khz(tmp_path: Path, rate: int) -> None:
    recording = decode(write_with_soundfile(tmp_path / "tone.wav", make_tone(1, rate=rate), rate))
    assert recording.sample_rate == rate
    assert_is_tone(recording, seconds=1, level=0.375)


@pytest.mark.parametrize(("channels", "level"), [(1, 0.5), (2, 0.375), (3, 1 / 3), (8, 2.25 / 8)])
def test_channels_are_averaged(tmp_path: Path, channels: int, level: float) -> None:
    recording = decode(write_with_soundfile(tmp_path / "tone.wav", make_tone(1, channels=channels)))
    assert recording.channels == channels
    assert_is_tone(recording, seconds=1, level=level)


def test_a_16_khz_mono_file_is_read_as_it_is(tmp_path: Path) -> None:
    samples = make_tone(1, rate=16_000, channels=1)
    path = write_with_soundfile(tmp_path / "tone.wav", samples, 16_000, "FLOAT")
    np.testing.assert_array_equal(decode(path).waveform, samples[:, 0])


def test_blocks_join_without_a_seam(tmp_path: Path) -> None:
    samples = make_tone(10, rate=48_000, channels=1, hertz=50)
    waveform = decode(write_with_soundfile(tmp_path / "tone.wav", samples, 48_000, "FLOAT")).waveform
    expected = make_tone(10, rate=16_000, channels=1, hertz=50)[:, 0]
    np.testing.assert_allclose(waveform[200:-200], expected[200:-200], atol=1e-4)


def click(rate: int) -> Samples:
    samples = np.zeros((2 * rate, 2), dtype=np.float32)
    samples[rate : rate + rate // 100] = 0.9
    return samples


@pytest.mark.parametrize(
    ("name", "codec"), [("click.mp3", "libmp3lame"), ("click.m4a", "aac"), ("click.opus", "libopus")]
)
def test_the_silence_that_an_encoder_puts_first_is_not_heard(tmp_path: Path, name: str, codec: str) -> None:
    path = write_with_ffmpeg(tmp_path / name, codec, click(48_000), rate=48_000)
    waveform = decode(path).waveform
    loud = np.flatnonzero(np.abs(waveform) > 0.45)
    assert loud[0] / SAMPLE_RATE == pytest.approx(1.0, abs=0.002)


def test_an_mp3_may_begin_with_padding(tmp_path: Path) -> None:
    path = write_with_soundfile(tmp_path / "plain.mp3", make_tone(2), subtype="MPEG_LAYER_III")
    path.write_bytes(bytes(1000) + path.read_bytes())
    recording = decode(path)
    assert recording.seconds == pytest.approx(2, abs=0.1)  # the frame that tells of its silence may be lost
    assert pitch(recording.waveform) == pytest.approx(440, abs=1)


def test_of_several_audio_streams_the_first_is_read(tmp_path: Path) -> None:
    other = make_tone(2, hertz=880) / np.float32(2)
    path = write_with_ffmpeg(tmp_path / "a.stem.mp4", "aac", make_tone(2), other)
    assert_is_tone(decode(path), seconds=2, level=0.375)


def test_a_wrong_suffix_does_not_matter(tmp_path: Path) -> None:
    wav = write_with_soundfile(tmp_path / "tone.wav", make_tone(1))
    for name in ("tone.mp3", "tone.raw", "tone", "-"):
        assert_is_tone(decode(wav.rename(tmp_path / name)), seconds=1, level=0.375)
        (tmp_path / name).rename(wav)


def test_a_file_longer_than_the_limit_is_refused_by_its_header(tmp_path: Path) -> None:
    error = refuse(write_with_soundfile(tmp_path / "tone.wav", make_tone(3)), DecodeLimits(max_seconds=2))
    assert error.reason == "too_long"
    assert str(error) == "The audio is longer than 2 s. Cut it to the part that matters."


@pytest.mark.parametrize(("name", "codec"), [("tone.aac", "aac"), ("tone.webm", "libopus")])
def test_a_file_longer_than_the_limit_is_refused_while_it_is_read(
    tmp_path: Path, name: str, codec: str
) -> None:
    path = write_with_ffmpeg(tmp_path / name, codec, make_tone(9, rate=48_000), rate=48_000)
    assert refuse(path, DecodeLimits(max_seconds=8)).reason == "too_long"


def test_many_channels_at_a_high_rate_may_last_less_long(tmp_path: Path) -> None:
    path = write_with_soundfile(tmp_path / "tone.wav", make_tone(2, rate=96_000, channels=8), 96_000)
    assert decode(path, DecodeLimits(max_samples=96_000 * 8 * 2)).seconds == 2
    assert refuse(path, DecodeLimits(max_samples=96_000 * 8)).reason == "too_long"


def test_a_file_shorter_than_the_limit_is_refused(tmp_path: Path) -> None:
    error = refuse(write_with_soundfile(tmp_path / "tone.wav", make_tone(0.05)))
    assert error.reason == "too_short"
    assert str(error) == "The file holds less than 0.1 s of audio. Send a longer one."


@pytest.mark.parametrize("rate", [1, 7_999, 400_000])
def test_a_rate_outside_the_limits_is_refused(tmp_path: Path, rate: int) -> None:
    error = refuse(write_with_soundfile(tmp_path / "tone.wav", make_tone(1), rate))
    assert error.reason == "unsupported"
    assert f"{rate} Hz" in str(error)


def test_more_than_eight_channels_are_refused(tmp_path: Path) -> None:
    error = refuse(write_with_soundfile(tmp_path / "tone.wav", make_tone(1, channels=9)))
    assert error.reason == "unsupported"
    assert "9 channels" in str(error)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30])
def test_samples_that_are_no_sound_are_refused(tmp_path: Path, value: float) -> None:
    samples = make_tone(1)
    samples[20_000, 1] = value
    error = refuse(write_with_soundfile(tmp_path / "tone.wav", samples, subtype="FLOAT"))
    assert error.reason == "damaged"
    assert "NaN or infinity" in str(error)


def test_infinities_that_cancel_out_between_channels_are_refused(tmp_path: Path) -> None:
    samples = make_tone(1)
    samples[20_000] = [np.inf, -np.inf]
    assert refuse(write_with_soundfile(tmp_path / "a.wav", samples, subtype="FLOAT")).reason == "damaged"


def test_silence_is_read_like_any_sound(tmp_path: Path) -> None:
    recording = decode(write_with_soundfile(tmp_path / "rest.flac", np.zeros((44_100, 2), np.float32)))
    assert recording.seconds == 1
    assert not recording.waveform.any()


def test_a_missing_file_is_no_damaged_audio(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        decode(tmp_path / "nothing.wav")


def test_a_folder_and_a_pipe_are_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    assert refuse(tmp_path).reason == "not_audio"
    assert refuse(tmp_path / "pipe.wav").reason == "not_audio"


@pytest.mark.development_data
@pytest.mark.parametrize("name", FORMATS)
def test_the_sample_of_every_format_is_read_in_full(name: str) -> None:
    recording = decode(development_data() / "formats" / name)
    assert recording.seconds == pytest.approx(round(recording.seconds), abs=0.01)
    assert recording.channels == 2
    assert 0.1 < np.sqrt(np.mean(recording.waveform**2)) < 0.3


@pytest.mark.development_data
@pytest.mark.parametrize("name", [name for name in FORMATS if not name.startswith("ni_")])
def test_the_same_clip_sounds_the_same_and_starts_together_in_every_format(name: str) -> None:
    formats = development_data() / "formats"
    waveform = decode(formats / name).waveform[: 4 * SAMPLE_RATE]
    original = decode(formats / "wav_f32_44k1_stereo.wav").waveform
    assert np.corrcoef(waveform, original)[0, 1] > 0.98


def test_a_flac_that_was_written_to_a_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    path = write_with_soundfile(tmp_path / "whole.flac", make_tone(2))
    whole, content = decode(path), bytearray(path.read_bytes())
    content[21] &= (
        0xF0  # the 36 bits of STREAMINFO that count the samples: a pipe cannot go back to fill them in
    )
    content[22:26] = bytes(4)
    path.write_bytes(content)
    assert np.allclose(decode(path).waveform, whole.waveform, atol=1e-4)
