"""A release's calibration, fitted anew through its graphs: its card changes, and no vector of a library."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from model.calibration import CALIBRATED_BY, check_songs, fit, score_pairs
from model.card import Calibration, read_card, write_card
from model.embedder import Embedder
from model.songs import Song
from model.stem_reader import StemReader


def recalibrate(release: Path, songs: Sequence[Song], reader: StemReader) -> Calibration:
    """Fit what scores mean on `songs`, which the release must not have learned from, and write it down.

    Raises:
        BrokenModelError: there is no release that can be read.
        TooFewSongsError, ValueError: the songs give no pairs to calibrate on; the card stays as it was.
    """
    check_songs(songs)
    pairs = score_pairs(songs, reader, Embedder.open(release), CALIBRATED_BY)
    calibration = fit(*pairs)
    write_card(release, replace(read_card(release), calibration=calibration))
    return calibration
