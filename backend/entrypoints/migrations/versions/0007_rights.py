"""Copies of one's data, and requests for erasure."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_ACTIVE = sa.text("state IN ('queued', 'running')")
_WAITING = sa.text("state = 'waiting'")
_DUE = sa.text("due_at IS NOT NULL")


def upgrade() -> None:
    """Move to this shape."""
    op.create_table(
        "data_exports",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=False),
        sa.Column("withheld", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "running",
                "ready",
                "failed",
                "expired",
                name="data_exports_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("progress_percent", sa.Integer(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimable_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=True),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("failure", sa.String(length=64), nullable=True),
        sa.Column("data_key", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("person_id", "id"),
    )
    with op.batch_alter_table("data_exports", schema=None) as batch_op:
        batch_op.create_index(
            "data_exports_claimable_at",
            ["claimable_at"],
            unique=False,
            postgresql_where=_ACTIVE,
            sqlite_where=_ACTIVE,
        )
        batch_op.create_index("data_exports_expires_at", ["expires_at"], unique=False)
        batch_op.create_index(
            "data_exports_one_active", ["person_id"], unique=True, postgresql_where=_ACTIVE, sqlite_where=_ACTIVE
        )
        batch_op.create_index("data_exports_person_requested", ["person_id", "requested_at"], unique=False)

    op.create_table(
        "erasure_requests",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "cancelled",
                "erased",
                name="erasure_requests_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erases_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("receipt_key", sa.LargeBinary(), nullable=False),
        sa.Column("statement", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "id"),
    )
    with op.batch_alter_table("erasure_requests", schema=None) as batch_op:
        batch_op.create_index(
            "erasure_requests_due_at", ["due_at"], unique=False, postgresql_where=_DUE, sqlite_where=_DUE
        )
        batch_op.create_index(
            "erasure_requests_one_waiting", ["person_id"], unique=True, postgresql_where=_WAITING, sqlite_where=_WAITING
        )
        batch_op.create_index("erasure_requests_person_requested", ["person_id", "requested_at"], unique=False)


def downgrade() -> None:
    """Move back; copies lose their keys, and with them everything."""
    op.drop_table("erasure_requests")
    op.drop_table("data_exports")
