"""Slots of outside registries: one of a name at a clinic; a post knows from when its times are."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_OUTSIDE = sa.text("external_id IS NOT NULL")


def upgrade() -> None:
    """Move to this shape; until now nobody wrote an `external_id`, so none stands twice."""
    op.add_column("posts", sa.Column("as_of", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "slots_external",
        "slots",
        ["clinic_id", "external_id"],
        unique=True,
        postgresql_where=_OUTSIDE,
        sqlite_where=_OUTSIDE,
    )


def downgrade() -> None:
    """Move back."""
    op.drop_index("slots_external", "slots")
    op.drop_column("posts", "as_of")
