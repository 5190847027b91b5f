"""What people want to be told and when not, addresses that take nothing more, slots of campaigns."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_WORD = sa.String(length=32)
_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Move to this shape; tables only, so that the code before it does not notice."""
    op.create_table(
        "message_preferences",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("topic", _WORD, nullable=False),
        sa.Column("channel", _WORD, nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "topic", "channel"),
    )
    op.create_table(
        "quiet_hours",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("starts_minute", sa.SmallInteger(), nullable=True),
        sa.Column("ends_minute", sa.SmallInteger(), nullable=True),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.CheckConstraint("(starts_minute IS NULL) = (ends_minute IS NULL)", name="quiet_hours_both"),
        sa.CheckConstraint("starts_minute BETWEEN 0 AND 1439", name="quiet_hours_starts"),
        sa.CheckConstraint("ends_minute BETWEEN 0 AND 1439", name="quiet_hours_ends"),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.create_table(
        "suppressed_addresses",
        sa.Column("address_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "dead",
                "refuses",
                name="suppressed_addresses_reason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("since", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("address_hash"),
    )
    op.create_index("suppressed_addresses_since", "suppressed_addresses", ["since"])
    op.create_table(
        "campaign_slots",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("notification_id", sa.Uuid(), nullable=False),
        sa.Column("taken_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "notification_id"),
    )
    op.create_index("campaign_slots_taken_at", "campaign_slots", ["taken_at"])


def downgrade() -> None:
    """Move back; everything is sent to everybody again, at any hour: tell people before."""
    for table in ("campaign_slots", "suppressed_addresses", "quiet_hours", "message_preferences"):
        op.drop_table(table)
