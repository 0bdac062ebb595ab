"""What has to hold before a request is worth sending here."""

import logging

import numpy as np

from library.builds import DamagedBuildError, NoBuildError, WrongModelError
from library.database import WrongRevisionError
from model.embedder import PROVIDERS
from service.decoders import DecoderLostError
from service.resources import Resources, warm_up
from service.schemas import Check

logger = logging.getLogger(__name__)


def check_readiness(resources: Resources) -> list[Check]:
    """Every check, asked now, in the order in which an operator would mend them."""
    return [
        check_database(resources),
        check_build(resources),
        check_model(resources),
        check_provider(resources),
        check_decoders(resources),
    ]


def check_database(resources: Resources) -> Check:
    """The database answers and has the tables that this version reads."""
    try:
        resources.catalogues.check()
    except WrongRevisionError as error:
        return Check(name="database", ok=False, detail=str(error))
    except Exception as error:  # noqa: BLE001 - drivers raise what they like; its text may hold addresses
        detail = f"The database cannot be reached ({type(error).__name__}). Check COUNTERPART_DATABASE_URL."
        return Check(name="database", ok=False, detail=detail)
    return Check(name="database", ok=True, detail="Reachable, and its tables are those of this version.")


def check_build(resources: Resources) -> Check:
    """There is a published build, it is this model's, and each of its indexes answers."""
    try:
        indexes = resources.build.indexes()
        for stem_type in indexes.types:
            query = np.zeros((1, indexes.manifest.dimension), np.float32)
            query[0, 0] = 1.0
            indexes.search(stem_type, query, 1)
    except (NoBuildError, WrongModelError, DamagedBuildError) as error:
        return Check(name="build", ok=False, detail=str(error))
    except Exception:
        logger.exception("An index does not answer.")
        return Check(name="build", ok=False, detail="An index does not answer. Run: counterpart index check")
    held = indexes.manifest
    return Check(name="build", ok=True, detail=f"{held.build}: {held.stems} stems in {held.vectors} windows.")


def check_model(resources: Resources) -> Check:
    """The graphs run: one window goes through them, now."""
    try:
        warm_up(resources.embedder)
    except Exception:
        logger.exception("The model does not run.")
        return Check(name="model", ok=False, detail="The model does not run; the log says why. Restart it.")
    return Check(name="model", ok=True, detail=f"{resources.embedder.card.id} is loaded and has just run.")


def check_decoders(resources: Resources) -> Check:
    """Uploads can be decoded."""
    try:
        resources.decoders.check()
    except DecoderLostError as error:
        detail = f"{error} Check the limits on processes and memory."
        return Check(name="decoders", ok=False, detail=detail)
    return Check(name="decoders", ok=True, detail="A process that decodes uploads is there.")


def check_provider(resources: Resources) -> Check:
    """The model runs where the operator wanted it to."""
    wanted, used = PROVIDERS[resources.settings.device], resources.embedder.provider
    if wanted == used:
        return Check(name="provider", ok=True, detail=f"{used}, as asked for.")
    detail = f"The model runs on {used}, but COUNTERPART_DEVICE={resources.settings.device} wants {wanted}."
    return Check(name="provider", ok=False, detail=detail)
