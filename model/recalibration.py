"""A release's calibration, fitted anew through its graphs: its card changes, and no vector of a library."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.calibration import CALIBRATED_BY, check_songs, fit, score_pairs
from model.card import Calibration, read_card, write_card
from model.embedder import Embedder
from model.songs import Song
from model.stem_reader import StemReader

Fit = Callable[[NDArray[np.float64], NDArray[np.float64]], Calibration]
"""Scores of pairs that belong together, and of others, to what a score means."""


class UnfitSongsError(ValueError):
    """Songs by which a score would mean the opposite of what it is made to mean."""


def recalibrate(release: Path, songs: Sequence[Song], reader: StemReader, fit: Fit = fit) -> Calibration:
    """Fit what scores mean on `songs`, which the release must not have learned from, and write it down.

    Raises:
        BrokenModelError: there is no release that can be read.
        TooFewSongsError, ValueError: the songs give no pairs to calibrate on; the card stays as it was.
        UnfitSongsError: they say the opposite of what is to be; the card stays as it was.
    """
    check_songs(songs)
    pairs = score_pairs(songs, reader, Embedder.open(release), CALIBRATED_BY)
    calibration = fit(*pairs)
    if calibration.slope <= 0:
        raise UnfitSongsError(
            "By these songs, pairs that score higher belong together less often. The card stays as it was; "
            "look whether the stems of each song start together, or give other songs."
        )
    write_card(release, replace(read_card(release), calibration=calibration))
    return calibration
