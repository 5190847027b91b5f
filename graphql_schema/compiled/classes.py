"""Classes whose instances are plain values: never awaitable, never an error, never a method.

graphql-core asks of every single value whether it is an exception or can be awaited. The answer depends on the class
alone, but for classes that make up attributes as they go, so it is asked once for each class. (An instance that
carries `__await__` in its own dictionary cannot be awaited by Python either.)
"""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import CoroutineType, GeneratorType
from typing import Any

from graphql.pyutils import Undefined

_MOST_CLASSES = 10_000
_BUILT_IN = (
    object,
    str,
    int,
    float,
    bytes,
    tuple,
    list,
    dict,
    set,
    frozenset,
    date,
    datetime,
    time,
    timedelta,
    Decimal,
)
_DIRECT = frozenset(cls.__getattribute__ for cls in _BUILT_IN)
"""Ways to find an attribute that make nothing up."""

_TELLING = ("__await__", "__call__", "__getattr__", "__aiter__")
"""Looked for in the classes themselves: `hasattr(cls, "__call__")` is true of every class."""


class Unread:
    """Stands for a value whose reading raised; it is not plain."""

    __slots__ = ("error",)

    def __init__(self, error: Exception) -> None:
        """Keep the error until the field's turn comes."""
        self.error = error


UNREAD = object()
"""Stands for a value that is not read yet."""

PLAIN: set[type] = set()
"""The classes found plain so far; `type(value) in PLAIN` is the whole test of generated code."""

_OTHERS: set[type] = set()
"""The classes found not to be plain so far."""

SETTLED: frozenset[type] = frozenset({str, int, float, bool, dict, list, tuple})
"""What completed values almost always are: neither null nor awaitable."""


def is_plain(value: Any) -> bool:
    """Tell whether a value is plain by its class, and remember the class if so."""
    cls = type(value)
    if cls in PLAIN:
        return True
    return value is not None and value is not Undefined and is_plain_class(cls)


def is_plain_class(cls: type) -> bool:
    """Tell whether a class makes its instances plain, but for `None` and `Undefined`, and remember it."""
    if cls in PLAIN or cls in _OTHERS:
        return cls in PLAIN
    known = PLAIN if _makes_plain(cls) else _OTHERS
    if len(known) < _MOST_CLASSES:
        known.add(cls)
    return known is PLAIN


def _makes_plain(cls: type) -> bool:
    return (
        not issubclass(cls, (BaseException, CoroutineType, GeneratorType, type, Unread))
        and not any(name in vars(base) for base in cls.__mro__ for name in _TELLING)
        and cls.__getattribute__ in _DIRECT
        and not any("__class__" in vars(base) for base in cls.__mro__[:-1])
    )
