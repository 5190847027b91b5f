"""Portals that book: their sessions, and what came of each booking in them."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move to this shape."""
    op.create_table(
        "portal_sessions",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("system_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "system_id", "id"),
        sa.UniqueConstraint("system_id", "id", name="portal_sessions_by_id"),
    )
    op.create_index("portal_sessions_expires_at", "portal_sessions", ["expires_at"])
    op.create_table(
        "portal_outcomes",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("system_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=True),
        sa.Column("refused_with", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "system_id", "session_id", "slot_id"),
    )
    op.create_index("portal_outcomes_expires_at", "portal_outcomes", ["expires_at"])


def downgrade() -> None:
    """Move back."""
    op.drop_table("portal_outcomes")
    op.drop_table("portal_sessions")
