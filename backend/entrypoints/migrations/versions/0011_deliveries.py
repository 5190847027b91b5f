"""What is sent outside the app, what came back, devices that can be woken, texts that rest, messages for later."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_WORD = sa.String(length=32)
_INSTANT = sa.DateTime(timezone=True)
_STATES = ("waiting", "sending", "sent", "failed", "cancelled", "expired", "suppressed")
_RECEIPTS = ("provider_accepted", "device_received", "seen", "acted", "undelivered")
_SEVERITIES = ("critical", "transactional", "campaign")


def _where(condition: str) -> dict[str, Any]:
    return {"postgresql_where": sa.text(condition), "sqlite_where": sa.text(condition)}


def _one_of(values: tuple[str, ...], name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    """Move to this shape; tables only, so that the code before it does not notice."""
    op.create_table(
        "deliveries",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("notification_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _WORD, nullable=False),
        sa.Column("channel", _WORD, nullable=False),
        sa.Column("address_id", sa.Uuid(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("state", _one_of(_STATES, "deliveries_state"), nullable=False),
        sa.Column("due_at", _INSTANT, nullable=False),
        sa.Column("unless", _WORD, nullable=True),
        sa.Column("expires_at", _INSTANT, nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("lease_until", _INSTANT, nullable=True),
        sa.Column("provider", _WORD, nullable=True),
        sa.Column("provider_message_id", sa.String(length=200), nullable=True),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("finished_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("person_id", "id"),
        sa.UniqueConstraint("person_id", "notification_id", "channel", "address_id", name="deliveries_person_address"),
    )
    op.create_index("deliveries_by_id", "deliveries", ["id"])
    op.create_index("deliveries_created_at", "deliveries", ["created_at"])
    op.create_index("deliveries_by_provider_id", "deliveries", ["provider_message_id"])
    op.create_index("deliveries_due", "deliveries", ["channel", "priority", "due_at"], **_where("state = 'waiting'"))
    op.create_index("deliveries_leased", "deliveries", ["lease_until"], **_where("state = 'sending'"))
    op.create_table(
        "receipts",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("notification_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _one_of(_RECEIPTS, "receipts_kind"), nullable=False),
        sa.Column("received_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "notification_id", "source_id", "kind"),
    )
    op.create_table(
        "devices",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("provider", _WORD, nullable=False),
        sa.Column("address_kind", _WORD, nullable=False),
        sa.Column("address", sa.String(length=4096), nullable=False),
        sa.Column("address_hash", sa.String(length=64), nullable=False),
        sa.Column("app", sa.String(length=100), nullable=False),
        sa.Column("app_version", sa.String(length=32), nullable=False),
        sa.Column("locale", sa.String(length=35), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("public_key", sa.String(length=1000), nullable=True),
        sa.Column("registered_at", _INSTANT, nullable=False),
        sa.Column("last_seen_at", _INSTANT, nullable=False),
        sa.Column("retired_at", _INSTANT, nullable=True),
        sa.Column("retired_reason", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("person_id", "id"),
    )
    op.create_index("devices_by_id", "devices", ["id"])
    op.create_index("devices_one_account", "devices", ["address_hash"], unique=True, **_where("retired_at IS NULL"))
    op.create_table(
        "parked_texts",
        sa.Column("kind", _WORD, nullable=False),
        sa.Column("template_version", sa.Integer(), nullable=False),
        sa.Column("channel", _WORD, nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("parked_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("kind", "template_version", "channel"),
    )
    op.create_table(
        "planned_messages",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("dedupe_key", sa.String(length=128), nullable=False),
        sa.Column("kind", _WORD, nullable=False),
        sa.Column("severity", _one_of(_SEVERITIES, "planned_messages_severity"), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("due_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=True),
        sa.Column("planned_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "key"),
    )
    op.create_index("planned_messages_due", "planned_messages", ["due_at"])


def downgrade() -> None:
    """Move back; what waited to be sent is not sent, the inbox keeps it."""
    for table in ("planned_messages", "parked_texts", "devices", "receipts", "deliveries"):
        op.drop_table(table)
