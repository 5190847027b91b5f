"""As what a session is signed in: staff of an organisation, or a system."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TABLES = ("authorization_codes", "sessions")


def upgrade() -> None:
    """Move to this shape; every column may be null, so that the code before it still writes its rows."""
    op.add_column("pending_sign_ins", sa.Column("organization", sa.String(length=15), nullable=True))
    for table in _TABLES:
        op.add_column(table, sa.Column("kind", sa.String(length=32), nullable=True))
        op.add_column(table, sa.Column("organization", sa.String(length=15), nullable=True))
        op.add_column(table, sa.Column("level", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Move back; sessions of staff end, for without these columns they would become those of citizens."""
    for table in _TABLES:
        op.execute(sa.text(f"DELETE FROM {table} WHERE kind IS NOT NULL AND kind <> 'citizen'"))  # noqa: S608 # ours
        for column in ("level", "organization", "kind"):
            op.drop_column(table, column)
    op.drop_column("pending_sign_ins", "organization")
