"""`counterpart model evaluate`: songs in, tables out."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from model.embedder import Embedder
from model.evaluate import Evaluation, comparison, type_table, write_report
from model.retrieval import Protocols, rank_songs
from model.songs import find_songs
from model.stem_reader import StemReader


class NoQueriesError(ValueError):
    """Songs from which no query with at least two candidates can be cut."""


def evaluate_folders(
    root: Path,
    releases: Sequence[Path],
    protocol: Protocols,
    *,
    json_path: Path | None,
    cache: Path,
    console: Console,
) -> list[Evaluation]:
    """Evaluate releases on the songs under `root` and print how they compare.

    Raises:
        NoSongsError: `root` holds no songs.
        NoQueriesError: nothing can be asked of them.
        BrokenModelError: a release cannot be read.
    """
    songs, reader = find_songs(root), StemReader(cache)
    embedders = {folder: Embedder.open(folder) for folder in releases}
    evaluations = []
    with Progress(console=console) as progress:
        for folder, embedder in embedders.items():
            task = progress.add_task(folder.name, total=len(songs))
            results = rank_songs(songs, reader, embedder, protocol, partial(progress.advance, task))
            if not results:
                raise NoQueriesError(
                    f"Nothing can be asked of {root}. It needs two songs that share a stem type, "
                    "each longer than 6 seconds and with something else playing."
                )
            evaluations.append(Evaluation(f"{folder.name} ({embedder.card.id})", results))
    for table in (comparison(evaluations, root.name), type_table(evaluations[0])):
        console.print(table)
    if json_path is not None:
        write_report(json_path, evaluations)
    return evaluations
