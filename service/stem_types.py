"""`GET /types`: what may be asked for, and how much of it there is."""

from fastapi import APIRouter

from audio.stems import GROUPS, STEM_TYPES
from library.builds import NoBuildError
from service import kinds
from service.dependencies import ResourcesDep
from service.documentation import problems
from service.schemas import GroupView, TypesAnswer, TypeView

router = APIRouter(tags=["library"])


@router.get(
    "/types",
    summary="List the stem types",
    responses=problems(
        (kinds.UNUSABLE_INDEX, "The index was made by another model. Run: counterpart index rebuild")
    ),
)
def list_types(resources: ResourcesDep) -> TypesAnswer:
    """Every stem type with the stems and windows that the current build holds, and the groups of types.

    Before anything is indexed all counts are 0 and `build` is null.
    """
    try:
        indexes = resources.build.indexes()
    except NoBuildError:
        build, indexed = None, {}
    else:
        build, indexed = indexes.build, dict(indexes.types)
    return TypesAnswer(
        build=build,
        types=[
            TypeView(
                type=each,
                stems=indexed[each].stems if each in indexed else 0,
                windows=indexed[each].vectors if each in indexed else 0,
            )
            for each in STEM_TYPES
        ],
        groups=[GroupView(group=name, types=list(types)) for name, types in GROUPS.items()],
    )
