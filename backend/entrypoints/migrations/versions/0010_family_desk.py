"""What an officer decides about guardianships: why, and what it gave."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_WAITING = sa.text("state = 'waiting_for_check'")
_LINK = """
UPDATE guardianships SET representation_id = (
    SELECT given.id FROM representations AS given
    JOIN representation_documents AS paper
      ON paper.person_id = given.person_id AND paper.representation_id = given.id
    WHERE given.representative_id = guardianships.person_id AND given.kind = 'guardian'
      AND given.begun_at = guardianships.settled_at AND paper.number = guardianships.document_number
) WHERE state = 'confirmed'
"""
"""What was confirmed before is linked with what it gave, which began at that very instant by that very document."""


def upgrade() -> None:
    """Move to this shape; every column may be null, so that the code before it still writes its rows."""
    op.add_column("guardianships", sa.Column("note", sa.String(length=1000), nullable=True))
    op.add_column("guardianships", sa.Column("representation_id", sa.Uuid(), nullable=True))
    op.add_column("representations", sa.Column("end_note", sa.String(length=1000), nullable=True))
    op.create_index("guardianships_by_id", "guardianships", ["id"])
    op.create_index("guardianships_queue", "guardianships", ["state", "requested_at", "id"])
    op.create_index("representations_by_id", "representations", ["id"])
    op.drop_index("guardianships_waiting", "guardianships", postgresql_where=_WAITING, sqlite_where=_WAITING)
    op.execute(sa.text(_LINK))


def downgrade() -> None:
    """Move back; why an officer decided so is lost."""
    op.create_index(
        "guardianships_waiting", "guardianships", ["requested_at"], postgresql_where=_WAITING, sqlite_where=_WAITING
    )
    op.drop_index("representations_by_id", "representations")
    op.drop_index("guardianships_queue", "guardianships")
    op.drop_index("guardianships_by_id", "guardianships")
    op.drop_column("representations", "end_note")
    op.drop_column("guardianships", "representation_id")
    op.drop_column("guardianships", "note")
