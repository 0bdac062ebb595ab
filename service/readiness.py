"""What has to hold before a request is worth sending here."""

from library.builds import DamagedBuildError, NoBuildError, WrongModelError
from library.database import WrongRevisionError
from model.embedder import PROVIDERS
from service.resources import Resources
from service.schemas import Check


def check_readiness(resources: Resources) -> list[Check]:
    """Every check, asked now, in the order in which an operator would mend them."""
    return [
        check_database(resources),
        check_build(resources),
        check_model(resources),
        check_provider(resources),
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
    """There is a published build, and it is this model's."""
    try:
        indexes = resources.build.indexes()
    except (NoBuildError, WrongModelError, DamagedBuildError) as error:
        return Check(name="build", ok=False, detail=str(error))
    held = indexes.manifest
    return Check(name="build", ok=True, detail=f"{held.build}: {held.stems} stems in {held.vectors} windows.")


def check_model(resources: Resources) -> Check:
    """The graphs are loaded and have run."""
    # The first inference is part of opening the resources, so whoever answers here has warm graphs.
    return Check(name="model", ok=True, detail=f"{resources.embedder.card.id} is loaded and warm.")


def check_provider(resources: Resources) -> Check:
    """The model runs where the operator wanted it to."""
    wanted, used = PROVIDERS[resources.settings.device], resources.embedder.provider
    if wanted == used:
        return Check(name="provider", ok=True, detail=f"{used}, as asked for.")
    detail = f"The model runs on {used}, but COUNTERPART_DEVICE={resources.settings.device} wants {wanted}."
    return Check(name="provider", ok=False, detail=detail)
