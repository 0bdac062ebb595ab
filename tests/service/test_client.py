"""The Python client against a real server: every method, and what it says when something is wrong."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from audio.stems import StemType
from service.app import create_app
from service.client import Counterpart, NoAnswerError, ProblemError
from service.decoders import Decoders
from service.resources import share_resources
from service.stem_inbox import MANIFEST, NO_SONG, UPLOADS
from tests.fakes import FakeCard, FakeEmbedder
from tests.service.conftest import SONGS, create_write_key, settings_for
from tests.service.servers import running_server
from tests.songs import mix_waveform, stem_waveform, write_stem


@pytest.fixture
def server(own_data: Path, decoders: Decoders) -> Iterator[str]:
    settings = settings_for(own_data, index_uploads=False)
    app = create_app(
        settings, open_resources=lambda chosen: share_resources(chosen, FakeEmbedder(), decoders)
    )
    with running_server(app) as url:
        yield url


@pytest.fixture
def key(own_data: Path) -> str:
    return create_write_key(settings_for(own_data))


@pytest.fixture
def mix_file(tmp_path: Path) -> Path:
    return write_stem(tmp_path / "mix.wav", mix_waveform(2, StemType.BASS, 20.0))


def test_a_reader_can_ask_everything(server: str, mix_file: Path) -> None:
    with Counterpart(server) as counterpart:
        answer = counterpart.match(mix_file, ["bass"], limit=2)
        assert [match.rank for match in answer.matches] == [1, 2]
        assert counterpart.match_again(answer.query.sha256, ["bass"], limit=2).matches == answer.matches
        stem = answer.matches[0].stem
        assert counterpart.stem(stem.id) == stem
        assert counterpart.audio(stem.id)[:4] == b"RIFF"
        assert counterpart.peaks(stem.id).seconds == 20.0
        assert len(counterpart.similar(stem.id, limit=3).stems) == 3
        assert len(list(counterpart.stems(limit=5))) == 3 * SONGS
        assert {stem.type for stem in counterpart.stems(type=["drums"])} == {"drums"}
        assert counterpart.types().build == answer.build == counterpart.version().build
        assert counterpart.version().model == FakeCard().id
        assert counterpart.readiness().status == "ready"
        assert 0 <= counterpart.compatibility(mix_file, mix_file, "bass").score <= 1


def test_a_writer_can_change_the_library(server: str, key: str, own_data: Path, tmp_path: Path) -> None:
    sent = write_stem(tmp_path / "bass.wav", stem_waveform(9, StemType.BASS, 5.0))
    with Counterpart(server, key) as counterpart:
        accepted = counterpart.add_stem(sent, "bass", song="new", tag=["dark"], bpm=99)
        assert accepted.status == "waiting"
        facts = {"song": None, "tag": ("dark", "moody"), "bpm": 99.5}
        other = write_stem(tmp_path / "other.wav", stem_waveform(8, StemType.BASS, 5.0))
        counterpart.add_stem(other, "bass", **facts)
        said = json.loads((own_data / UPLOADS / MANIFEST).read_text().splitlines()[-1])
        assert (said["song"], said["tags"], said["bpm"]) == (NO_SONG, ["dark", "moody"], 99.5)
        assert counterpart.match(sent, ["bass"], seconds=None, limit=1).matches
        first = next(counterpart.stems())
        counterpart.remove_stem(first.id)
        with pytest.raises(ProblemError) as caught:
            counterpart.stem(first.id)
        assert caught.value.kind == "unknown-stem"


def test_a_problem_says_what_the_server_said(server: str, mix_file: Path) -> None:
    with Counterpart(server) as counterpart:
        with pytest.raises(ProblemError, match="Known: drums") as caught:
            counterpart.match(mix_file, ["drum"])
        assert caught.value.problem.status == 422
        with pytest.raises(ProblemError, match="Send the file") as forgotten:
            counterpart.match_again("0" * 64, ["bass"])
        assert forgotten.value.kind == "mix-not-remembered"
        with pytest.raises(ProblemError, match="API key"):
            counterpart.remove_stem("0000000000000000")


def test_no_server_is_no_answer() -> None:
    with Counterpart("http://127.0.0.1:1") as counterpart:
        with pytest.raises(NoAnswerError, match="Check the address"):
            counterpart.types()
        with pytest.raises(NoAnswerError):
            counterpart.readiness()


def test_a_client_that_leaves_frees_its_place(own_data: Path, decoders: Decoders, mix_file: Path) -> None:
    """The networks are stopped in the first of two steps; whoever asked is gone before the second."""
    steps, go_on = list[str](), threading.Event()

    class SlowEmbedder(FakeEmbedder):
        def embed_context(self, waveform):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - as in the fake
            steps.append("context")
            if len(steps) > 1:
                go_on.wait(60)
            return super().embed_context(waveform)

        def predict(self, latents, stem_type):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - as in the fake
            steps.append("predict")
            return super().predict(latents, stem_type)

    settings = settings_for(own_data, max_inference=1)
    app = create_app(
        settings, open_resources=lambda chosen: share_resources(chosen, SlowEmbedder(), decoders)
    )
    with running_server(app) as url, Counterpart(url) as counterpart:
        host, _, port = url.removeprefix("http://").partition(":")
        body = (
            b'--x\r\nContent-Disposition: form-data; name="mix"; filename="mix.wav"\r\n\r\n'
            + mix_file.read_bytes()
            + b"\r\n--x--\r\n"
        )
        head = (
            f"POST /match?type=bass HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(body)}\r\n"
            "Content-Type: multipart/form-data; boundary=x\r\n\r\n"
        )
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(head.encode() + body)
            while len(steps) < 3:  # warmed up: context and predict; then this one's context
                time.sleep(0.01)
        before = list(steps)
        time.sleep(0.3)  # the server hears of it
        go_on.set()
        assert counterpart.match(mix_file, ["drums"]).matches
    assert before == ["context", "predict", "context"]
    assert steps == [*before, "context", "predict"]
