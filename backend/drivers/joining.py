"""Several statements as one of PostgreSQL's: one row, with an array of records for each statement."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

MOST_COMBINATIONS = 96
"""Each stays prepared on every connection, beside all single statements: see docs/guides/reads.md."""

_MOST_STATEMENTS = 8
_LONGEST_TEXT = 32_768
_QUOTED_OR_PLACEHOLDER = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\d+)""")


def joined_text(statements: Sequence[tuple[str, int]]) -> str:
    """Return one text for several, the parameters of each after those of the ones before.

    A record holds its columns by place, as a row does, and an array keeps the order of its statement. Every column is
    of a type that the driver knows without asking: `backend.drivers.conversions` names no other.

    Args:
        statements: Selects with PostgreSQL's placeholders, and how many parameters each takes.

    Raises:
        ValueError: A text names more or fewer parameters than it is said to take.
    """
    parts = []
    before = 0
    for text, count in statements:
        if _placeholders(text) != set(range(1, count + 1)):
            raise ValueError("a statement names each of its parameters, and no other")
        parts.append(f"ARRAY(SELECT ROW(q.*) FROM ({_renumbered(text, before)}) AS q)")  # noqa: S608 # of our own texts
        before += count
    return f"SELECT {', '.join(parts)}"


def can_be_joined(texts: Sequence[str]) -> bool:
    """Say whether these are few and short enough for one text, which the driver keeps prepared like any other."""
    return len(texts) <= _MOST_STATEMENTS and sum(map(len, texts)) <= _LONGEST_TEXT


@dataclass(slots=True)
class Combination:
    """Statements that were joined, and until when they are kept apart because they were too slow together."""

    text: str
    apart_until: float | None = None

    @property
    def is_on_trial(self) -> bool:
        """Say whether who travels with it now tries if it has become quick again."""
        return self.apart_until is not None


class Combinations:
    """The joined texts: the first ones that were asked for, so many as there is room for."""

    def __init__(self, apart_seconds: float) -> None:
        """Say how long a combination is kept apart."""
        self._apart_seconds = apart_seconds
        self._known: dict[tuple[tuple[str, int], ...], Combination] = {}

    def find(self, statements: tuple[tuple[str, int], ...], now: float) -> Combination | None:
        """Return what joins these texts, each with its number of parameters; None when they go by themselves.

        Where the time apart is over, one caller tries, and the next ones wait for what becomes of that.
        """
        found = self._known.get(statements) or self._join(statements)
        if found is None or found.apart_until is None:
            return found
        if now < found.apart_until:
            return None
        self.keep_apart(found, now)
        return found

    def keep_apart(self, combination: Combination, now: float) -> None:
        """Let the statements go by themselves for a while."""
        combination.apart_until = now + self._apart_seconds

    def _join(self, statements: tuple[tuple[str, int], ...]) -> Combination | None:
        if len(self._known) == MOST_COMBINATIONS:
            return None
        try:
            joined = Combination(joined_text(statements))
        except ValueError:
            return None  # PostgreSQL says of each by itself what is wrong with it
        self._known[statements] = joined
        return joined


def _placeholders(text: str) -> set[int]:
    return {int(number) for number in _QUOTED_OR_PLACEHOLDER.findall(text) if number}


def _renumbered(text: str, before: int) -> str:
    def renumber(found: re.Match[str]) -> str:
        return found[0] if found[1] is None else f"${int(found[1]) + before}"

    return _QUOTED_OR_PLACEHOLDER.sub(renumber, text)
