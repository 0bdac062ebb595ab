"""A release exported anew from its own graphs: the same networks, as they are written today."""

from dataclasses import replace
from pathlib import Path

from model.card import ModelCard, check_graphs, read_card, write_card
from model.ensemble import Ensemble
from model.export import Release, check_replaceable, export
from model.half_precision import rounded
from model.type_guess import TypeGuess
from model.unpack import read_networks


def renew_release(release: Path, out: Path, version: str) -> ModelCard:
    """Write the networks of `release` to `out`, with its calibration, its guess of types and its history.

    Graphs are compared with the networks as at any export, so scores stay what they were to `TOLERANCE`. Each
    release has an id of its own: libraries are embedded anew.

    Raises:
        NotUnpackableError: the graphs do not determine the networks.
        BrokenModelError: the release is incomplete or damaged.
        UnreadableTypeGuessError: its guess of types is.
        OccupiedFolderError: `out` holds something else than a release, or the release itself.
    """
    check_replaceable(out, [release])
    card = read_card(release)
    check_graphs(release, card)
    guess_type = TypeGuess.load(release, card.dimension)
    networks = read_networks(release, card)
    whole = rounded(Ensemble(networks)) if "members" in card.config else rounded(networks[0])
    renewed = export(whole, out, Release(version, card.calibration, card.training, guess_type))
    told = replace(renewed, evaluation=card.evaluation)
    write_card(out, told)
    return told
