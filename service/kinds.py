"""Every kind of problem that the API answers with, by its name in the code."""

from typing import Final

from service.last_resort import UNEXPECTED
from service.problems import Kind

RETRY_SECONDS: Final = 30

INVALID_PARAMETERS: Final = Kind(422, "invalid-parameters", "Invalid parameters")
UNKNOWN_TYPE: Final = Kind(422, "unknown-stem-type", "Unknown stem type")
UNKNOWN_PARAMETER: Final = Kind(422, "unknown-parameter", "Unknown parameter")
UNREADABLE_FORM: Final = Kind(400, "unreadable-form", "Unreadable form")
NOT_AUDIO: Final = Kind(415, "not-audio", "Not audio")
UNUSABLE_AUDIO: Final = Kind(422, "unusable-audio", "Unusable audio")
NO_INDEX: Final = Kind(503, "no-index", "No index", RETRY_SECONDS)
UNUSABLE_INDEX: Final = Kind(503, "unusable-index", "Unusable index", RETRY_SECONDS)
UNUSABLE_DATABASE: Final = Kind(503, "unusable-database", "Unusable database", RETRY_SECONDS)
STORAGE_FAILED: Final = Kind(503, "storage-failed", "Storage failed", RETRY_SECONDS)
NO_KEY: Final = Kind(401, "no-key", "API key needed")
NOT_ALLOWED: Final = Kind(403, "not-allowed", "Not allowed")
TOO_MANY: Final = Kind(429, "too-many-requests", "Too many requests", 1)
DATABASE_FAILED: Final = Kind(503, "database-failed", "Database failed", 5)
BUSY: Final = Kind(503, "busy", "Server busy", 1)
TOO_LATE: Final = Kind(503, "too-late", "No answer in time", 5)
DECODER_LOST: Final = Kind(503, "decoder-lost", "Decoder lost", 1)
GIVEN_UP: Final = Kind(499, "given-up", "Request given up by the client")
UNKNOWN_STEM: Final = Kind(404, "unknown-stem", "Unknown stem")
STEM_NOT_INDEXED: Final = Kind(404, "stem-not-indexed", "Stem not indexed")
MIX_NOT_REMEMBERED: Final = Kind(404, "mix-not-remembered", "Mix not remembered")
NOT_SERVED: Final = Kind(404, "not-served", "File not served")
AUDIO_GONE: Final = Kind(410, "audio-gone", "File gone")
RANGE_OUTSIDE: Final = Kind(416, "range-outside-file", "Range outside the file")
NOT_FOUND: Final = Kind(404, "not-found", "Not found")
WRONG_METHOD: Final = Kind(405, "wrong-method", "Method not allowed")
REFUSED: Final = Kind(400, "refused", "Request refused")

OF_STATUS: Final = {kind.status: kind for kind in (UNREADABLE_FORM, NOT_FOUND, WRONG_METHOD, UNEXPECTED)}
