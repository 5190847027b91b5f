"""Columns of this package's tables."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column, DateTime, Enum


def choice(
    kinds: type[StrEnum], name: str, *, checked: bool = False, optional: bool = False, key: bool = False
) -> Column[StrEnum]:
    """Make a column of an enum's values.

    Args:
        kinds: The values that may stand in it.
        name: Of the check.
        checked: Whether the database checks it; not where kinds are often added, since SQLite cannot change a check.
        optional: Whether it may be null.
        key: Whether it is part of the primary key.
    """
    values = Enum(
        kinds,
        native_enum=False,
        create_constraint=checked,
        length=32,
        name=name,
        values_callable=lambda members: [member.value for member in members],
    )
    return Column(values, nullable=optional, primary_key=key)


def instant(*, optional: bool = False) -> Column[datetime]:
    """Make a column of an aware instant."""
    return Column(DateTime(timezone=True), nullable=optional)
