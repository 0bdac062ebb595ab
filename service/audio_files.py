"""A stem's file over HTTP: ranges, validators and a name, for players that seek and caches that ask again."""

import os
import re
import stat
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final

from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send

# mimetypes differs between systems; browsers play by this name.
MEDIA_TYPES: Final[Mapping[str, str]] = {
    ".aac": "audio/aac",
    ".aif": "audio/aiff",
    ".aiff": "audio/aiff",
    ".caf": "audio/x-caf",
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
    ".mp3": "audio/mpeg",
    ".mp4": "audio/mp4",
    ".oga": "audio/ogg",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".wav": "audio/wav",
    ".webm": "audio/webm",
}
RANGE: Final = re.compile(
    r"bytes=\s*(?:\d{1,18}-\d{0,18}|-\d{1,18})(?:\s*,\s*(?:\d{1,18}-\d{0,18}|-\d{1,18}))*\s*"
)
CACHE: Final = {"Cache-Control": "private, no-cache"}  # keep it, but ask whether it changed


class AudioGoneError(FileNotFoundError):
    """The stem is known, its file is not there any more."""

    def __init__(self, relative_path: str) -> None:
        super().__init__(
            f"The file {relative_path} is gone since it was indexed. "
            "Put it back, or run: counterpart index PATH"
        )

    def __str__(self) -> str:
        return str(self.args[0])


class OutsideLibraryError(PermissionError):
    """The stem's file is not inside a folder that was indexed."""

    def __init__(self, relative_path: str) -> None:
        super().__init__(f"The file {relative_path} is outside the library's folders, so it is not served.")

    def __str__(self) -> str:
        return str(self.args[0])


class RangeNotSatisfiableError(ValueError):
    """The bytes that were asked for are not in the file."""

    def __init__(self, size: int) -> None:
        super().__init__(f"The range lies outside the file, which has {size} bytes.")
        self.size = size


class _PlainRangeResponse(FileResponse):
    """A file response that ignores what RFC 9110 says: a malformed Range, and parts beyond the file."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.stat_result is not None  # noqa: S101 - given by `answer_with_file`
        size = self.stat_result.st_size
        kept = [
            (name, _inside(value.decode("latin-1"), size).encode() if name == b"range" else value)
            for name, value in scope["headers"]
            if name != b"range" or _is_range(value.decode("latin-1"))
        ]
        await super().__call__({**scope, "headers": kept}, receive, send)


def answer_with_file(
    path: Path, roots: Iterable[Path], name: str, headers: Mapping[str, str], *, called: str
) -> Response:
    """The file, a part of it, or 304 when the caller's copy is current; it is to be saved as `called`.

    Raises:
        OutsideLibraryError: the file, after links are followed, is in none of `roots`.
        AudioGoneError: there is no file.
        RangeNotSatisfiableError: none of it was asked for.
    """
    real = find_real_file(path, roots, name)
    status = _stat_file(real, name)
    response = _PlainRangeResponse(
        real,
        media_type=MEDIA_TYPES.get(real.suffix.lower(), "application/octet-stream"),
        filename=called,
        stat_result=status,
        content_disposition_type="inline",
        headers=CACHE,
    )
    etag, modified = response.headers["etag"], response.headers["last-modified"]
    if is_current(headers, etag, status.st_mtime):
        return Response(status_code=304, headers={"ETag": etag, "Last-Modified": modified, **CACHE})
    if headers.get("if-range") in {None, etag, modified} and _misses(headers.get("range"), status.st_size):
        raise RangeNotSatisfiableError(status.st_size)
    return response


def find_real_file(path: Path, roots: Iterable[Path], name: str) -> Path:
    """`path` with links followed.

    Raises:
        OutsideLibraryError: it is in none of `roots`.
        AudioGoneError: there is no file.
    """
    real = path.resolve()
    if not any(real.is_relative_to(root.resolve()) for root in roots):
        raise OutsideLibraryError(name)
    _stat_file(real, name)
    return real


def is_current(headers: Mapping[str, str], etag: str, changed: float) -> bool:
    """Whether the caller's copy is the file as it is now (RFC 9110, 13.2.2: If-None-Match decides alone)."""
    offered = headers.get("if-none-match")
    if offered is not None:
        tags = {tag.strip().removeprefix("W/") for tag in offered.split(",")}
        return "*" in tags or etag in tags
    try:
        since = parsedate_to_datetime(headers.get("if-modified-since", ""))
    except (ValueError, OverflowError):  # no date, or none that a calendar holds
        return False
    if since.tzinfo is None:
        since = since.replace(tzinfo=UTC)
    return datetime.fromtimestamp(int(changed), UTC) <= since


def _stat_file(path: Path, name: str) -> os.stat_result:
    try:
        status = path.stat()
    except OSError as error:
        raise AudioGoneError(name) from error
    if not stat.S_ISREG(status.st_mode):
        raise AudioGoneError(name)
    return status


def _is_range(header: str) -> bool:
    """A Range header that can be followed: bytes, and no part that ends before it starts."""
    return RANGE.fullmatch(header) is not None and all(
        not (first and last) or int(first) <= int(last) for first, last in _parts(header)
    )


def _misses(header: str | None, size: int) -> bool:
    """Whether a well-formed `header` asks for bytes of which every part lies beyond the file."""
    return header is not None and _is_range(header) and _inside(header, size) == "bytes="


def _inside(header: str, size: int) -> str:
    """A well-formed `header` without the parts that lie beyond the file."""
    kept = [
        f"{first}-{last}"
        for first, last in _parts(header)
        if (int(first) < size if first else int(last) > 0 and size > 0)
    ]
    return f"bytes={','.join(kept)}"


def _parts(header: str) -> list[tuple[str, str]]:
    pairs = (part.strip().partition("-") for part in header.partition("=")[2].split(","))
    return [(first, last) for first, _, last in pairs]
