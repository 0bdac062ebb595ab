"""`counterpart serve` as a process of its own: its address, its answers and its end."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]

FAKE_SERVER = """
from service.cli import serve
from service.resources import share_resources
from tests.fakes import FakeEmbedder
serve(obj=lambda settings: share_resources(settings, FakeEmbedder()))
"""
INDEXER = "import time; time.sleep(600)"
# As if stems had been sent: an indexer is at work beside it.
BUSY_SERVER = f"""
import sys
from contextlib import closing, contextmanager
from dataclasses import replace
from service.cli import serve
from service.index_runner import IndexRunner
from service.resources import share_resources
from tests.fakes import FakeEmbedder

@contextmanager
def open_busy(settings):
    with (
        share_resources(settings, FakeEmbedder()) as resources,
        closing(IndexRunner([sys.executable, "-c", {INDEXER!r}])) as runner,
    ):
        runner.ask()
        yield replace(resources, runner=runner)

serve(obj=open_busy)
"""


def test_serve_prints_its_address_answers_and_stops(indexed_data: Path) -> None:
    with serving(FAKE_SERVER, indexed_data) as process:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)


@pytest.mark.parametrize("stopped_by", [signal.SIGTERM, signal.SIGINT])
def test_what_serve_started_ends_with_it(indexed_data: Path, stopped_by: signal.Signals) -> None:
    with serving(BUSY_SERVER, indexed_data) as process:
        children = psutil.Process(process.pid).children()
        assert any(INDEXER in child.cmdline() for child in children)
        process.send_signal(stopped_by)
        code = process.wait(timeout=30)
        _, alive = psutil.wait_procs(children, timeout=10)
        for child in alive:  # none must stay behind the test either
            child.kill()
        assert (code, alive) == (0, [])


@contextmanager
def serving(program: str, data: Path) -> Iterator["subprocess.Popen[str]"]:
    """A process with a server that answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments = [sys.executable, "-c", program, "--port", str(port), "--data", str(data)]
    with subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own
        try:
            assert process.stdout is not None
            assert f"http://127.0.0.1:{port}" in process.stdout.readline()
            assert wait_until_ready(process, f"http://127.0.0.1:{port}/readyz") == 200
            yield process
        finally:
            process.send_signal(signal.SIGINT)


def wait_until_ready(process: subprocess.Popen[str], url: str) -> int:
    while process.poll() is None:
        try:
            return httpx.get(url).status_code
        except httpx.ConnectError:
            time.sleep(0.05)
    raise AssertionError("The server ended before it answered.")
