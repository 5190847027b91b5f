"""Sessions bound to a device's key, named, and with a repeatable successor of a refresh token."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move to this shape; every column may be null, so that the code before it still writes its rows."""
    op.add_column("pending_sign_ins", sa.Column("key_thumbprint", sa.String(length=43), nullable=True))
    op.add_column("pending_sign_ins", sa.Column("max_age_seconds", sa.Integer(), nullable=True))
    op.add_column("pending_sign_ins", sa.Column("acr", sa.String(length=32), nullable=True))
    op.add_column("authorization_codes", sa.Column("key_thumbprint", sa.String(length=43), nullable=True))
    op.add_column("sessions", sa.Column("key_thumbprint", sa.String(length=43), nullable=True))
    op.add_column("sessions", sa.Column("device_name", sa.String(length=64), nullable=True))
    op.add_column("sessions", sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("refresh_tokens", sa.Column("successor_salt", sa.String(length=64), nullable=True))


def downgrade() -> None:
    """Move back."""
    op.drop_column("refresh_tokens", "successor_salt")
    op.drop_column("sessions", "last_seen_at")
    op.drop_column("sessions", "device_name")
    op.drop_column("sessions", "key_thumbprint")
    op.drop_column("authorization_codes", "key_thumbprint")
    op.drop_column("pending_sign_ins", "acr")
    op.drop_column("pending_sign_ins", "max_age_seconds")
    op.drop_column("pending_sign_ins", "key_thumbprint")
