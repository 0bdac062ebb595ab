"""Stems are sent, indexed by a process of its own, found, and removed again."""

import sys
import threading
from contextlib import closing, nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from starlette.testclient import TestClient

from audio.stems import StemType
from library.builds import CURRENT
from service.app import create_app
from service.decoders import Decoders
from service.index_runner import IndexRunner, index_command
from service.resources import share_resources
from service.settings import ServiceSettings
from service.stem_inbox import UPLOADS
from tests.fakes import FakeEmbedder
from tests.service.conftest import ClientOpener, create_write_key, index, settings_for, wav_bytes
from tests.service.test_match_refusals import check_problem
from tests.songs import stem_waveform, write_stem


@pytest.fixture
def writer(own_data: Path, open_client: ClientOpener) -> TestClient:
    """A client with a key that may write, of a service that leaves indexing to others."""
    settings = settings_for(own_data, index_uploads=False)
    client = open_client(settings)
    client.headers["Authorization"] = f"Bearer {create_write_key(settings)}"
    return client


@pytest.fixture(scope="module")
def new_stem() -> bytes:
    return wav_bytes(stem_waveform(7, StemType.BASS, 20.0))


def test_a_stem_is_sent_indexed_found_and_removed(
    writer: TestClient, own_data: Path, new_stem: bytes
) -> None:
    form = {"type": "bass", "song": "new song", "licence": "CC0", "tag": ["Dark", "deep"], "bpm": "97.5"}
    sent = writer.post("/stems", files={"stem": ("../my bass.wav", new_stem)}, data=form)
    assert sent.status_code == 202, sent.text
    assert sent.json()["status"] == "waiting"
    url = sent.json()["stem_url"]
    assert writer.get(url).status_code == 404
    index(own_data / UPLOADS, own_data)
    stem = writer.get(url).json()
    assert (stem["type"], stem["song"], stem["licence"], stem["bpm"]) == ("bass", "new song", "CC0", 97.5)
    assert stem["tags"] == ["dark", "deep"]
    assert writer.get(stem["audio_url"]).content == new_stem
    again = writer.post("/stems", files={"stem": new_stem}, data={"type": "bass"})
    assert again.json()["status"] == "indexed"
    (found,) = writer.post("/match?type=bass&limit=1", files={"mix": new_stem}).json()["matches"]
    assert found["stem"]["id"] == stem["id"]
    assert writer.delete(url).status_code == 204
    assert writer.get(url).status_code == 404
    matches = writer.post("/match?type=bass&limit=1000", files={"mix": new_stem}).json()["matches"]
    assert stem["id"] not in [each["stem"]["id"] for each in matches]
    assert list((own_data / UPLOADS).rglob("*.wav")) == []


def test_a_stem_is_shown_once_it_can_be_found(writer: TestClient, own_data: Path, new_stem: bytes) -> None:
    url = writer.post("/stems", files={"stem": new_stem}, data={"type": "bass"}).json()["stem_url"]
    published = (own_data / CURRENT).readlink()
    index(own_data / UPLOADS, own_data)
    assert writer.get(url).status_code == 200
    (own_data / CURRENT).unlink()
    (own_data / CURRENT).symlink_to(published)  # as it is while the build is still being made
    check_problem(writer.get(url), 404, "no stem")


def test_what_is_said_of_a_stem_in_vain_is_refused(
    writer: TestClient, own_data: Path, new_stem: bytes
) -> None:
    misspelt = writer.post("/stems", files={"stem": new_stem}, data={"type": "bass", "tags": "x"})
    check_problem(misspelt, 422, "form field 'tags'", "tag, bpm")
    misplaced = writer.post("/stems?song=x", files={"stem": new_stem}, data={"type": "bass"})
    check_problem(misplaced, 422, "'song' stands in the address", "form field")
    assert not (own_data / UPLOADS).exists()


def test_a_form_that_cannot_be_read_is_told_this_address_s_field(writer: TestClient) -> None:
    sent = writer.post("/stems", content=b"x", headers={"Content-Type": "multipart/form-data"})
    problem = check_problem(sent, 400, "-F stem=@")
    assert ".." not in problem["detail"]


def test_removing_leaves_files_of_the_library_alone(writer: TestClient, own_stems: Path) -> None:
    before = sorted(own_stems.rglob("*.wav"))
    stem = writer.get("/stems").json()["stems"][0]["id"]
    assert writer.delete(f"/stems/{stem}").status_code == 204
    check_problem(writer.delete(f"/stems/{stem}"), 404)
    assert sorted(own_stems.rglob("*.wav")) == before


@pytest.mark.parametrize("filename", ["upload", "take.bwf", " drums.wav "])
def test_a_stem_is_indexed_whatever_its_file_is_called(
    writer: TestClient, own_data: Path, new_stem: bytes, filename: str
) -> None:
    sent = writer.post("/stems", files={"stem": (filename, new_stem)}, data={"type": "bass"})
    assert sent.status_code == 202, sent.text
    index(own_data / UPLOADS, own_data)
    audio = writer.get(f"{sent.json()['stem_url']}/audio")
    assert (audio.content, audio.headers["content-type"]) == (new_stem, "audio/wav")


