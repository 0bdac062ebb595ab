"""What an operator may set for the service, on top of where the library lives."""

from pydantic import Field

from library.settings import Settings


class ServiceSettings(Settings):
    """Limits of the service; each is `COUNTERPART_…` in the environment and listed in `.env.example`."""

    max_upload_bytes: int = Field(
        default=100_000_000, ge=1, description="Largest request body; more answers 413."
    )
    max_mix_seconds: float = Field(
        default=1200, gt=0, description="Longest mix that is decoded; more answers 422."
    )
    max_inference: int = Field(
        default=2, ge=1, description="Mixes decoded and compared at the same time; others wait their turn."
    )
