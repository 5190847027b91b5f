"""The text of generated Python, and the constants that it names.

Nothing that comes from a document or a schema enters the text but as a literal made by `ascii` of a true string, or
as a name that this module has cleaned and numbered; everything else is a constant of the namespace.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from graphql_schema.compiled.codes import make_function

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_]")
_ATTRIBUTE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LONGEST_NAME = 40


def literal(text: str) -> str:
    """Return a string as Python writes it, in ASCII."""
    return ascii(str.__str__(text))


def is_attribute(name: str) -> bool:
    """Tell whether a name can stand after a dot, and means itself there."""
    return _ATTRIBUTE.fullmatch(name) is not None and not keyword.iskeyword(name)


@dataclass(slots=True)
class _Scope:
    """A function being written: its lines, the names in use and the constants they stand for."""

    lines: list[str] = field(default_factory=list)
    indent: int = 0
    numbers: dict[str, int] = field(default_factory=dict)
    names: dict[tuple[str, int], str] = field(default_factory=dict)
    namespace: dict[str, Any] = field(default_factory=dict)


class _Indented:
    """What stands under a line; many are written, and a generator for each would take a twentieth of the time."""

    __slots__ = ("_scope",)

    def __init__(self, scope: _Scope) -> None:
        self._scope = scope

    def __enter__(self) -> None:
        self._scope.indent += 1

    def __exit__(self, *_: object) -> None:
        self._scope.indent -= 1


class Written:
    """A function that is written: `function` can be called once its block is left."""

    function: Callable[..., Any]


class Writer:
    """Writes functions; the lines and names of one being written do not mix with those of another."""

    def __init__(self, known: Mapping[str, Any] = MappingProxyType({})) -> None:
        """Begin with nothing; `known` is what every function may name."""
        self._known = known
        self._texts: list[str] = []
        self._scope = _Scope()

    def name(self, stem: str) -> str:
        """Return a new name like `stem`, that is no keyword and no other name of this function."""
        clean = _clean(stem)
        numbers = self._scope.numbers
        number = numbers[clean] = numbers.get(clean, 0) + 1
        return f"{clean}_{number}"

    def constant(self, stem: str, value: object) -> str:
        """Return the name of a constant; the same object under the same stem has one name in this function."""
        scope = self._scope
        known = scope.names.get((stem, id(value)))
        if known is None:
            known = scope.names[stem, id(value)] = self.name(stem)
            scope.namespace[known] = value
        return known

    def line(self, text: str) -> None:
        """Add a line."""
        self._scope.lines.append("    " * self._scope.indent + text)

    def block(self, head: str) -> _Indented:
        """Add a line with a colon and what stands under it."""
        self.line(head)
        return _Indented(self._scope)

    @contextmanager
    def function(self, parameters: str, stem: str) -> Iterator[Written]:
        """Write a function apart, wherever one is writing; `stem` is not in its text, but what it is called.

        An exception leaves nothing of it.
        """
        outer, scope = self._scope, _Scope()
        self._scope, written = scope, Written()
        try:
            with self.block(f"def function({parameters}):"):
                yield written
        finally:
            self._scope = outer
        text = "\n".join(scope.lines)
        self._texts.append(f"# {_clean(stem)}\n{text}")
        written.function = make_function(text, _clean(stem), {**self._known, **scope.namespace})

    @property
    def source(self) -> str:
        """Return all functions, the inner ones first."""
        return "\n\n".join(self._texts) + "\n"


@lru_cache(256)
def _clean(stem: str) -> str:
    clean = _NOT_IN_NAMES.sub("_", stem)[:_LONGEST_NAME]
    return f"f{clean}" if not clean or clean[0].isdigit() else clean
