import io

from rich.console import Console

from indexer.progress import IndexingProgress


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
