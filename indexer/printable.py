"""Names of files as they may be shown: whoever named them does not write to the terminal or into the log."""

import re

# Controls, half characters (of a name that is not UTF-8), ends of lines, and what turns the writing around.
_UNPRINTABLE = re.compile("[\0-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: object) -> str:
    r"""`text` in one line, with what would not be seen written as an escape such as \x1b."""
    return _UNPRINTABLE.sub(lambda found: ascii(found.group())[1:-1], str(text))
