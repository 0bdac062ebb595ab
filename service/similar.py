"""`GET /stems/{id}/similar`: what else in the library sounds like a stem, by the vectors of its windows."""

from dataclasses import dataclass
from typing import Annotated, Final

import numpy as np
from fastapi import APIRouter, Query, Request
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from audio.stems import StemType
from library.builds import StemIndexes
from library.catalogue import Catalogue, StemNumbers
from library.records import StemRecord
from library.search import search_stems, vectors_of
from service import kinds
from service.dependencies import DeskDep, IndexesDep, ResourcesDep
from service.documentation import WORK, problems
from service.parameters import check_query
from service.patience import Patience
from service.presenting import present_stem
from service.stem_schemas import SimilarAnswer, SimilarStem
from service.stems import UNKNOWN, StemId, find_stem

# A song of ten minutes has 150; these tell as much.
WINDOWS_ASKED: Final = 24
# The order of the search is that of evidence along one lag; that of likeness may differ a little.
SPARE: Final = 20

router = APIRouter(prefix="/stems", tags=["library"])


class SimilarQuery(BaseModel):
    """What may stand after `/similar?`."""

    limit: int = Field(default=10, ge=1, le=1000, description="Stems, at most.")


@dataclass(frozen=True, slots=True)
class StemQueries:
    """The windows of a stem, as queries."""

    vectors: NDArray[np.float32]
    starts: NDArray[np.float64]


@router.get(
    "/{stem_id}/similar",
    summary="Find stems like a stem",
    responses=problems(
        *UNKNOWN,
        (kinds.UNKNOWN_PARAMETER, "Unknown query parameter 'type'. Known: limit."),
        (kinds.INVALID_PARAMETERS, "query.limit: Input should be less than or equal to 1000."),
        (kinds.NO_INDEX, "There is no index yet. Run: counterpart index PATH"),
        (kinds.UNUSABLE_INDEX, "The index was made by another model. Run: counterpart index rebuild"),
        *WORK,
    ),
)
async def find_similar(
    *,
    stem_id: StemId,
    request: Request,
    indexes: IndexesDep,
    resources: ResourcesDep,
    desk: DeskDep,
    query: Annotated[SimilarQuery, Query()],
) -> SimilarAnswer:
    """Stems of the same type, the most similar first. A stem that waits for the next index has none yet."""
    check_query(request.query_params, SimilarQuery)
    prefix = request.scope.get("root_path", "")

    def search() -> SimilarAnswer:
        with resources.catalogues.open() as catalogue:
            found = similar_stems(find_stem(catalogue, stem_id), indexes, catalogue, query.limit)
        return SimilarAnswer(
            build=indexes.build,
            stems=[
                SimilarStem(rank=rank, score=round(score, 4), stem=present_stem(stem, prefix))
                for rank, (score, stem) in enumerate(found, start=1)
            ],
        )

    async def answer(_: Patience) -> SimilarAnswer:
        return await desk.in_thread(search, await desk.inference.take())

    return await desk.carry_out(request, answer)


def similar_stems(
    stem: StemRecord, indexes: StemIndexes, catalogue: Catalogue, limit: int
) -> list[tuple[float, StemRecord]]:
    """At most `limit` stems of its type with how alike they are, 0 to 1, the most similar first."""
    index = indexes.index(stem.type)
    if index is None:
        return []
    own = vectors_of(index, np.array([stem.number]))
    if not len(own.vectors):
        return []
    chosen = np.unique(np.linspace(0, len(own.vectors) - 1, WINDOWS_ASKED).astype(int))
    queries = StemQueries(own.vectors[chosen], own.numbers[chosen] * indexes.manifest.hop_seconds)

    def is_there(numbers: StemNumbers) -> NDArray[np.bool_]:
        return catalogue.are_answerable(numbers, StemType(stem.type))

    hits = search_stems(indexes, stem.type, queries, limit + SPARE, excluded=[stem.number], is_there=is_there)
    numbers = np.array([hit.number for hit in hits], np.int64)
    windows = vectors_of(index, numbers)
    cosines = queries.vectors @ windows.vectors.T
    alike = {
        int(number): float(cosines[:, windows.owners == place].max(axis=1).mean())
        for place, number in enumerate(numbers)
    }
    records = catalogue.stems_by_number(list(alike))
    ranked = sorted(records.values(), key=lambda record: (-alike[record.number], record.number))
    return [(min(max(alike[record.number], 0.0), 1.0), record) for record in ranked[:limit]]
