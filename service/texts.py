"""Texts that callers send: what a database can hold and a person can read."""

from typing import Annotated

from pydantic import AfterValidator


def check_text(text: str) -> str:
    """`text`, if it has no control characters and is Unicode.

    Raises:
        ValueError: PostgreSQL would refuse it.
    """
    if "\0" in text or any(0xD800 <= ord(letter) <= 0xDFFF for letter in text):  # noqa: PLR2004 - surrogates
        raise ValueError("The text has characters that no text has (NUL or half a pair)")
    return text


StorableText = Annotated[str, AfterValidator(check_text)]
"""What may be compared with texts of the database: SQLite finds nothing for others, PostgreSQL fails."""
