"""Which exception becomes which answer: the whole map, and the handlers that apply it."""

import errno
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from audio.decode import UnreadableAudioError
from audio.stems import GROUPS, STEM_TYPES, UnknownStemTypeError
from library.builds import DamagedBuildError, NoBuildError, WrongModelError
from library.database import DATABASE_FAILURES, DATABASE_MISTAKES, NoTablesError, WrongRevisionError
from service import kinds
from service.asking import UnusableMixError
from service.audio_files import AudioGoneError, OutsideLibraryError, RangeNotSatisfiableError
from service.decoders import DecoderLostError
from service.desk import QueueFullError
from service.parameters import MisplacedParameterError, RepeatedParameterError, UnknownParameterError
from service.patience import GivenUpError, TooLateError
from service.problems import FieldProblem, Kind, problem_response, request_id_of
from service.recent_mixes import ForgottenMixError
from service.stems import StemNotIndexedError, UnknownStemError
from service.upload_guard import UploadStoppedError

KINDS: Final[Mapping[type[Exception], Kind]] = {
    AudioGoneError: kinds.AUDIO_GONE,
    DamagedBuildError: kinds.UNUSABLE_INDEX,
    DecoderLostError: kinds.DECODER_LOST,
    ForgottenMixError: kinds.MIX_NOT_REMEMBERED,
    GivenUpError: kinds.GIVEN_UP,
    MisplacedParameterError: kinds.INVALID_PARAMETERS,
    NoBuildError: kinds.NO_INDEX,
    NoTablesError: kinds.UNUSABLE_DATABASE,
    OutsideLibraryError: kinds.NOT_SERVED,
    QueueFullError: kinds.BUSY,
    RangeNotSatisfiableError: kinds.RANGE_OUTSIDE,
    RepeatedParameterError: kinds.INVALID_PARAMETERS,
    StemNotIndexedError: kinds.STEM_NOT_INDEXED,
    TooLateError: kinds.TOO_LATE,
    UnknownParameterError: kinds.UNKNOWN_PARAMETER,
    UnknownStemError: kinds.UNKNOWN_STEM,
    UnknownStemTypeError: kinds.UNKNOWN_TYPE,
    UnreadableAudioError: kinds.UNUSABLE_AUDIO,
    UnusableMixError: kinds.UNUSABLE_AUDIO,
    WrongModelError: kinds.UNUSABLE_INDEX,
    WrongRevisionError: kinds.UNUSABLE_DATABASE,
}
STORAGE_FAILED: Final = "The server cannot store files at the moment. Try again later."
# No room, no right to write, no more open files: the machine's state, which an operator can mend.
STORAGE_ERRORS: Final = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EFBIG,
    errno.EROFS,
    errno.EACCES,
    errno.EPERM,
    errno.EIO,
    errno.EMFILE,
    errno.ENFILE,
}
DATABASE_FAILED: Final = "The database does not answer at the moment. Try again in a few seconds."

logger = logging.getLogger(__name__)

# Sentences for the mistakes that people make; pydantic's own words for the others.
HINTS: Final[Mapping[str, str]] = {
    "body.stem": "Send the stem as a file in the multipart form field `stem`: curl -F stem=@drums.wav",
    "query.type": f"Name at least one stem type: ?type=drums. Known: {', '.join([*STEM_TYPES, *GROUPS])}.",
    "body.mix": "Send the mix as a file in the multipart form field `mix`: curl -F mix=@mix.wav",
}


def install_error_handlers(app: FastAPI) -> None:
    """Answer every exception of the map, and the framework's own, with problem details."""
    for exception in KINDS:
        app.add_exception_handler(exception, present_error)
    for exception in DATABASE_FAILURES:
        app.add_exception_handler(exception, present_database_failure)
    app.add_exception_handler(OSError, present_storage_failure)
    app.add_exception_handler(RequestValidationError, present_invalid)
    app.add_exception_handler(HTTPException, present_http)


