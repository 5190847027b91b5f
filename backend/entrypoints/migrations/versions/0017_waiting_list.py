"""The waiting list: who waits for what, in which clinics, and what they were offered."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_OPEN_ENTRY = sa.text("state IN ('waiting', 'offered', 'paused')")
_OPEN_OFFER = sa.text("outcome = 'open'")


def upgrade() -> None:
    """Move to this shape."""
    _create_entries()
    op.create_table(
        "waiting_list_clinics",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"]),
        sa.PrimaryKeyConstraint("person_id", "entry_id", "clinic_id", name="waiting_list_clinics_pk"),
    )
    op.create_index(
        "waiting_list_clinics_clinic", "waiting_list_clinics", ["clinic_id", "person_id", "entry_id"], unique=False
    )
    op.create_table(
        "waiting_list_offers",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.Column("offered_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("settled_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["slot_id"], ["slots.id"]),
        sa.PrimaryKeyConstraint("person_id", "id", name="waiting_list_offers_pk"),
    )
    op.create_index("waiting_list_offers_slot", "waiting_list_offers", ["slot_id", "entry_id"], unique=False)
    _create_open_index("waiting_list_offers_one_open_per_entry", ["person_id", "entry_id"], unique=True)
    _create_open_index("waiting_list_offers_one_open_per_slot", ["slot_id"], unique=True)
    _create_open_index("waiting_list_offers_expires_at", ["expires_at"], unique=False)


def downgrade() -> None:
    """Move back; who waited waits no more, and what they were offered stays held until it ends."""
    for table in ("waiting_list_offers", "waiting_list_clinics", "waiting_list_entries"):
        op.drop_table(table)


def _create_entries() -> None:
    op.create_table(
        "waiting_list_entries",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("specialty_id", sa.Uuid(), nullable=False),
        sa.Column("doctor_id", sa.Uuid(), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("minute_from", sa.Integer(), nullable=False),
        sa.Column("minute_until", sa.Integer(), nullable=False),
        sa.Column("weekdays", sa.Integer(), nullable=False),
        sa.Column("begins_at", _INSTANT, nullable=False),
        sa.Column("ends_at", _INSTANT, nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("unanswered", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("joined_at", _INSTANT, nullable=False),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.CheckConstraint("last_day >= first_day", name="waiting_list_entries_days"),
        sa.CheckConstraint(
            "minute_from >= 0 AND minute_until >= minute_from AND minute_until <= 1440",
            name="waiting_list_entries_minutes",
        ),
        sa.CheckConstraint("weekdays BETWEEN 1 AND 127", name="waiting_list_entries_weekdays"),
        sa.ForeignKeyConstraint(["specialty_id"], ["specialties.id"]),
        sa.ForeignKeyConstraint(["doctor_id"], ["doctors.id"]),
        sa.PrimaryKeyConstraint("person_id", "id", name="waiting_list_entries_pk"),
    )
    op.create_index("waiting_list_entries_place", "waiting_list_entries", ["specialty_id", "place"], unique=True)
    for name, columns, unique in (
        ("waiting_list_entries_one_per_specialty", ["person_id", "specialty_id"], True),
        ("waiting_list_entries_ends_at", ["ends_at"], False),
    ):
        op.create_index(
            name,
            "waiting_list_entries",
            columns,
            unique=unique,
            postgresql_where=_OPEN_ENTRY,
            sqlite_where=_OPEN_ENTRY,
        )


def _create_open_index(name: str, columns: list[str], *, unique: bool) -> None:
    op.create_index(
        name, "waiting_list_offers", columns, unique=unique, postgresql_where=_OPEN_OFFER, sqlite_where=_OPEN_OFFER
    )
