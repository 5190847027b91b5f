"""Values between Python and a driver, by column type: the same as SQLAlchemy stores and loads, without asking it.

PostgreSQL's driver takes and gives nearly everything as it is; SQLite keeps a UUID as 32 hexadecimal digits, an
instant as text in UTC, a truth as 0 or 1, JSON as text. Inside JSON, whole numbers of more than 64 bits become floats.
"""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, Literal
from uuid import UUID, SafeUUID

import orjson
from sqlalchemy import JSON, Boolean, Date, DateTime, Dialect, Enum, Float, Integer, Numeric, String, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import AutoString

DialectName = Literal["postgresql", "sqlite"]
Conversion = Callable[[Any], Any]


class ListOf(TypeDecorator[list[Any]]):
    """A list given as one parameter, however long: an array in PostgreSQL, JSON in SQLite."""

    impl = String
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        """Take the type of one element."""
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return what the database is told."""
        return dialect.type_descriptor(ARRAY(self.item) if dialect.name == "postgresql" else String())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Convert as a `Statement` does, where SQLAlchemy runs the query itself."""
        return None if value is None else to_driver(self, _name(dialect))(value)


def to_driver(kind: TypeEngine[Any], dialect: DialectName) -> Conversion:
    """Return what turns a parameter of this type, not None, into the driver's own.

    Raises:
        TypeError: The type is not one of those that our tables use.
    """
    if isinstance(kind, ListOf):
        return _list(to_driver(kind.item, dialect), dialect)
    if isinstance(kind, Enum):
        return _enum(kind)[1]
    if isinstance(kind, DateTime):
        return _aware if dialect == "postgresql" else _instant_to_sqlite
    if isinstance(kind, JSON):
        return json.dumps
    if dialect == "sqlite" and isinstance(kind, Uuid | Date):
        return _hex if isinstance(kind, Uuid) else date.isoformat
    return _as_it_is(kind)


def from_driver(kind: TypeEngine[Any], dialect: DialectName) -> Conversion | None:
    """Return what turns a driver's value, not None, into Python's; None when it is that already.

    Raises:
        TypeError: The type is not one of those that our tables use.
    """
    if isinstance(kind, Enum):
        return _enum(kind)[0]
    if dialect == "sqlite":
        for sqlite_kind, conversion in _FROM_SQLITE:
            if isinstance(kind, sqlite_kind):
                return conversion
    if not isinstance(kind, Uuid | DateTime | Date | Boolean | JSON):
        _as_it_is(kind)
    return None


def _name(dialect: Dialect) -> DialectName:
    return "postgresql" if dialect.name == "postgresql" else "sqlite"


def _same(value: Any) -> Any:
    return value


def _as_it_is(kind: TypeEngine[Any]) -> Conversion:
    is_plain = isinstance(kind, String | AutoString | Integer | Float | Boolean | Uuid | Date)
    if not is_plain or (isinstance(kind, Numeric) and kind.asdecimal):
        raise TypeError(f"no conversion for {type(kind).__name__}: name it in backend/drivers/conversions.py")
    return _same


def _aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("naive datetime given to the database")
    return value


def _instant_to_sqlite(value: datetime) -> str:
    return _aware(value).astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _instant_from_sqlite(text: str) -> datetime:
    return datetime.fromisoformat(text + "+00:00")


def _hex(value: UUID) -> str:
    return value.hex


def _json_from_sqlite(value: Any) -> Any:
    """Load the text; a lone number was stored as a number, by the affinity of the column."""
    return value if isinstance(value, int | float) else orjson.loads(value)


_new, _set, _UNKNOWN = object.__new__, object.__setattr__, SafeUUID.unknown


def _uuid_from_sqlite(text: str) -> UUID:
    """Build it without the constructor's checks, which cost twice as much as the rest: SQLite gives what we stored."""
    made = _new(UUID)
    _set(made, "int", int(text, 16))
    _set(made, "is_safe", _UNKNOWN)
    return made


_FROM_SQLITE: tuple[tuple[type[TypeEngine[Any]], Conversion], ...] = (
    (Uuid, _uuid_from_sqlite),
    (DateTime, _instant_from_sqlite),
    (Date, date.fromisoformat),
    (Boolean, bool),
    (JSON, _json_from_sqlite),
)


def _list(one: Conversion, dialect: DialectName) -> Conversion:
    def convert(values: Any) -> Any:
        converted = [one(value) for value in values]
        return converted if dialect == "postgresql" else json.dumps(converted)

    return convert


def _enum(kind: Enum) -> tuple[Conversion, Conversion]:
    """Return the conversions from the stored word to the member and back."""
    if kind.enum_class is None or kind.native_enum:
        raise TypeError("an enum is a Python class, kept as a word")
    members = dict(zip(kind.enums, kind.enum_class, strict=True))
    words = {member: word for word, member in members.items()}

    def store(member: Any) -> str:
        try:
            return words[member]
        except KeyError:
            raise ValueError(f"not a member of {kind.enum_class}") from None

    return members.__getitem__, store
