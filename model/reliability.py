"""How far a calibrated score can be believed: of pairs that it gives 0.9, do 9 in 10 belong together?"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS = 10


def measure_reliability(
    predicted: NDArray[np.float64], belong: NDArray[np.bool_], bins: int = BINS
) -> dict[str, Any]:
    """Reliability table, Brier score and expected calibration error of predictions [N] in 0..1.

    Pairs that belong together and pairs that do not weigh half each, as in the fit. The Brier score is the
    mean squared error (Brier 1950; 0.25 is a coin's); the expected calibration error is the mean distance of
    predicted and observed over equally wide bins (Naeini et al., AAAI 2015).

    Returns:
        `together` and `apart` (numbers of pairs), `brier`, `ece`, and `table`: for each bin that holds any
        pairs, the mean `predicted`, the share `observed` to belong together, and their number of `pairs`.
    """
    weights = np.where(belong, 0.5 / max(belong.sum(), 1), 0.5 / max((~belong).sum(), 1))
    weights /= weights.sum()
    places = np.minimum((predicted * bins).astype(np.int64), bins - 1)
    table = []
    error = 0.0
    for place in np.unique(places):
        inside = places == place
        share = float(weights[inside].sum())
        mean = float(np.average(predicted[inside], weights=weights[inside]))
        observed = float(np.average(belong[inside], weights=weights[inside]))
        error += share * abs(mean - observed)
        table.append(
            {"predicted": round(mean, 4), "observed": round(observed, 4), "pairs": int(inside.sum())}
        )
    return {
        "together": int(belong.sum()),
        "apart": int((~belong).sum()),
        "brier": round(float(np.sum(weights * (predicted - belong) ** 2)), 4),
        "ece": round(error, 4),
        "table": table,
    }
