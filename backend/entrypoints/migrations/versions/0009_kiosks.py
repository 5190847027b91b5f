"""Kiosks: codes to hand over by, one session at a machine, and which machine an own access came from."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_STANDING = sa.text("kind = 'kiosk' AND revoked_at IS NULL")


def upgrade() -> None:
    """Move to this shape; the new column may be null, so that the code before it still writes its rows."""
    op.create_table(
        "handovers",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("person_id", "session_id"),
    )
    op.create_index("handovers_code", "handovers", ["person_id", "code_hash"])
    op.create_index("handovers_expires_at", "handovers", ["expires_at"])
    op.create_index(
        "sessions_one_at_kiosk",
        "sessions",
        ["key_thumbprint"],
        unique=True,
        postgresql_where=_STANDING,
        sqlite_where=_STANDING,
    )
    op.add_column("own_accesses", sa.Column("reference", sa.Uuid(), nullable=True))


def downgrade() -> None:
    """Move back; sessions at kiosks end, for the code before would let them rest for weeks."""
    op.drop_column("own_accesses", "reference")
    op.drop_index("sessions_one_at_kiosk", "sessions")
    for table in ("authorization_codes", "sessions"):
        op.execute(sa.text(f"DELETE FROM {table} WHERE kind = 'kiosk'"))  # noqa: S608 # ours
    op.drop_table("handovers")
