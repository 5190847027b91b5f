"""Rows of the waiting list. Instants are UTC; days, weekdays and minutes are by the clinic's own clock."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, PrimaryKeyConstraint, text
from sqlmodel import Field, SQLModel
from uuid_utils.compat import uuid7

from backend.booking.values import Channel
from backend.waiting_list.values import OPEN_STATES, EntryState, OfferOutcome
from identity.columns import choice

OPEN_ENTRY = text(f"state IN ({', '.join(repr(state.value) for state in OPEN_STATES)})")
WAITING = text(f"state = '{EntryState.WAITING.value}'")
OPEN_OFFER = text(f"outcome = '{OfferOutcome.OPEN.value}'")


def _instant(*, nullable: bool = False) -> Column[datetime]:
    return Column(DateTime(timezone=True), nullable=nullable)


class WaitingListEntryRow(SQLModel, table=True):
    """Somebody waits for a slot of a specialty.

    `place` grows with each who joins the list of a specialty, in the order in which they are seen to have joined; it
    never changes. `weekdays` is a mask, Monday the lowest bit; a slot begins at `minute_from` of the day or later, and
    before `minute_until`. `begins_at` and `ends_at` hold the days in whichever of the clinics.
    """

    __tablename__ = "waiting_list_entries"
    __table_args__ = (
        PrimaryKeyConstraint("person_id", "id", name="waiting_list_entries_pk"),
        Index(
            "waiting_list_entries_one_per_specialty",
            "person_id",
            "specialty_id",
            unique=True,
            postgresql_where=OPEN_ENTRY,
            sqlite_where=OPEN_ENTRY,
        ),
        Index("waiting_list_entries_place", "specialty_id", "place", unique=True),
        Index("waiting_list_entries_ends_at", "ends_at", postgresql_where=OPEN_ENTRY, sqlite_where=OPEN_ENTRY),
        CheckConstraint("last_day >= first_day", name="waiting_list_entries_days"),
        CheckConstraint(
            "minute_from >= 0 AND minute_until >= minute_from AND minute_until <= 1440",
            name="waiting_list_entries_minutes",
        ),
        CheckConstraint("weekdays BETWEEN 1 AND 127", name="waiting_list_entries_weekdays"),
    )

    person_id: UUID
    id: UUID = Field(default_factory=uuid7)
    actor_id: UUID
    specialty_id: UUID = Field(foreign_key="specialties.id")
    doctor_id: UUID | None = Field(default=None, foreign_key="doctors.id")
    first_day: date
    last_day: date
    minute_from: int
    minute_until: int
    weekdays: int
    begins_at: datetime = Field(sa_column=_instant())
    ends_at: datetime = Field(sa_column=_instant())
    channel: Channel = Field(
        sa_column=Column(choice(Channel, "waiting_list_entries_channel", checked=False), nullable=False)
    )
    referral_id: UUID | None = None
    state: EntryState = Field(
        sa_column=Column(choice(EntryState, "waiting_list_entries_state", checked=False), nullable=False)
    )
    unanswered: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    joined_at: datetime = Field(sa_column=_instant())
    ended_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    place: int


class WaitingListClinicRow(SQLModel, table=True):
    """A clinic that somebody waits for."""

    __tablename__ = "waiting_list_clinics"
    __table_args__ = (
        PrimaryKeyConstraint("person_id", "entry_id", "clinic_id", name="waiting_list_clinics_pk"),
        Index("waiting_list_clinics_clinic", "clinic_id", "person_id", "entry_id"),
    )

    person_id: UUID
    entry_id: UUID
    clinic_id: UUID = Field(foreign_key="clinics.id")


class WaitingListOfferRow(SQLModel, table=True):
    """A slot that was offered to somebody who waits; its id is that of the hold that keeps it.

    The two unique indexes let an entry have one open offer at a time, and a slot be offered to one at a time.
    """

    __tablename__ = "waiting_list_offers"
    __table_args__ = (
        PrimaryKeyConstraint("person_id", "id", name="waiting_list_offers_pk"),
        Index(
            "waiting_list_offers_one_open_per_entry",
            "person_id",
            "entry_id",
            unique=True,
            postgresql_where=OPEN_OFFER,
            sqlite_where=OPEN_OFFER,
        ),
        Index(
            "waiting_list_offers_one_open_per_slot",
            "slot_id",
            unique=True,
            postgresql_where=OPEN_OFFER,
            sqlite_where=OPEN_OFFER,
        ),
        Index("waiting_list_offers_slot", "slot_id", "entry_id"),
        Index("waiting_list_offers_expires_at", "expires_at", postgresql_where=OPEN_OFFER, sqlite_where=OPEN_OFFER),
    )

    person_id: UUID
    id: UUID
    entry_id: UUID
    slot_id: UUID = Field(foreign_key="slots.id")
    offered_at: datetime = Field(sa_column=_instant())
    expires_at: datetime = Field(sa_column=_instant())
    outcome: OfferOutcome = Field(
        sa_column=Column(choice(OfferOutcome, "waiting_list_offers_outcome", checked=False), nullable=False)
    )
    settled_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
