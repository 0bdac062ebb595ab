import io

from rich.console import Console

from indexer.progress import IndexingProgress


def test_the_speed_is_that_of_the_whole_run() -> None:
    console = Console(file=io.StringIO(), width=160)
    times = iter([0.0, 10.0, 20.0])
    with IndexingProgress(console, files=4, clock=lambda: next(times)) as progress:
        progress.advance(3600)
        progress.advance(3600)
    assert "0.1 files/s, 0.100 h of audio/s" in console.file.getvalue()  # type: ignore[attr-defined] # a StringIO


def test_files_and_hours_of_audio_are_counted() -> None:
    console = Console(file=io.StringIO(), width=120)
    with IndexingProgress(console, files=3) as progress:
        progress.advance(1800)
        progress.advance(3600)
    text = console.file.getvalue() if isinstance(console.file, io.StringIO) else ""
    assert "2/3 files" in text
    assert "1.50 h of audio" in text


def test_nothing_to_do_shows_no_bar() -> None:
    console = Console(file=io.StringIO(), width=120)
    with IndexingProgress(console, files=0):
        pass
    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue() == ""
