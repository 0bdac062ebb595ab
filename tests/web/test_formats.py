"""What the page says of files is what the service says: the same facts stand in two languages."""

import re
from pathlib import Path

from audio.layouts import AUDIO_SUFFIXES
from service.audio_files import MEDIA_TYPES

VIEW = Path(__file__).parents[2] / "web/src/view"


def constant_of(file: str, name: str) -> str:
    """What a constant of the page is, as it is written."""
    written = re.search(rf"const {name}\b[^;]*?=(.*?);\n", (VIEW / file).read_text("utf-8"), re.DOTALL)
    assert written is not None
    return written.group(1)


def test_the_file_chooser_offers_all_that_the_service_reads() -> None:
    suffixes = constant_of("FileButton.tsx", "SUFFIXES").strip().strip('"').split(",")
    assert len(suffixes) == len(set(suffixes))
    assert set(suffixes) == AUDIO_SUFFIXES


def test_a_file_that_is_dragged_out_is_of_the_type_that_the_service_sends() -> None:
    types = re.findall(r'(\w+): "([^"]+)"', constant_of("offer.ts", "MEDIA_TYPES"))
    assert {f".{suffix}": media_type for suffix, media_type in types} == MEDIA_TYPES
