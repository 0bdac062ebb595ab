"""What the endpoints beside `/match` answer with that compare or change stems."""

from typing import Literal

from pydantic import BaseModel, Field

from service.schemas import ModelView, Placement, StemView, Timings


class SimilarStem(BaseModel):
    """A stem that sounds like another."""

    rank: int = Field(description="1 is the most similar.", examples=[1])
    score: float = Field(
        ge=0, le=1, description="Mean cosine of the windows that are most alike, 0 to 1.", examples=[0.83]
    )
    stem: StemView


class SimilarAnswer(BaseModel):
    """Stems of the same type that sound like one of the library."""

    build: str = Field(description="The published index that was searched.")
    stems: list[SimilarStem]


class CompatibilityAnswer(BaseModel):
    """How well a stem fits a mix."""

    score: float = Field(ge=0, le=1, description="Compatibility, 0 to 1, as in `/match`.", examples=[0.91])
    placement: Placement
    model: ModelView
    timings_ms: Timings


class AcceptedStem(BaseModel):
    """A stem that was sent to the library."""

    id: str = Field(description="Its public id.", examples=["3f9a0c1de25b7740"])
    status: Literal["waiting", "indexed"] = Field(
        description="`waiting` until the indexer has embedded and published it; `/stems/{id}` answers then."
    )
    stem_url: str = Field(description="Where it will be shown.", examples=["/stems/3f9a0c1de25b7740"])
