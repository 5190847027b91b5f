"""The whole life of an appointment: more states, moves, referrals, attachments, quotas, registries outside."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_STATES_BEFORE = "'held', 'confirmed', 'cancelled', 'released'"
_STATES = f"{_STATES_BEFORE}, 'pending', 'unknown', 'refused', 'cancelling', 'attended', 'no_show'"
_ACTIVE_BEFORE = sa.text("status IN ('held', 'confirmed')")
_ACTIVE = sa.text("status IN ('held', 'confirmed', 'pending', 'unknown', 'cancelling', 'attended', 'no_show')")
_UNSETTLED = sa.text("status IN ('pending', 'unknown', 'cancelling')")
_BY_REFERRAL = sa.text(
    "referral_id IS NOT NULL AND status IN ('confirmed', 'pending', 'unknown', 'cancelling', 'attended')"
)
_OF_SET = sa.text("set_id IS NOT NULL")
_CHANNELS = ("epgu", "app", "call_122", "infomat", "registry")


def upgrade() -> None:
    """Move to this shape; new columns may be null or have a default, so that the code before still writes its rows."""
    for table, columns in _added_columns().items():
        for column in columns:
            op.add_column(table, column)
    _allow_states(_STATES, instead_of=_STATES_BEFORE)
    _recreate_claim_index(_ACTIVE)
    op.create_index(
        "appointments_unsettled", "appointments", ["asked_at"], postgresql_where=_UNSETTLED, sqlite_where=_UNSETTLED
    )
    op.create_index(
        "appointments_one_per_referral",
        "appointments",
        ["person_id", "referral_id"],
        unique=True,
        postgresql_where=_BY_REFERRAL,
        sqlite_where=_BY_REFERRAL,
    )
    op.create_index(
        "appointments_of_set", "appointments", ["person_id", "set_id"], postgresql_where=_OF_SET, sqlite_where=_OF_SET
    )
    op.create_table(
        "appointment_sets",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("status", _choice("appointment_sets_status", "pending", "booked", "refused"), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("closed_at", _INSTANT, nullable=True),
        sa.Column("refused_with", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("person_id", "id", name="appointment_sets_pk"),
    )
    op.create_table(
        "schedule_quotas",
        sa.Column("schedule_id", sa.Uuid(), nullable=False),
        sa.Column("channel", _choice("schedule_quotas_channel", *_CHANNELS), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.CheckConstraint("most >= 0", name="schedule_quotas_most"),
        sa.ForeignKeyConstraint(["schedule_id"], ["schedules.id"]),
        sa.PrimaryKeyConstraint("schedule_id", "channel"),
    )
    op.create_table(
        "appointment_events",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.Column("from_slot_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("person_id", "appointment_id", "id", name="appointment_events_pk"),
    )
    op.create_table(
        "referrals",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("specialty_id", sa.Uuid(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("as_of", _INSTANT, nullable=False),
        sa.CheckConstraint("expires_on >= issued_on", name="referrals_expires_after_issue"),
        sa.ForeignKeyConstraint(["specialty_id"], ["specialties.id"]),
        sa.PrimaryKeyConstraint("person_id", "id", name="referrals_pk"),
        sa.UniqueConstraint("person_id", "number", name="referrals_number"),
    )
    op.create_table(
        "attachments",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("as_of", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["medical_organisations.id"]),
        sa.PrimaryKeyConstraint("person_id"),
    )


def downgrade() -> None:
    """Move back; what the code before has no word for becomes the nearest that keeps a slot from a second person."""
    for table in ("attachments", "referrals", "appointment_events", "schedule_quotas", "appointment_sets"):
        op.drop_table(table)
    op.drop_index("appointments_of_set", "appointments")
    op.drop_index("appointments_one_per_referral", "appointments")
    op.drop_index("appointments_unsettled", "appointments")
    _recreate_claim_index(_ACTIVE_BEFORE)
    op.execute(
        sa.text(
            "UPDATE appointments SET status = 'confirmed', confirmed_at = coalesce(confirmed_at, created_at) "
            "WHERE status IN ('pending', 'unknown', 'cancelling', 'attended', 'no_show')"
        )
    )
    op.execute(sa.text("UPDATE appointments SET status = 'released' WHERE status = 'refused'"))
    _allow_states(_STATES_BEFORE, instead_of=_STATES)
    for table, columns in _added_columns().items():
        for column in reversed(columns):
            op.drop_column(table, column.name)


def _choice(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _added_columns() -> dict[str, tuple[sa.Column[object], ...]]:
    """Return by table what is new; columns are made anew, for one belongs to one table only."""
    no = sa.text("false")
    return {
        "specialties": (
            sa.Column("needs_attachment", sa.Boolean(), nullable=False, server_default=no),
            sa.Column("age_from", sa.Integer(), nullable=True),
            sa.Column("age_until", sa.Integer(), nullable=True),
            sa.Column("sex", sa.String(length=32), nullable=True),
        ),
        "clinics": (
            sa.Column("kept_by", sa.String(length=32), nullable=False, server_default="own"),
            sa.Column("age_from", sa.Integer(), nullable=True),
            sa.Column("age_until", sa.Integer(), nullable=True),
        ),
        "posts": (sa.Column("resource_key", sa.String(length=200), nullable=True),),
        "slots": (
            sa.Column("released_at", _INSTANT, nullable=True),
            sa.Column("external_id", sa.String(length=200), nullable=True),
            sa.Column("as_of", _INSTANT, nullable=True),
        ),
        "appointments": (
            sa.Column("cancelled_as", sa.String(length=32), nullable=True),
            sa.Column("replaces_id", sa.Uuid(), nullable=True),
            sa.Column("referral_id", sa.Uuid(), nullable=True),
            sa.Column("sequence", sa.Integer(), nullable=False, server_default=sa.text("0")),
            sa.Column("extended_at", _INSTANT, nullable=True),
            sa.Column("checked_in_at", _INSTANT, nullable=True),
            sa.Column("closed_at", _INSTANT, nullable=True),
            sa.Column("registry_key", sa.Uuid(), nullable=True),
            sa.Column("asked_at", _INSTANT, nullable=True),
            sa.Column("tries", sa.Integer(), nullable=False, server_default=sa.text("0")),
            sa.Column("refused_with", sa.String(length=64), nullable=True),
            sa.Column("norm_exceeded", sa.Boolean(), nullable=True),
            sa.Column("set_id", sa.Uuid(), nullable=True),
            sa.Column("agreed_at", _INSTANT, nullable=True),
        ),
    }


def _recreate_claim_index(active: sa.TextClause) -> None:
    op.drop_index("appointments_one_active_per_slot", "appointments")
    op.create_index(
        "appointments_one_active_per_slot",
        "appointments",
        ["slot_id"],
        unique=True,
        postgresql_where=active,
        sqlite_where=active,
    )


def _allow_states(states: str, *, instead_of: str) -> None:
    """Change which states the database takes; see 0008 for why SQLite's schema is changed as text."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.drop_constraint("appointments_status", "appointments", type_="check")
        op.create_check_constraint("appointments_status", "appointments", sa.text(f"status IN ({states})"))
        return
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    changed = connection.execute(
        sa.text(
            "UPDATE sqlite_master SET sql = replace(sql, :before, :after) "
            "WHERE type = 'table' AND name = 'appointments' AND sql LIKE '%' || :before || '%'"
        ),
        {"before": f"status IN ({instead_of})", "after": f"status IN ({states})"},
    )
    if changed.rowcount != 1:
        raise RuntimeError("the check of appointments.status is not the one that was made")
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")
