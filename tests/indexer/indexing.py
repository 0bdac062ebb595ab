"""Runs the indexer on a folder of tones and looks at what came of it."""

from pathlib import Path

from rich.console import Console

from audio.stems import StemType
from indexer.opening import open_for_reading
from indexer.report import Report
from indexer.run import index_library, rebuild_library
from library.builds import StemIndexes, open_current
from library.catalogue import Catalogue
from library.records import StemRecord
from library.search import search_stems
from library.settings import Settings
from tests.fakes import FakeEmbedder
from tests.songs import mix_waveform


class Indexing:
    """The collaborators of a test, and short ways to use them."""

    def __init__(self, songs: Path, settings: Settings) -> None:
        self.songs = songs
        self.settings = settings
        self.embedder = FakeEmbedder()

    def run(self, *paths: Path, given_type: StemType | None = None) -> Report:
        console = Console(quiet=True)
        return index_library(
            paths or [self.songs], self.settings, self.embedder, console, given_type=given_type
        )

    def rebuild(self) -> Report:
        return rebuild_library(self.settings, self.embedder, Console(quiet=True))

    def open_indexes(self) -> StemIndexes:
        return open_current(self.settings.data, self.embedder.card.id)

    def records(self) -> dict[str, StemRecord]:
        with open_for_reading(self.settings) as sessions, sessions() as session:
            catalogue = Catalogue(session)
            numbers = [each.number for each in catalogue.embedded_stems()]
            return {each.relative_path: each for each in catalogue.stems_by_number(numbers).values()}

    def best_songs(self, song: int, stem_type: StemType) -> list[str]:
        mix = mix_waveform(song, without=stem_type, seconds=10.0)
        queries = self.embedder.predict(self.embedder.embed_context(mix), stem_type)
        hits = search_stems(self.open_indexes(), stem_type, queries, 10)
        by_number = {each.number: each.song for each in self.records().values()}
        return [by_number[hit.number] for hit in hits if hit.number in by_number]
