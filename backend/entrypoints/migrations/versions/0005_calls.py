"""Calls of 122."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move to this shape."""
    op.create_table(
        "call_tickets",
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("organization", sa.String(length=15), nullable=True),
        sa.Column("caller_number", sa.String(length=16), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wrong_answers", sa.Integer(), nullable=False),
        sa.Column("wrong_patients", sa.Integer(), nullable=False),
        sa.Column("codes_sent", sa.Integer(), nullable=False),
        sa.Column("code_person_id", sa.Uuid(), nullable=True),
        sa.Column("code_hash", sa.String(length=64), nullable=True),
        sa.Column("code_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("caller_id", sa.Uuid(), nullable=True),
        sa.Column("verified_by", sa.String(length=32), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("operator_id", "id"),
    )
    is_open = sa.text("closed_at IS NULL")
    op.create_index(
        "call_tickets_one_open",
        "call_tickets",
        ["operator_id", "session_id"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_index("call_tickets_opened", "call_tickets", ["operator_id", "opened_at"])
    op.create_index("persons_birth_date", "persons", ["birth_date"])


def downgrade() -> None:
    """Move back."""
    op.drop_index("persons_birth_date", table_name="persons")
    op.drop_index("call_tickets_opened", table_name="call_tickets")
    op.drop_index("call_tickets_one_open", table_name="call_tickets")
    op.drop_table("call_tickets")
