"""The text of generated Python, and the constants that it names.

Nothing that comes from a document or a schema enters the text but as a literal made by `ascii` of a true string, or
as a name that this module has cleaned and numbered; everything else is a constant of the namespace.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_]")
_ATTRIBUTE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LONGEST_NAME = 40


def literal(text: str) -> str:
    """Return a string as Python writes it, in ASCII."""
    return ascii(str.__str__(text))


def is_attribute(name: str) -> bool:
    """Tell whether a name can stand after a dot, and means itself there."""
    return _ATTRIBUTE.fullmatch(name) is not None and not keyword.iskeyword(name)


class Writer:
    """Collects functions; the lines of one being written do not mix with those of another."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.namespace: dict[str, Any] = {}
        self._functions: list[str] = []
        self._lines: list[str] = []
        self._indent = 0
        self._numbers: dict[str, int] = {}
        self._names: dict[tuple[str, int], str] = {}

    def name(self, stem: str) -> str:
        """Return a new name like `stem`, that is no keyword and no other name."""
        clean = _NOT_IN_NAMES.sub("_", stem)[:_LONGEST_NAME]
        if not clean or clean[0].isdigit():
            clean = f"f{clean}"
        number = self._numbers[clean] = self._numbers.get(clean, 0) + 1
        return f"{clean}_{number}"

    def constant(self, stem: str, value: object) -> str:
        """Return the name of a constant; the same object under the same stem has one name."""
        known = self._names.get((stem, id(value)))
        if known is None:
            known = self._names[stem, id(value)] = self.name(stem)
            self.namespace[known] = value
        return known

    def line(self, text: str) -> None:
        """Add a line."""
        self._lines.append("    " * self._indent + text)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Add a line with a colon and what stands under it."""
        self.line(head)
        self._indent += 1
        yield
        self._indent -= 1

    @contextmanager
    def function(self, head: str) -> Iterator[None]:
        """Write a function apart, wherever one is writing."""
        outer, outer_indent = self._lines, self._indent
        self._lines, self._indent = [], 0
        with self.block(head):
            yield
        self._functions.append("\n".join(self._lines))
        self._lines, self._indent = outer, outer_indent

    @property
    def source(self) -> str:
        """Return all functions, the inner ones first."""
        return "\n\n".join(self._functions) + "\n"
