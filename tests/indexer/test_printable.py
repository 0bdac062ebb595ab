from pathlib import Path

import pytest

from indexer.printable import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Café 🎸 – ünïcode [x] \\ '\"", "Café 🎸 – ünïcode [x] \\ '\""),
        ("a\nb\tc\x1b[31m", "a\\nb\\tc\\x1b[31m"),
        ("\x7f\x9b\u2028\u202e", "\\x7f\\x9b\\u2028\\u202e"),
        ("\udcff.wav", "\\udcff.wav"),
    ],
)
def test_what_would_not_be_seen_is_written_as_an_escape(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert printable(Path(text)) == shown
