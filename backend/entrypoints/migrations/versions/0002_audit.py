"""The audit of accesses."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move to this shape."""
    with op.batch_alter_table("notifications") as notifications:
        notifications.drop_constraint("notifications_kind", type_="check")
    op.create_table(
        "audit_anchors",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heads", sa.Integer(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "audit_entries",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("actor_kind", sa.String(length=32), nullable=False),
        sa.Column("capacity", sa.String(length=32), nullable=True),
        sa.Column("purpose", sa.String(length=32), nullable=True),
        sa.Column("organization", sa.String(length=15), nullable=True),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.Column("actions", sa.String(length=512), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "allowed", "denied", name="audit_entries_outcome", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("trace_id", sa.String(length=64), nullable=False),
        sa.Column("reference", sa.Uuid(), nullable=True),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "sequence"),
    )
    op.create_table(
        "audit_heads",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("anchored", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.create_table(
        "own_accesses",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actions", sa.BigInteger(), nullable=False),
        sa.Column("actor_kind", sa.String(length=32), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "session_id", "hour"),
    )
    with op.batch_alter_table("own_accesses", schema=None) as batch_op:
        batch_op.create_index("own_accesses_hour", ["hour"], unique=False)

    op.create_table(
        "audit_anchored_heads",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("anchor", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["anchor"], ["audit_anchors.number"], name="audit_anchored_heads_anchor"),
        sa.PrimaryKeyConstraint("person_id", "anchor"),
    )
    with op.batch_alter_table("audit_anchored_heads", schema=None) as batch_op:
        batch_op.create_index("audit_anchored_heads_by_anchor", ["anchor"], unique=False)


def downgrade() -> None:
    """Move back; messages of kinds that did not exist then are in the way, and stop it."""
    with op.batch_alter_table("notifications") as notifications:
        notifications.create_check_constraint(
            "notifications_kind", "kind IN ('appointment_booked', 'appointment_cancelled', 'welcome')"
        )
    with op.batch_alter_table("audit_anchored_heads", schema=None) as batch_op:
        batch_op.drop_index("audit_anchored_heads_by_anchor")

    op.drop_table("audit_anchored_heads")
    with op.batch_alter_table("own_accesses", schema=None) as batch_op:
        batch_op.drop_index("own_accesses_hour")

    op.drop_table("own_accesses")
    op.drop_table("audit_heads")
    op.drop_table("audit_entries")
    op.drop_table("audit_anchors")
