"""Where the shipped release lies: one folder under `model/weights`, inside the package."""

from pathlib import Path

from model.card import CARD, BrokenModelError

WEIGHTS = Path(__file__).parent / "weights"


def shipped_weights(root: Path = WEIGHTS) -> Path:
    """Folder of the release that travels with the package.

    Raises:
        BrokenModelError: the package holds no release, or more than one.
    """
    releases = sorted(card.parent for card in root.glob(f"*/{CARD}"))
    if len(releases) != 1:
        raise BrokenModelError(
            f"Expected one release in {root}, found {len(releases)}. "
            "Reinstall Counterpart, or name a model folder with --model or COUNTERPART_MODEL."
        )
    return releases[0]
