"""Being called back by 122; whoever calls is found by the registered number, and numbers of calls fade."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_HAS_NUMBER = sa.text("caller_number <> ''")
_INSTANT = sa.DateTime(timezone=True)
_OPEN = sa.text("state IN ('waiting', 'taken')")
_OWN_OPEN = sa.text("state IN ('waiting', 'taken') AND proposal_id IS NULL")
_TAKEN = sa.text("state = 'taken'")


def upgrade() -> None:
    """Move to this shape."""
    op.create_table(
        "call_backs",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("callee_id", sa.Uuid(), nullable=False),
        sa.Column("called_number", sa.String(length=16), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("begins_at", _INSTANT, nullable=False),
        sa.Column("ends_at", _INSTANT, nullable=False),
        sa.Column("due_at", _INSTANT, nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("requested_at", _INSTANT, nullable=False),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.Column("proposal_id", sa.Uuid(), nullable=True),
        sa.Column("taken_by", sa.Uuid(), nullable=True),
        sa.Column("taken_in", sa.Uuid(), nullable=True),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("kept_until", _INSTANT, nullable=True),
        sa.CheckConstraint("ends_at > begins_at", name="call_backs_window"),
        sa.CheckConstraint("attempts >= 0", name="call_backs_attempts"),
        sa.CheckConstraint("state <> 'taken' OR call_id IS NOT NULL", name="call_backs_taken_whole"),
        sa.PrimaryKeyConstraint("person_id", "id", name="call_backs_pk"),
    )
    for name, columns, where, unique in (
        ("call_backs_one_open", ["person_id"], _OWN_OPEN, True),
        ("call_backs_queue", ["due_at", "id"], _OPEN, False),
        ("call_backs_ends_at", ["ends_at"], _OPEN, False),
        ("call_backs_taken", ["taken_by", "taken_in"], _TAKEN, False),
    ):
        op.create_index(name, "call_backs", columns, unique=unique, postgresql_where=where, sqlite_where=where)
    op.create_index("call_backs_one_a_proposal", "call_backs", ["person_id", "proposal_id"], unique=True)
    op.create_index("call_backs_ended_at", "call_backs", ["ended_at"])
    op.create_index("persons_phone", "persons", ["phone"])
    op.create_index(
        "call_tickets_numbers",
        "call_tickets",
        ["closed_at"],
        postgresql_where=_HAS_NUMBER,
        sqlite_where=_HAS_NUMBER,
    )


def downgrade() -> None:
    """Move back; who was to be called back is not."""
    op.drop_index("call_tickets_numbers", table_name="call_tickets")
    op.drop_index("persons_phone", table_name="persons")
    op.drop_table("call_backs")
