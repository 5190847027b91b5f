"""Feeds of calendars."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_LIVE = sa.text("revoked_at IS NULL")


def upgrade() -> None:
    """Move to this shape; the code before it knows nothing of the table."""
    op.create_table(
        "calendar_feeds",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "detail",
            sa.Enum(
                "plain", "full", name="calendar_feeds_detail", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("revoked_at", _INSTANT, nullable=True),
        sa.Column("last_read_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("person_id", "id", name="calendar_feeds_pk"),
    )
    op.create_index("calendar_feeds_token_hash", "calendar_feeds", ["token_hash"], unique=True)
    op.create_index(
        "calendar_feeds_one_live",
        "calendar_feeds",
        ["person_id", "actor_id"],
        unique=True,
        postgresql_where=_LIVE,
        sqlite_where=_LIVE,
    )


def downgrade() -> None:
    """Move back; the addresses in calendars are worth nothing afterwards."""
    op.drop_table("calendar_feeds")