def test_of_a_stem_that_cannot_be_indexed_the_reason_is_told(
    writer: TestClient, own_data: Path, new_stem: bytes
) -> None:
    sent = writer.post("/stems", files={"stem": ("bass.wav", new_stem)}, data={"type": "bass"})
    url = sent.json()["stem_url"]
    check_problem(writer.get(url), 404, "no stem")
    (path,) = (own_data / UPLOADS).rglob("*.wav")
    path.write_bytes(b"")
    index(own_data / UPLOADS, own_data)
    refused = writer.get(url)
    check_problem(refused, 404, "cannot be indexed", "empty")
    assert refused.json()["type"].endswith(":stem-not-indexed")
    path.write_bytes(new_stem)
    index(own_data / UPLOADS, own_data)
    assert writer.get(url).json()["type"] == "bass"


def test_of_a_library_file_that_fails_nothing_is_told_as_of_a_stem(
    writer: TestClient, own_stems: Path, own_data: Path
) -> None:
    write_stem(own_stems / "0123456789abcdef-x" / "bass.wav", np.zeros(100, np.float32))
    (own_stems / "0123456789abcdef-bass.wav").write_bytes(b"")
    index(own_stems, own_data)
    problem = writer.get("/stems/0123456789abcdef")
    check_problem(problem, 404)
    assert problem.json()["type"].endswith(":unknown-stem")


@pytest.mark.parametrize("filename", ["song.stem.mp4", "music/Song.STEM.MP4", " song.stem.mp4 "])
def test_a_file_of_several_stems_is_refused(
    writer: TestClient, own_data: Path, new_stem: bytes, filename: str
) -> None:
    response = writer.post("/stems", files={"stem": (filename, new_stem)}, data={"type": "bass"})
    check_problem(response, 422, "send each as a file of its own")
    assert not (own_data / UPLOADS).exists()


def test_more_tags_than_anybody_needs_are_refused(
    writer: TestClient, own_data: Path, new_stem: bytes
) -> None:
    form = {"type": "bass", "tag": [f"tag {number}" for number in range(101)]}
    check_problem(writer.post("/stems", files={"stem": new_stem}, data=form), 422, "body.tag", "at most 100")
    assert not (own_data / UPLOADS).exists()


def test_a_file_that_was_sent_stays_until_the_last_stem_in_it_is_removed(
    writer: TestClient, own_data: Path
) -> None:
    parts = [stem_waveform(7, stem_type, 9.0) for stem_type in (StemType.BASS, StemType.KEYS)]
    path = write_stem(own_data / UPLOADS / "song/all.wav", np.stack(parts, axis=1))
    rows = "song/all.wav,bass,1,new song\nsong/all.wav,keys,2,new song\n"
    (own_data / UPLOADS / "manifest.csv").write_text(f"file,type,channels,song\n{rows}")
    index(own_data / UPLOADS, own_data)
    first, last = writer.get("/stems", params={"song": "new song"}).json()["stems"]
    assert writer.delete(f"/stems/{first['id']}").status_code == 204
    assert writer.get(last["audio_url"]).status_code == 200
    assert path.exists()
    assert writer.delete(f"/stems/{last['id']}").status_code == 204
    assert not path.exists()


@pytest.mark.parametrize(
    ("content", "form", "status", "told"),
    [
        (b"Dear Sir or Madam", {"type": "bass"}, 415, "not audio"),
        (wav_bytes(np.zeros(80_000, np.float32)), {"type": "bass"}, 422, "silent"),
        (b"", {}, 422, "type"),
        (b"", {"type": "drum"}, 422, "drums"),
        (b"", {"type": "harmony"}, 422, "wind, synth, other."),
        (b"", {"type": "bass", "bpm": "-1"}, 422, "bpm"),
        (b"", {"type": "bass", "key": "H minor"}, 422, "not a key"),
        (b"", {"type": "bass", "song": "a\0b"}, 422, "NUL"),
    ],
)
def test_what_is_no_stem_is_not_kept(
    *, writer: TestClient, own_data: Path, content: bytes, form: dict[str, str], status: int, told: str
) -> None:
    check_problem(writer.post("/stems", files={"stem": ("s.wav", content)}, data=form), status, told)
    assert not (own_data / UPLOADS).exists()


def test_without_room_nothing_is_kept(writer: TestClient, own_data: Path, new_stem: bytes) -> None:
    (own_data / UPLOADS).symlink_to("/proc/self")  # where nobody makes a folder
    response = writer.post("/stems", files={"stem": new_stem}, data={"type": "bass"})
    assert response.status_code in {500, 503}


