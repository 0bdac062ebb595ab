"""How often one may ask: a sliding window for each key or address, told in the RateLimit headers.

The headers are those of draft-ietf-httpapi-ratelimit-headers-10. Each replica counts for itself.
"""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

POLICY: Final = "default"


class RateLimitSettingError(ValueError):
    """The limit is not written as one."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands after a request; without a limit, all fields are empty."""

    allowed: bool = True
    limit: int = 0
    window_seconds: int = 0
    remaining: int = 0
    retry_seconds: int = 0

    def headers(self) -> Mapping[str, str]:
        """What the answer says of it."""
        if not self.limit:
            return {}
        return {
            "RateLimit-Policy": f'"{POLICY}";q={self.limit};w={self.window_seconds}',
            "RateLimit": f'"{POLICY}";r={self.remaining};t={self.retry_seconds}',
        }


NO_LIMIT: Final = Standing()


@dataclass(slots=True)
class Rates:
    """Counts requests against the limit `text`, such as 60/minute; empty is no limit.

    Raises:
        RateLimitSettingError: it cannot be read.
    """

    text: str
    _item: RateLimitItem | None = field(init=False, default=None)
    _limiter: SlidingWindowCounterRateLimiter | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        if self.text:
            self._item = read_limit(self.text)
            self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def count(self, who: str) -> Standing:
        """One more request of `who`."""
        if self._item is None or self._limiter is None:
            return NO_LIMIT
        allowed = self._limiter.hit(self._item, who)
        window = self._limiter.get_window_stats(self._item, who)
        seconds = max(math.ceil(window.reset_time - time.time()), 0 if allowed else 1)
        return Standing(allowed, self._item.amount, self._item.get_expiry(), window.remaining, seconds)


def read_limit(text: str) -> RateLimitItem:
    """The limit that `text` is.

    Raises:
        RateLimitSettingError: it is none.
    """
    try:
        return parse(text)
    except ValueError as error:
        raise RateLimitSettingError(
            f"COUNTERPART_RATE_LIMIT={text!r} is no limit. Write 60/minute or 1000/hour, or leave it empty."
        ) from error
