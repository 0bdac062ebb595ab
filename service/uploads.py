"""From an uploaded file to samples: a temporary file with a safe name, then the decoder with limits."""

import re
import shutil
import tempfile
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final

from audio.decode import DecodeLimits, Recording
from service.decoders import Decoder
from service.patience import Patience

UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")
LONGEST_NAME: Final = 80


def plain_name(filename: str | None) -> str:
    """`filename` without folders, and without half characters, to call the upload by."""
    whole = (filename or "").encode("utf-8", "replace").decode()
    return PurePosixPath(whole.replace("\\", "/")).name[-LONGEST_NAME:] or "mix"


def safe_name(filename: str | None) -> str:
    """`plain_name` without anything that a file system could stumble on.

    The end is kept, because decoders look at the suffix.
    """
    return UNSAFE.sub("_", plain_name(filename)).lstrip(".-") or "mix"


def decode_upload(
    upload: BinaryIO,
    filename: str | None,
    limits: DecodeLimits,
    *,
    decoder: Decoder,
    patience: Patience,
    scratch: Path | None = None,
) -> Recording:
    """Samples of an uploaded file. The one door to the decoder for files that strangers send.

    `scratch` is where the temporary folder is made and removed again; None is the system's place for that.

    Raises:
        UnreadableAudioError: it is not audio that can be used.
        DecoderLostError: the decoder was ended by something else than the file.
        GivenUpError, TooLateError: nobody waits for it any more.
    """
    with tempfile.TemporaryDirectory(prefix="counterpart-", dir=scratch) as folder:
        path = Path(folder) / safe_name(filename)
        with path.open("wb") as file:
            shutil.copyfileobj(upload, file, 1 << 20)
        return decoder(path, limits, patience)
