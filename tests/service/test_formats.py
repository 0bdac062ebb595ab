"""A mix in every common format finds the same counterpart."""

import subprocess
from pathlib import Path

import pytest
from starlette.testclient import TestClient

pytestmark = pytest.mark.ffmpeg

# What a person may have on the disk, as ffmpeg writes it.
FORMATS = {
    "mix.aiff": ["-c:a", "pcm_s16be"],
    "mix.flac": [],
    "mix.m4a": ["-c:a", "aac", "-b:a", "128k"],
    "mix.mp3": ["-b:a", "128k"],
    "mix.ogg": ["-c:a", "libvorbis"],
    "mix.opus": ["-c:a", "libopus"],
    "stereo 48k.wav": ["-ac", "2", "-ar", "48000", "-c:a", "pcm_s24le"],
    "float.wav": ["-c:a", "pcm_f32le"],
    "no_suffix": ["-f", "wav"],
}


def convert(mix: bytes, target: Path, options: list[str]) -> bytes:
    source = target.with_name("source.wav")
    source.write_bytes(mix)
    command = ["ffmpeg", "-v", "error", "-i", str(source), *options, str(target)]
    subprocess.run(command, check=True)  # noqa: S603 - our own arguments
    return target.read_bytes()


@pytest.mark.parametrize("filename", FORMATS)
def test_a_mix_is_understood_in(filename: str, client: TestClient, mix: bytes, tmp_path: Path) -> None:
    content = convert(mix, tmp_path / filename, FORMATS[filename])
    response = client.post("/match?type=bass&limit=1", files={"mix": (filename, content)})
    assert response.status_code == 200, response.text
    assert response.json()["matches"][0]["stem"]["song"] == "song-02"
    assert response.json()["query"]["seconds"] == pytest.approx(20.0, abs=0.1)


@pytest.mark.parametrize("filename", ["mix.mp3", "mix.flac"])
def test_half_a_file_is_a_shorter_mix_or_refused(
    filename: str, client: TestClient, mix: bytes, tmp_path: Path
) -> None:
    content = convert(mix, tmp_path / filename, FORMATS[filename])
    response = client.post("/match?type=bass", files={"mix": (filename, content[: len(content) // 2])})
    assert response.status_code in {200, 422}
