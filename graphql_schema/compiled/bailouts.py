"""How speculative code is run, and what happens when it bails out.

A speculative function gives up at the first value that is not what it was written for: it returns `BAILED` or raises.
Nothing has been called by then and nothing but plain attributes been read, so nobody can tell that it was tried: the
value is completed from its start by careful code, which is written then and takes over at this place for good.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from types import MemberDescriptorType, NoneType
from typing import Any
from weakref import WeakKeyDictionary

from graphql.pyutils import UndefinedType

from graphql_schema.compiled.classes import is_plain_class
from graphql_schema.compiled.completion import cold, ordinary
from graphql_schema.compiled.environment import Bailout, Fallback
from graphql_schema.compiled.positions import Complete, Position, Trail, Where
from graphql_schema.compiled.run import Run

_MOST_CLASSES, _MOST_MET = 1_000, 8
"""Admitted at a position in all, and for one value; each of the latter begins the value anew."""

BAILED: Any = object()
"""What a speculative function returns instead of a completed value."""

LISTS = frozenset({list, tuple})
"""The classes of lists that are read straight away."""


class Admission:
    """Which classes of objects may be read speculatively at a position.

    Those whose instances are plain values and whose attributes, as far as they are selected, are no more than what an
    instance holds, or a plain default: whether and when they are read makes no difference to anybody. A class is judged
    once, as in `classes`: who makes a property of an attribute later may see it read more than once.

    `known` holds the classes found so far; generated code asks `known[type(value)]`, which is false, or raises KeyError
    with the class, which is dearer but happens once a class.
    """

    __slots__ = ("_kin", "_names", "known")

    def __init__(self, names: Iterable[str], kin: tuple[type, ...]) -> None:
        """Admit classes by the attributes that are selected and, where there are any in `kin`, by their descent."""
        self.known: dict[type, bool] = {}
        self._names = tuple(names)
        self._kin = kin

    def admits(self, cls: type) -> bool:
        """Tell whether a class is admitted, and remember it if so."""
        if cls in self.known:
            return True
        if cls is NoneType or cls is UndefinedType or not is_plain_class(cls) or len(self.known) >= _MOST_CLASSES:
            return False
        if self._kin and not any(base in self._kin for base in cls.__mro__):
            return False
        if not all(_is_plain_attribute(cls, name) for name in self._names):
            return False
        self.known[cls] = False
        return True


_ATTRIBUTES: WeakKeyDictionary[type, dict[str, bool]] = WeakKeyDictionary()


def _is_plain_attribute(cls: type, name: str) -> bool:
    known = _ATTRIBUTES.setdefault(cls, {})
    if name not in known:
        found = next((vars(base)[name] for base in cls.__mro__ if name in vars(base)), None)
        known[name] = isinstance(found, MemberDescriptorType) or not hasattr(type(found), "__get__")
    return known[name]


class Speculation:
    """A speculative function, and whom it may admit."""

    __slots__ = ("_admissions", "function")

    def __init__(self, function: Callable[[Any], Any], admissions: Sequence[Admission]) -> None:
        """`function` completes a value, returns `BAILED` or raises an exception, which means the same."""
        self.function = function
        self._admissions = admissions

    def complete(self, value: Any) -> Any:
        """Complete a value, admitting classes that were not met before; or return `BAILED`."""
        for _ in range(_MOST_MET):
            try:
                return self.function(value)
            except KeyError as error:
                if not self._admits(error.args[0]):
                    break
            except Exception:
                break
        return BAILED

    def _admits(self, met: object) -> bool:
        if not isinstance(met, type):
            return False
        return bool([one for one in self._admissions if met not in one.known and one.admits(met)])  # each is asked


def speculate(at: Position, value: Any, where: Where) -> Any:
    """Complete a value by the speculative function of its position, where that has not bailed out before.

    Generated code calls it; see `completion` for `where`.
    """
    function = at.speculative
    if function is not None:
        try:
            completed = function(value)
        except Exception:
            completed = BAILED
        if completed is not BAILED:
            return completed
    return cold(at, value, where)


def speculating(speculation: Speculation, write: Callable[[], Complete]) -> Complete:
    """Return what completes resolved values speculatively until that bails out.

    Args:
        speculation: Of the position.
        write: Writes the careful function, which takes over then.
    """
    attempt: Speculation | None = speculation
    careful: Complete

    def complete(run: Run, at: Position, value: Any, trail: Trail) -> Any:
        nonlocal attempt, careful
        if attempt is not None:
            completed = attempt.complete(value)
            if completed is not BAILED:
                return completed
            careful = _written(write)
            attempt = at.speculative = None
            run.environment.engine.on_bailout(Bailout(*_named(run, at)))
        return careful(run, at, value, trail)

    return complete


def _written(write: Callable[[], Complete]) -> Complete:
    try:
        return write()
    except Exception as error:  # graphql-core knows what to do, and the caller is told
        reason = f"{type(error).__name__}: {error}"

    def left(run: Run, at: Position, value: Any, trail: Trail) -> Any:
        run.environment.engine.on_fallback(Fallback(*_named(run, at), reason))
        return ordinary(run, at, value, trail)

    return left


def _named(run: Run, at: Position) -> tuple[str, str]:
    """Return the name of the operation, and the coordinate of a field."""
    name = run.environment.operation.name
    return name.value if name else "", f"{at.parent.name}.{at.name}"
