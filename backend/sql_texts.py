"""A query written out once for a driver: the text, the order of its parameters, and their conversion."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from sqlalchemy import BindParameter, Boolean, ColumnElement, Dialect, SQLColumnExpression, bindparam
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from backend.drivers.conversions import DialectName, ListOf, to_driver
from backend.shapes import AnySelect


class _ConstantsInText(SQLCompiler):
    """Writes what is constant into the text, so that planners see it and partial indexes fit."""

    def visit_bindparam(self, bindparam: BindParameter[Any], *how: Any, **named: Any) -> Any:
        """Leave a placeholder only for what changes from call to call."""
        above: Any = super()
        return above.visit_bindparam(
            bindparam, *how, **named if bindparam.required else {**named, "literal_binds": True}
        )


def _with_constants(dialect: Dialect) -> Dialect:
    dialect.statement_compiler = type("statement_compiler", (_ConstantsInText, dialect.statement_compiler), {})
    return dialect


_DIALECTS: Mapping[str, Dialect] = MappingProxyType(
    {"postgresql": _with_constants(PGDialect_asyncpg()), "sqlite": _with_constants(SQLiteDialect_aiosqlite())}  # type: ignore[no-untyped-call] # SQLAlchemy's
)


@dataclass(frozen=True, slots=True)
class SqlText:
    """A query in the words of one driver.

    Attributes:
        sql: The text with the driver's placeholders: `$1` (asyncpg, Node's pg), `?` (SQLite).
        names: The parameter behind each placeholder in order; with `?` a name may come twice.
        bind: Turns parameters, given by name, into the driver's values in that order; raises TypeError for a missing
            or unknown name, ValueError for a naive instant.
    """

    sql: str
    names: tuple[str, ...]
    bind: Callable[..., tuple[Any, ...]] = field(repr=False)


class _Among(FunctionElement[bool]):
    """See `among`."""

    type = Boolean()
    inherit_cache = True


def among(column: SQLColumnExpression[Any], name: str) -> ColumnElement[bool]:
    """Say that the column is one of the values of the list parameter `name`: one text for every length of list."""
    typed: Any = column
    return _Among(typed, bindparam(name, type_=ListOf(typed.type)))


@compiles(_Among, "postgresql")
def _among_of_array(element: _Among, compiler: SQLCompiler, **how: Any) -> str:
    column, values = (compiler.process(clause, **how) for clause in element.clauses)
    return f"{column} = ANY ({values})"


@compiles(_Among, "sqlite")
def _among_of_json(element: _Among, compiler: SQLCompiler, **how: Any) -> str:
    column, values = (compiler.process(clause, **how) for clause in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 # written by the compiler


class _Expected(FunctionElement[bool]):
    """See `expected`."""

    type = Boolean()
    inherit_cache = True


def expected(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Say the condition, and tell SQLite (`likely()`) that most rows meet it, so that it does not begin with its table.

    Among the slots of a town it would begin with the clinics, read all slots of theirs and sort them.
    """
    return _Expected(condition)


@compiles(_Expected)
def _expected_as_it_is(element: _Expected, compiler: SQLCompiler, **how: Any) -> str:
    return compiler.process(next(iter(element.clauses)), **how)


@compiles(_Expected, "sqlite")
def _expected_by_a_hint(element: _Expected, compiler: SQLCompiler, **how: Any) -> str:
    return f"likely({compiler.process(next(iter(element.clauses)), **how)})"


def write_sql(query: AnySelect, dialect: DialectName) -> SqlText:
    """Write a query out for a driver; what is constant stands in the text.

    Raises:
        ValueError: A list parameter would make a text for each length: say it with `among`.
        TypeError: A parameter is of a type without conversion.
    """
    compiled: Any = query.compile(dialect=_DIALECTS[dialect])
    given: dict[str, BindParameter[Any]] = {name: bind for name, bind in compiled.binds.items() if bind.required}
    if any(bind.expanding for bind in given.values()):
        raise ValueError("a list parameter is said with `among`")
    names = tuple(compiled.positiontup)
    return SqlText(sql=str(compiled), names=names, bind=_binder(names, given, dialect))


def _binder(
    names: tuple[str, ...], given: dict[str, BindParameter[Any]], dialect: DialectName
) -> Callable[..., tuple[Any, ...]]:
    """Generate the function that puts parameters in order: it runs for each statement. The names are our own."""
    known: dict[str, Any] = {}
    values = {}
    for number, name in enumerate(given):
        known[f"store{number}"] = to_driver(given[name].type, dialect)
        values[name] = f"(None if {name} is None else store{number}({name}))"
    ordered = "".join(f"{values[name]}, " for name in names)
    signature = f"*, {', '.join(given)}" if given else ""
    exec(f"def bind({signature}):\n    return ({ordered})\n", known)  # noqa: S102 # names that our own code gave
    bind: Callable[..., tuple[Any, ...]] = known["bind"]
    return bind
