"""Words that others wrote, as one line: what they hold must not look like ours where it is printed or filed."""

import unicodedata


def one_line(text: str) -> str:
    """Return a text without line breaks and control characters, its words apart by one space each."""
    return " ".join("".join(" " if unicodedata.category(one)[0] in "CZ" else one for one in text).split())
