"""What is wrong with a file that cannot be used as audio, said so that its owner can mend it."""

from typing import Literal

Reason = Literal["not_audio", "empty", "too_short", "too_long", "unsupported", "damaged"]


class UnreadableAudioError(ValueError):
    """A file that holds no audio we can use; the message says why and what to do, `reason` is its kind."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
