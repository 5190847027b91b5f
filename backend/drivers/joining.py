"""Several statements as one of PostgreSQL: one row, with an array of records for each."""

import re
from collections.abc import Sequence
from functools import lru_cache

_KEPT_TEXTS = 256
_MOST_STATEMENTS = 8
_LONGEST_TEXT = 32_768
_QUOTED_OR_PLACEHOLDER = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\d+)""")


@lru_cache(maxsize=_KEPT_TEXTS)
def joined_text(texts: tuple[str, ...], counts: tuple[int, ...]) -> str:
    """Return one text for several, whose parameters follow those of the texts before.

    A record holds its columns by place, as a row does, and arrays keep the order of their statement. Every column is of
    a type that the driver knows without asking: `backend.drivers.conversions` names no other.

    Args:
        texts: Selects with PostgreSQL's placeholders.
        counts: How many parameters each takes.

    Raises:
        ValueError: A text names more or fewer parameters than it is said to take.
    """
    parts = []
    before = 0
    for text, count in zip(texts, counts, strict=True):
        if _placeholders(text) != set(range(1, count + 1)):
            raise ValueError("a statement takes each of its parameters, and no other")
        parts.append(f"ARRAY(SELECT ROW(q.*) FROM ({_renumbered(text, before)}) AS q)")  # noqa: S608 # of our own texts
        before += count
    return f"SELECT {', '.join(parts)}"


def fits(texts: Sequence[str]) -> bool:
    """Say whether the text for these stays short enough for the driver to keep it prepared."""
    return len(texts) <= _MOST_STATEMENTS and sum(map(len, texts)) <= _LONGEST_TEXT


def _placeholders(text: str) -> set[int]:
    return {int(number) for number in _QUOTED_OR_PLACEHOLDER.findall(text) if number}


def _renumbered(text: str, before: int) -> str:
    def renumber(found: re.Match[str]) -> str:
        return found[0] if found[1] is None else f"${int(found[1]) + before}"

    return _QUOTED_OR_PLACEHOLDER.sub(renumber, text)
