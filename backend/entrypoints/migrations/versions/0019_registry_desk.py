"""The registry desk of a clinic: whose staff it has, and how its posts receive."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_PENDING = sa.text("state = 'pending'")
_AT_WORK = sa.text("status = 'confirmed'")


def upgrade() -> None:
    """Move to this shape; what is there is kept as it is."""
    op.add_column("medical_organisations", sa.Column("ogrn", sa.String(13), nullable=True))
    op.create_index("medical_organisations_ogrn", "medical_organisations", ["ogrn"])
    op.create_table(
        "schedule_templates",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("post_id", sa.Uuid(), sa.ForeignKey("posts.id"), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Integer(), nullable=False),
        sa.Column("closes", sa.Integer(), nullable=False),
        sa.Column("slot_minutes", sa.Integer(), nullable=False),
        sa.Column("channels", sa.Integer(), nullable=False),
        sa.Column("quotas", sa.JSON(), nullable=False),
        sa.Column("release_days", sa.Integer(), nullable=True),
        sa.Column("release_minute", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.CheckConstraint("weekday BETWEEN 1 AND 7", name="schedule_templates_weekday"),
        sa.CheckConstraint("opens >= 0 AND closes > opens AND closes <= 1439", name="schedule_templates_hours"),
        sa.CheckConstraint("slot_minutes BETWEEN 1 AND 480", name="schedule_templates_slot_minutes"),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="schedule_templates_validity"),
        sa.CheckConstraint(
            "(release_days IS NULL) = (release_minute IS NULL)", name="schedule_templates_release_whole"
        ),
    )
    op.create_index("schedule_templates_post", "schedule_templates", ["post_id", "weekday"])
    _create_proposals()
    _create_appeals()


def _create_proposals() -> None:
    op.create_table(
        "cancellation_proposals",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("clinic_id", sa.Uuid(), sa.ForeignKey("clinics.id"), nullable=False),
        sa.Column("doctor_id", sa.Uuid(), sa.ForeignKey("doctors.id"), nullable=True),
        sa.Column("starts_from", _INSTANT, nullable=False),
        sa.Column("starts_before", _INSTANT, nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("appointments", sa.Integer(), nullable=False),
        sa.Column("holds", sa.Integer(), nullable=False),
        sa.Column("free_slots", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("confirmed_at", _INSTANT, nullable=True),
        sa.Column("done_at", _INSTANT, nullable=True),
        sa.CheckConstraint("starts_before > starts_from", name="cancellation_proposals_range"),
        sa.CheckConstraint(
            "status = 'proposed' OR confirmed_at IS NOT NULL", name="cancellation_proposals_confirmed_when"
        ),
        sa.CheckConstraint("status IN ('proposed', 'confirmed', 'done')", name="cancellation_proposals_status"),
    )
    op.create_index("cancellation_proposals_clinic", "cancellation_proposals", ["clinic_id", "created_at"])
    op.create_index(
        "cancellation_proposals_at_work",
        "cancellation_proposals",
        ["confirmed_at"],
        postgresql_where=_AT_WORK,
        sqlite_where=_AT_WORK,
    )
    op.create_table(
        "cancellation_items",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), sa.ForeignKey("cancellation_proposals.id"), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", _INSTANT, nullable=False),
        sa.Column("has_contact", sa.Boolean(), nullable=False),
        sa.Column("replacement_slot_id", sa.Uuid(), sa.ForeignKey("slots.id"), nullable=True),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("call_reason", sa.String(32), nullable=True),
        sa.Column("hold_id", sa.Uuid(), nullable=True),
        sa.Column("settled_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("person_id", "proposal_id", "appointment_id", name="cancellation_items_pk"),
        sa.CheckConstraint("state IN ('waiting', 'offered', 'to_call', 'gone')", name="cancellation_items_state"),
    )
    op.create_index(
        "cancellation_items_of_proposal", "cancellation_items", ["proposal_id", "starts_at", "appointment_id"]
    )


def _create_appeals() -> None:
    op.create_table(
        "no_show_appeals",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.String(1000), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("settled_at", _INSTANT, nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("person_id", "appointment_id", name="no_show_appeals_pk"),
        sa.CheckConstraint("state IN ('pending', 'accepted', 'rejected')", name="no_show_appeals_state"),
        sa.CheckConstraint(
            "state = 'pending' OR (settled_at IS NOT NULL AND settled_by IS NOT NULL)",
            name="no_show_appeals_settled_by_whom",
        ),
    )
    op.create_index(
        "no_show_appeals_pending", "no_show_appeals", ["created_at"], postgresql_where=_PENDING, sqlite_where=_PENDING
    )


def downgrade() -> None:
    """Move back."""
    op.drop_table("no_show_appeals")
    op.drop_table("cancellation_items")
    op.drop_table("cancellation_proposals")
    op.drop_table("schedule_templates")
    op.drop_index("medical_organisations_ogrn", "medical_organisations")
    op.drop_column("medical_organisations", "ogrn")
