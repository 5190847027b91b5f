"""What a table holds about people, and what becomes of it: the words that `backend.rights.holdings` is written in."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, ColumnElement, LargeBinary, Table, or_

from backend.rights.values import Law, Told

Stays = Callable[[Table, datetime], ColumnElement[bool]]
"""Says which rows of a table have to stay at an instant."""

_SECRET = re.compile(r"(^|_)(hash|salt|secret|token|thumbprint)$")


@dataclass(frozen=True, slots=True)
class Erase:
    """Every row goes."""


@dataclass(frozen=True, slots=True)
class Keep:
    """Rows stay under a law: all, or those that `only` names, until the instant in their column `ends`."""

    law: Law
    only: Stays | None = None
    ends: str | None = None


@dataclass(frozen=True, slots=True)
class Reduce:
    """While rows of the tables `beside` stay, the columns `cleared` are emptied; without any, the row goes."""

    law: Law
    cleared: tuple[str, ...]
    beside: tuple[str, ...]


Retention = Erase | Keep | Reduce


@dataclass(frozen=True, slots=True)
class Trace:
    """A text that rows of another table keep of these: emptied before these go.

    Attributes:
        table: The other one.
        key: Its columns that these rows name, and
        named_by: in which of their own columns, in the same order.
        column: Which text.
    """

    table: str
    key: tuple[str, ...]
    named_by: tuple[str, ...]
    column: str


@dataclass(frozen=True, slots=True)
class Holding:
    """One table that holds something about people.

    Attributes:
        title: What its rows are, for the person.
        owners: The columns that say whose rows they are; a row belongs to each of them.
        retention: What becomes of them at an erasure.
        mentions: Other columns that name people, each with why its people do not get the row.
        left_out: Why no row is in a copy; None where they are.
        whose: Columns that are shown to one of the owners alone, each with the column that says to whom.
        trace: What another table keeps of these rows.
        reveals_care: It says, or lets guess, which doctors a person sees.
    """

    title: Told
    owners: tuple[str, ...] = ("person_id",)
    retention: Retention = field(default_factory=Erase)
    mentions: Mapping[str, Told] = field(default_factory=dict)
    left_out: Told | None = None
    whose: Mapping[str, str] = field(default_factory=dict)
    trace: Trace | None = None
    reveals_care: bool = False

    def rows_of(self, table: Table, person_id: UUID) -> ColumnElement[bool]:
        """Return the condition that a row is the person's."""
        return or_(*(table.c[owner] == person_id for owner in self.owners))


def is_secret(column: Column[object]) -> bool:
    """Whether a column is of no use to its person and of use to a thief: keys and check sums of secrets."""
    return isinstance(column.type, LargeBinary) or _SECRET.search(column.name) is not None
