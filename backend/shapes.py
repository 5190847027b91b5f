"""How the columns of a row become one frozen value: said once, turned into a function for each database.

The function is generated, because it runs for each row of each answer: for `Shape(Doctor, id, name)` it reads
`[make0(load0(row[0]), row[1]) for row in records]`. Nothing that a client sends is ever part of the source.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Generic, TypeAlias, TypeVar

from sqlalchemy import Select, SQLColumnExpression, select

from backend.drivers.conversions import DialectName, from_driver

Row = TypeVar("Row")
AnySelect: TypeAlias = Select[*tuple[Any, ...]]
"""A statement whose columns are told apart by their place."""

Records: TypeAlias = Sequence[Sequence[Any]]
"""What a driver gives: rows by column, in the driver's own values."""


class Shape(Generic[Row]):
    """A value and the columns that fill it, in the order of its fields; a field may be a shape itself."""

    def __init__(
        self,
        make: Callable[..., Row],
        *parts: "SQLColumnExpression[Any] | Shape[Any]",
        optional: bool = False,
        shared: bool = False,
    ) -> None:
        """Say what is made of what.

        Args:
            make: The value's class, or a function of as many arguments as there are parts.
            parts: The columns and inner shapes, in the order of the arguments.
            optional: None is made where the first column is null.
            shared: Rows of one answer with the same first column (an id) share one value.
        """
        self.make = make
        self.parts = parts
        self.optional = optional
        self.shared = shared

    @property
    def columns(self) -> tuple[SQLColumnExpression[Any], ...]:
        """Every column, inner ones in their place."""
        return tuple(column for part in self.parts for column in (part.columns if isinstance(part, Shape) else (part,)))

    def select(self) -> AnySelect:
        """Begin a statement that selects these columns."""
        return select(*self.columns)

    def reader(self, dialect: DialectName) -> Callable[[Records], list[Row]]:
        """Return the function that makes the values of an answer's rows.

        Raises:
            TypeError: A column is of a type without conversion.
        """
        return _Writer(dialect).reader(self)

    def source(self, dialect: DialectName) -> str:
        """Return the source of `reader`, to be looked at."""
        return _Writer(dialect).source(self)


class _Alone(Shape[Row]):
    """One column as it is, of a statement that asks for nothing else."""


def alone(column: SQLColumnExpression[Row]) -> Shape[Row]:
    """Return the shape of a statement with one column, whose rows are that column's values."""
    return _Alone(_unmade, column)


def _unmade(value: Row) -> Row:
    return value


class _Writer:
    """Writes the source of one reader and gathers the objects that it names."""

    def __init__(self, dialect: DialectName) -> None:
        self._dialect = dialect
        self._names: dict[str, Any] = {}
        self._shared: list[str] = []

    def source(self, shape: Shape[Any]) -> str:
        made = self._shape(shape, 0)
        shared = "".join(f"    {name} = {{}}\n" for name in self._shared)
        return f"def read(records):\n{shared}    return [{made} for row in records]\n"

    def reader(self, shape: Shape[Row]) -> Callable[[Records], list[Row]]:
        source = self.source(shape)
        exec(compile(source, "<shape of a row>", "exec"), self._names)  # noqa: S102 # only our own words, see the module
        read: Callable[[Records], list[Row]] = self._names["read"]
        return read

    def _shape(self, shape: Shape[Any], at: int) -> str:
        parts = tuple(self._parts(shape, at))
        made = parts[0] if isinstance(shape, _Alone) else f"{self._named('make', shape.make)}({', '.join(parts)})"
        if shape.shared:
            known = f"known{len(self._shared)}"
            self._shared.append(known)
            made = f"({known}.get(row[{at}]) or {known}.setdefault(row[{at}], {made}))"
        return f"(None if row[{at}] is None else {made})" if shape.optional else made

    def _parts(self, shape: Shape[Any], at: int) -> Iterator[str]:
        for part in shape.parts:
            if isinstance(part, Shape):
                yield self._shape(part, at)
                at += len(part.columns)
            else:
                yield self._column(part, at)
                at += 1

    def _column(self, column: Any, at: int) -> str:
        load = from_driver(column.type, self._dialect)
        if load is None:
            return f"row[{at}]"
        return f"(None if (value := row[{at}]) is None else {self._named('load', load)}(value))"

    def _named(self, kind: str, thing: Any) -> str:
        """Return the name of an object in the source, the same one each time."""
        for name, known in self._names.items():
            if known is thing:
                return name
        name = f"{kind}{len(self._names)}"
        self._names[name] = thing
        return name
