"""Keys for the API: made once, shown once, kept as a hash, revoked for ever."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal, get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.tables import ApiKeyRow

Scope = Literal["read", "write"]
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)

# 192 random bits: nobody guesses one, so a plain hash is as good as a slow one.
_SECRET_BYTES: Final = 24
_KEY: Final = re.compile(r"cp_([0-9a-f]{12})_([A-Za-z0-9_-]{32})")


class UnknownApiKeyError(LookupError):
    """There is no key with this id."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key, without what would let anybody use it."""

    id: str
    name: str
    scopes: frozenset[Scope]
    created: datetime
    revoked: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A key that was just made, with the text that is shown this once."""

    key: ApiKey
    text: str


class ApiKeys:
    """The keys within one session. Never commits."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def create(self, name: str, scopes: Collection[Scope], now: datetime) -> NewApiKey:
        """Make a key; who may write may read."""
        wanted = frozenset(scopes) | ({"read"} if scopes else frozenset())
        if not wanted or not wanted <= set(SCOPES):
            raise ValueError(f"A key needs one or more of the scopes {', '.join(SCOPES)}.")
        identifier, secret = secrets.token_hex(6), secrets.token_urlsafe(_SECRET_BYTES)
        row = ApiKeyRow(
            id=identifier,
            name=name,
            sha256=_hash(secret),
            scopes=" ".join(sorted(wanted)),
            created=now,
            revoked=None,
        )
        self._session.add(row)
        self._session.flush()
        return NewApiKey(_key(row), f"cp_{identifier}_{secret}")

    def list_keys(self) -> list[ApiKey]:
        """All keys, revoked ones included, the oldest first."""
        rows = self._session.scalars(select(ApiKeyRow).order_by(ApiKeyRow.created, ApiKeyRow.id))
        return [_key(row) for row in rows]

    def revoke(self, identifier: str, now: datetime) -> ApiKey:
        """Let nobody use this key any more; revoking it again changes nothing.

        Raises:
            UnknownApiKeyError: there is no such key.
        """
        row = self._session.get(ApiKeyRow, identifier)
        if row is None:
            raise UnknownApiKeyError(f"There is no key {identifier!r}. See: counterpart keys list")
        row.revoked = row.revoked or now
        self._session.flush()
        return _key(row)

    def find(self, text: str) -> ApiKey | None:
        """The key that `text` is, if it may be used."""
        match = _KEY.fullmatch(text)
        row = None if match is None else self._session.get(ApiKeyRow, match[1])
        if match is None or row is None or row.revoked is not None:
            return None
        return _key(row) if hmac.compare_digest(row.sha256, _hash(match[2])) else None


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _key(row: ApiKeyRow) -> ApiKey:
    scopes = frozenset(scope for scope in SCOPES if scope in row.scopes.split())
    revoked = None if row.revoked is None else _aware(row.revoked)
    return ApiKey(row.id, row.name, scopes, _aware(row.created), revoked)


def _aware(time: datetime) -> datetime:
    """SQLite forgets the time zone; what is written is UTC."""
    return time if time.tzinfo else time.replace(tzinfo=UTC)
