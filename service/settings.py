"""What an operator may set for the service, on top of where the library lives."""

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from library.settings import Settings


class ServiceSettings(Settings):
    """Limits of the service; each is `COUNTERPART_…` in the environment and listed in `.env.example`."""

    max_upload_bytes: int = Field(
        default=100_000_000, ge=1, description="Largest request body; more answers 413."
    )
    upload_seconds: float = Field(
        default=120, gt=0, description="Time for a request body to arrive; more answers 413."
    )
    max_uploads: int = Field(
        default=64,
        ge=1,
        description="Requests with a body that are let in at the same time; more answer 503.",
    )
    upload_budget_bytes: int = Field(
        default=700_000_000,
        ge=1,
        description="Bytes of all those bodies together, at least `max_upload_bytes`; more answer 503.",
    )
    max_mix_seconds: float = Field(
        default=1200, gt=0, le=36_000, description="Longest mix that is decoded; more answers 422."
    )

    decoders: int = Field(default=2, ge=1, le=256, description="Processes that decode uploads.")
    decode_seconds: float = Field(
        default=15,
        gt=0,
        description="Time for one file to be decoded, less than `answer_seconds`; more answers 422.",
    )
    decode_cpu_seconds: int = Field(
        default=12, ge=1, description="Processor time for one file to be decoded; more answers 422."
    )
    decode_memory_bytes: int = Field(
        default=1_500_000_000,
        ge=500_000_000,
        description="Address space of a decoding process, libraries included; more answers 422.",
    )

    max_inference: int = Field(default=2, ge=1, description="Mixes compared at the same time.")
    max_queue: int = Field(
        default=16, ge=0, description="Requests that may wait besides those; more answer 503 at once."
    )
    batch: int = Field(
        default=0, ge=0, description="Mixes that go through the networks at once; 0 is 8 on a GPU, else 1."
    )
    answer_seconds: float = Field(
        default=30, gt=0, description="Time for an answer once the upload is in; more answers 503."
    )
    cache_bytes: int = Field(
        default=128_000_000, ge=0, description="Memory for mixes that were heard lately; 0 keeps none."
    )

    require_key: bool = Field(
        default=False, description="Whether reading needs an API key; changing the library always does."
    )
    rate_limit: str = Field(
        default="",
        description="Requests for each key, or each address without one, as in 60/minute; empty is no limit.",
    )
    cors_origins: str = Field(
        default="", description="Origins whose pages may ask, apart by commas; empty is none, * is all."
    )
    index_uploads: bool = Field(
        default=True, description="Whether the service starts the indexer for stems that are sent to it."
    )

    log_format: Literal["text", "json"] = Field(
        default="text", description="Form of the log: for eyes, or one JSON object a line."
    )
    otlp_endpoint: str = Field(
        default="", description="Where OpenTelemetry spans are sent (OTLP over HTTP); empty is nowhere."
    )

    @field_validator("upload_budget_bytes")
    @classmethod
    def _hold_the_largest(cls, budget: int, info: ValidationInfo) -> int:
        """Otherwise the largest upload would be told to come back, for ever."""
        largest = info.data.get("max_upload_bytes")
        if largest is not None and budget < largest:
            raise ValueError(
                f"One upload may have {largest} bytes (COUNTERPART_MAX_UPLOAD_BYTES) and all together only "
                f"{budget}. Set it to at least {largest}, if there is so much room for temporary files."
            )
        return budget

    @field_validator("answer_seconds")
    @classmethod
    def _leave_time_to_refuse(cls, seconds: float, info: ValidationInfo) -> float:
        """A file that hangs its decoder is to be refused; a 503 would say that it should be sent again."""
        decoding = info.data.get("decode_seconds")
        if decoding is not None and decoding >= seconds:
            raise ValueError(
                f"Decoding one file may take {decoding:g} s and the whole answer only {seconds:g} s. "
                "Set it higher, or COUNTERPART_DECODE_SECONDS lower."
            )
        return seconds