def present_error(request: Request, error: Exception) -> Response:
    """Answer for one of ours: its kind from the map, its own sentence as the detail."""
    headers = {}
    if isinstance(error, RangeNotSatisfiableError):
        headers["Content-Range"] = f"bytes */{error.size}"
    if isinstance(error, QueueFullError):
        headers["Retry-After"] = str(error.retry_seconds)
    return problem_response(request.scope, kind_of(error), str(error), headers=headers)


def present_database_failure(request: Request, error: Exception) -> Response:
    """Answer for a database that fails in the middle of a request; its own words may hold addresses."""
    if isinstance(error, DATABASE_MISTAKES):
        raise error
    logger.error("Request %s: the database failed.", request_id_of(request.scope), exc_info=error)
    return problem_response(request.scope, kinds.DATABASE_FAILED, DATABASE_FAILED)


def present_storage_failure(request: Request, error: Exception) -> Response:
    """Answer for a disk that is full or may not be written to."""
    if not isinstance(error, OSError) or error.errno not in STORAGE_ERRORS:
        raise error
    logger.error("Request %s: the storage failed.", request_id_of(request.scope), exc_info=error)
    return problem_response(request.scope, kinds.STORAGE_FAILED, STORAGE_FAILED)


def kind_of(error: Exception) -> Kind:
    """The kind of problem that `error` is."""
    if isinstance(error, UnreadableAudioError) and error.reason == "not_audio":
        return kinds.NOT_AUDIO
    return KINDS[type(error)]


def present_invalid(request: Request, error: Exception) -> Response:
    """Answer for parameters and forms that do not fit their description."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for nothing else
    errors = [_field_problem(each) for each in error.errors()]
    without_type = any(each.message == HINTS["query.type"] for each in errors)
    kind = kinds.UNKNOWN_TYPE if without_type else kinds.INVALID_PARAMETERS
    hints = frozenset(HINTS.values())
    detail = " ".join(
        each.message if each.message in hints else f"{each.field}: {each.message}." for each in errors
    )
    return problem_response(request.scope, kind, detail, errors)


def present_http(request: Request, error: Exception) -> Response:
    """Answer for what the framework refuses: no such path, wrong method, unreadable form."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
    if error.status_code < HTTPStatus.BAD_REQUEST:
        return Response(status_code=error.status_code, headers=error.headers)
    if isinstance(error.__cause__, OSError) and error.__cause__.errno in STORAGE_ERRORS:
        return present_storage_failure(request, error.__cause__)  # the upload had no room
    if isinstance(error.__cause__, ClientDisconnect):
        return problem_response(request.scope, kinds.GIVEN_UP, "Whoever asked went away.")
    phrase = HTTPStatus(error.status_code).phrase
    if isinstance(error, UploadStoppedError):
        kind = error.kind
    else:
        kind = kinds.OF_STATUS.get(error.status_code) or Kind(error.status_code, "refused", phrase)
    return problem_response(request.scope, kind, _detail(request, error), headers=error.headers)


def _detail(request: Request, error: HTTPException) -> str:
    if error.status_code == HTTPStatus.NOT_FOUND:
        return "There is nothing at this address. The API is described at /docs."
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = (error.headers or {}).get("Allow", "other methods")
        return f"This address does not answer {request.method}; it answers {allowed}."
    if error.status_code == HTTPStatus.BAD_REQUEST:
        wanted = HINTS["body.stem" if request.url.path.endswith("/stems") else "body.mix"]
        said = error.detail.rstrip(".")
        return f"The body cannot be read as a multipart/form-data form: {said}. {wanted}"
    return error.detail


def _field_problem(error: Mapping[str, Any]) -> FieldProblem:
    # Of an item in a list, the list is what has a name.
    field = ".".join(str(part) for part in error["loc"] if not isinstance(part, int))
    told = str(error["msg"])
    # Who named too many knows how to name one.
    return FieldProblem(field=field, message=told if error["type"] == "too_long" else HINTS.get(field, told))
