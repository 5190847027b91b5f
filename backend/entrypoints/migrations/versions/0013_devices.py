"""Numbers of the changes of inboxes, what was withdrawn from them, and the devices people have signed in on."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)

_SEEN_SO_FAR = """
INSERT INTO seen_devices (person_id, client_id, key_thumbprint, first_seen_at)
SELECT person_id, client_id, coalesce(key_thumbprint, ''), min(created_at)
FROM sessions GROUP BY person_id, client_id, coalesce(key_thumbprint, '')
"""


def upgrade() -> None:
    """Move to this shape; the column may be null, so that the code before it still writes its rows.

    What that code marks as seen keeps its number: a phone learns of it at the message's next change.
    """
    op.add_column("notifications", sa.Column("change", sa.BigInteger(), nullable=True))
    op.create_index("notifications_person_change", "notifications", ["person_id", "change"])
    op.create_table(
        "withdrawn_notifications",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("notification_id", sa.Uuid(), nullable=False),
        sa.Column("withdrawn_at", _INSTANT, nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("person_id", "notification_id"),
    )
    op.create_index("withdrawn_notifications_change", "withdrawn_notifications", ["person_id", "change"])
    op.create_table(
        "inbox_states",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("epoch", sa.Uuid(), nullable=False),
        sa.Column("last_change", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.create_table(
        "seen_devices",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("key_thumbprint", sa.String(length=43), nullable=False),
        sa.Column("first_seen_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "client_id", "key_thumbprint"),
    )
    op.execute(_SEEN_SO_FAR)
    op.create_index(
        "devices_of_session",
        "devices",
        ["person_id", "session_id"],
        unique=True,
        postgresql_where=sa.text("retired_at IS NULL"),
        sqlite_where=sa.text("retired_at IS NULL"),
    )


def downgrade() -> None:
    """Move back; phones begin their copies anew afterwards."""
    op.drop_index("devices_of_session", "devices")
    op.drop_table("seen_devices")
    op.drop_table("inbox_states")
    op.drop_table("withdrawn_notifications")
    op.drop_index("notifications_person_change", "notifications")
    op.drop_column("notifications", "change")
