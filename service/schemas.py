"""What the API answers with, field by field, as its OpenAPI document shows it."""

from pydantic import BaseModel, Field

from audio.windows import SECTIONS


class StemView(BaseModel):
    """A stem of the library."""

    id: str = Field(description="Stable public id of the stem.", examples=["3f9a0c1de25b7740"])
    type: str = Field(description="One of the stem types.", examples=["drums"])
    song: str = Field(description="The song that the stem was cut from.", examples=["song-a"])
    path: str = Field(description="The file, relative to the indexed folder.", examples=["song-a/drums.wav"])
    seconds: float = Field(description="Length of the file.", examples=[30.0])
    type_source: str = Field(
        default="name",
        description="Who said the type: `manifest`, `layout` of a data set, `name`, `option` or `model`.",
        examples=["name"],
    )
    type_confidence: float = Field(
        default=1.0, description="1, or less where the model guessed.", examples=[1.0]
    )
    bpm: float | None = Field(default=None, description="Tempo, where it is known.", examples=[96.0])
    bpm_source: str | None = Field(
        default=None, description="Who said so: `manifest`, `tags` of the file, its `name`, or an `estimate`."
    )
    bpm_confidence: float | None = Field(default=None, description="1, or less where it is an estimate.")
    key: str | None = Field(default=None, description="Key, where it is known.", examples=["A minor"])
    key_source: str | None = Field(default=None, description="As `bpm_source`.")
    key_confidence: float | None = Field(default=None, description="1, or less where it is an estimate.")
    kind: str | None = Field(default=None, description="`loop`, `one-shot` or `song`.", examples=["loop"])
    loudness: float | None = Field(
        default=None, description="Integrated loudness of the mono mixdown in LUFS.", examples=[-18.3]
    )
    licence: str | None = Field(default=None, description="Licence as the library states it.")
    tags: list[str] = Field(default_factory=list)
    audio_url: str = Field(
        description="Where to hear it, on this server.", examples=["/stems/3f9a0c1de25b7740/audio"]
    )
    audio_name: str = Field(default="", description="What its file is called.", examples=["drums.wav"])
    peaks_url: str = Field(
        description="Where its outline is, for drawing it.", examples=["/stems/3f9a0c1de25b7740/peaks"]
    )


class StemsAnswer(BaseModel):
    """A page of the library's stems."""

    stems: list[StemView]
    next: int | None = Field(
        description="What to give as `after` for the next page; null on the last one.", examples=[1200]
    )


class PeaksAnswer(BaseModel):
    """The outline of a stem."""

    seconds: float = Field(description="Length of the stem.", examples=[30.0])
    peaks: list[list[int]] = Field(
        description="Lowest and highest sample of each of equal stretches; full scale is 127.",
        examples=[[[-12, 15], [-90, 88]]],
    )


class Placement(BaseModel):
    """Where the stem fits the mix best."""

    mix_start: float = Field(
        description="Seconds from the start of the mix as uploaded, also when only a region was asked.",
        examples=[8.0],
    )
    stem_start: float = Field(description="Seconds from the start of the stem.", examples=[0.0])
    seconds: float = Field(
        description="How long the two overlap in the window that was compared.", examples=[8.0]
    )


class Match(BaseModel):
    """One stem and how well it fits."""

    rank: int = Field(description="1 is the best fit of the whole answer.", examples=[1])
    score: float = Field(
        ge=0, le=1, description="Compatibility, 0 to 1, calibrated by the model.", examples=[0.91]
    )
    stem: StemView
    placement: Placement


class QueryView(BaseModel):
    """What was understood of the mix."""

    filename: str = Field(
        description="Name of the upload; `mix` where it was asked for by its `sha256`.", examples=["mix.wav"]
    )
    sha256: str = Field(
        description="SHA-256 of the upload: for a while, it asks about the same mix again without the file.",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    )
    seconds: float = Field(description="Length of the mix as uploaded.", examples=[31.2])
    windows: int = Field(
        description="Windows of the mix that were compared with the library, for each type: "
        f"one every few hundredths of a second over up to {SECTIONS} sections. "
        "0 if the library holds none of the wanted types.",
        examples=[514],
    )
    bpm: float | None = Field(default=None, description="Tempo of the mix, estimated.", examples=[96.0])
    bpm_confidence: float | None = Field(
        default=None, description="How probable it is that it is right, 0 to 1.", examples=[0.83]
    )
    key: str | None = Field(default=None, description="Key of the mix, estimated.", examples=["A minor"])
    key_confidence: float | None = Field(default=None, description="As `bpm_confidence`.", examples=[0.54])


class ModelView(BaseModel):
    """The model that compared them."""

    name: str = Field(examples=["compact"])
    version: str = Field(examples=["1"])


class Timings(BaseModel):
    """Milliseconds that each step took, measured for this answer."""

    decode: float = Field(description="Reading the file into samples.")
    context: float = Field(description="The context encoder, once for all types.")
    predict: float = Field(description="The predictor, all types together.")
    search: float = Field(
        description="The search in the library, a second look at what it brought, and leaving out copies."
    )
    total: float = Field(description="All of it, from the received upload to the answer.")


class MatchAnswer(BaseModel):
    """Stems that fit the mix, best first."""

    query: QueryView
    model: ModelView
    build: str = Field(description="The published index that was searched.")
    matches: list[Match] = Field(description="At most `limit` for each type, ranked together by score.")
    timings_ms: Timings


class TypeView(BaseModel):
    """A stem type and how much of it the library holds."""

    type: str = Field(examples=["drums"])
    stems: int = Field(description="Stems in the current build.", examples=[120])
    windows: int = Field(description="Windows in the current build.", examples=[480])


class GroupView(BaseModel):
    """A name that stands for several types."""

    group: str = Field(examples=["harmony"])
    types: list[str]


class TypesAnswer(BaseModel):
    """Everything that `type` may be."""

    build: str | None = Field(description="The current build; null while there is none.")
    types: list[TypeView]
    groups: list[GroupView]


class LiveAnswer(BaseModel):
    status: str = Field(examples=["alive"])


class Check(BaseModel):
    """One thing that has to hold before requests are worth sending."""

    name: str = Field(examples=["build"])
    ok: bool
    detail: str = Field(description="What was found, and what to do if it is not as it should be.")


class ReadyAnswer(BaseModel):
    status: str = Field(description="`ready` or `not ready`.", examples=["ready"])
    checks: list[Check]


class VersionAnswer(BaseModel):
    name: str
    version: str
    model: str = Field(description="Id of the model in use; a build belongs to one.")
    provider: str = Field(description="Where the model runs.", examples=["CPUExecutionProvider"])
    build: str | None = Field(description="The current build; null while there is none.")
