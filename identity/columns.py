"""Columns that several tables of identity share."""

from enum import StrEnum

from sqlalchemy import Enum


def choice(enum: type[StrEnum], name: str, *, checked: bool = True) -> Enum:
    """Return a column type that keeps the values of an enum as text.

    Args:
        enum: Whose values.
        name: Of the check in the database.
        checked: Let the database refuse other values; not where rows are for ever and the enum grows.
    """
    return Enum(
        enum,
        native_enum=False,
        create_constraint=checked,
        length=32,
        name=name,
        values_callable=lambda members: [member.value for member in members],
    )