def test_similar_stems_are_of_its_type_and_not_itself(client: TestClient) -> None:
    stem = client.get("/stems?type=bass").json()["stems"][0]
    found = client.get(f"/stems/{stem['id']}/similar?limit=2").json()["stems"]
    assert [each["rank"] for each in found] == [1, 2]
    assert {each["stem"]["type"] for each in found} == {"bass"}
    assert stem["id"] not in [each["stem"]["id"] for each in found]
    assert found[0]["score"] >= found[1]["score"]
    check_problem(client.get("/stems/0000000000000000/similar"), 404)
    check_problem(client.get(f"/stems/{stem['id']}/similar?limit=0"), 422, "query.limit")
    check_problem(client.get(f"/stems/{stem['id']}/similar?type=drums"), 422, "'type'", "Known: limit")


def test_the_missing_stem_fits_better_than_another(client: TestClient, mix: bytes) -> None:
    def ask(song: int) -> float:
        files = {"mix": mix, "stem": wav_bytes(stem_waveform(song, StemType.BASS, 20.0))}
        answer = client.post("/compatibility?type=bass", files=files).json()
        assert answer["placement"]["seconds"] > 0
        return float(answer["score"])

    assert ask(2) > ask(5)


def test_a_comparison_needs_two_sounds_and_a_type(client: TestClient, mix: bytes) -> None:
    check_problem(client.post("/compatibility?type=bass", files={"mix": mix}), 422, "`stem`")
    check_problem(client.post("/compatibility", files={"mix": mix, "stem": mix}), 422, "type")
    check_problem(client.post("/compatibility?type=drum", files={"mix": mix, "stem": mix}), 422, "drums")
    group = client.post("/compatibility?type=harmony", files={"mix": mix, "stem": mix})
    check_problem(group, 422, "wind, synth, other.")
    silence = wav_bytes(np.zeros(80_000, np.float32))
    check_problem(client.post("/compatibility?type=bass", files={"mix": mix, "stem": silence}), 422, "silent")


def test_what_comes_during_a_run_is_done_by_one_more(tmp_path: Path) -> None:
    gate, log = tmp_path / "gate", tmp_path / "log"
    script = (
        "import pathlib, sys, time\n"
        f"open({str(log)!r}, 'a').write('run\\n')\n"
        f"while not pathlib.Path({str(gate)!r}).exists(): time.sleep(0.01)\n"
    )
    with closing(IndexRunner([sys.executable, "-c", script])) as runner:
        runner.ask()
        while not log.exists():
            threading.Event().wait(0.01)
        for _ in range(5):
            runner.ask()
        gate.touch()
        while log.read_text() != "run\nrun\n":
            threading.Event().wait(0.01)
    assert log.read_text() == "run\nrun\n"


def test_a_run_that_fails_is_tried_again_later() -> None:
    pauses: list[float] = []
    tried = threading.Event()

    def pause(seconds: float, _: threading.Event) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            tried.set()

    with closing(IndexRunner([sys.executable, "-c", "raise SystemExit(1)"], pause)) as runner:
        runner.ask()
        tried.wait()
    assert pauses[:3] == [5, 10, 20]


def test_without_a_command_nothing_is_run() -> None:
    with closing(IndexRunner(None)) as runner:
        runner.ask()
        assert runner.runs == 0


def test_a_run_has_the_library_and_the_model_of_the_service(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "data", model=tmp_path / "own model", device="cuda")
    command = index_command(tmp_path / "data/uploads", settings)
    assert command[3:] == [
        *("index", "add", str(tmp_path / "data/uploads")),
        *("--data", str(tmp_path / "data"), "--device", "cuda", "--model", str(tmp_path / "own model")),
    ]


def test_the_shipped_model_needs_no_name(tmp_path: Path) -> None:
    assert "--model" not in index_command(tmp_path, settings_for(tmp_path))


def test_what_a_stopped_service_left_is_indexed_by_the_next(
    writer: TestClient, own_data: Path, decoders: Decoders, new_stem: bytes
) -> None:
    settings = settings_for(own_data, index_uploads=False)
    assert asks_for_a_run(settings, decoders) is False
    assert writer.post("/stems", files={"stem": new_stem}, data={"type": "bass"}).status_code == 202
    assert asks_for_a_run(settings, decoders) is True
    for path in (own_data / UPLOADS).rglob("*.wav"):
        path.unlink()
    assert asks_for_a_run(settings, decoders) is False


def asks_for_a_run(settings: ServiceSettings, decoders: Decoders) -> bool:
    """Whether a service that starts has something indexed."""
    with (
        share_resources(settings, FakeEmbedder(), decoders) as resources,
        closing(IndexRunner([sys.executable, "-c", ""])) as runner,
    ):
        shared = replace(resources, runner=runner)
        app = create_app(settings, open_resources=lambda _: nullcontext(shared))
        with TestClient(app) as client:
            assert client.get("/livez").status_code == 200
        return runner.asked > 0
