"""Rows of the profile."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Enum, Index, UniqueConstraint
from sqlmodel import Field, SQLModel
from uuid_utils.compat import uuid7

from backend.profile.values import DEFAULT_TIME_ZONE, FamilyKind, Sex


class PersonRow(SQLModel, table=True):
    """The newest facts of one person; `id` is the person's id everywhere."""

    __tablename__ = "persons"
    __table_args__ = (
        Index("persons_birth_date", "birth_date"),
        Index("persons_phone", "phone"),
        Index("persons_snils", "snils"),
    )

    id: UUID = Field(primary_key=True)
    family_name: str = Field(max_length=100)
    given_name: str = Field(max_length=100)
    patronymic: str | None = Field(default=None, max_length=100)
    birth_date: date
    sex: Sex = Field(
        sa_column=Column(
            Enum(
                Sex,
                native_enum=False,
                create_constraint=True,
                length=32,
                name="persons_sex",
                values_callable=lambda kinds: [kind.value for kind in kinds],
            ),
            nullable=False,
        )
    )
    snils: str | None = Field(default=None, max_length=11)
    phone: str | None = Field(default=None, max_length=12)
    email: str | None = Field(default=None, max_length=254)
    source: str = Field(max_length=32)
    as_of: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    time_zone: str = Field(default=DEFAULT_TIME_ZONE, max_length=64)
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class FamilyLinkRow(SQLModel, table=True):
    """One source's word that two people are relatives; never by itself a right (domain notes, ESIA `kids`)."""

    __tablename__ = "family_links"
    __table_args__ = (
        UniqueConstraint("person_id", "relative_id", "kind", name="family_links_person_relative_kind"),
        Index("family_links_relative", "relative_id", "person_id"),
        CheckConstraint("person_id <> relative_id", name="family_links_not_self"),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    person_id: UUID
    relative_id: UUID
    kind: FamilyKind = Field(
        sa_column=Column(
            Enum(
                FamilyKind,
                native_enum=False,
                create_constraint=True,
                length=32,
                name="family_links_kind",
                values_callable=lambda kinds: [kind.value for kind in kinds],
            ),
            nullable=False,
        )
    )
    source: str = Field(max_length=32)
    as_of: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
