"""Queues for what a post begins to give out: who joined, in which order, and whose turn it is."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_NOT_ENDED = sa.text("ended_at IS NULL")
_COMPETING = sa.text("state IN ('queued', 'turn')")
_KEPT = sa.text("state IN ('queued', 'turn', 'used')")


def upgrade() -> None:
    """Move to this shape."""
    op.add_column(
        "posts", sa.Column("releases_by_queue", sa.Boolean(), nullable=False, server_default=sa.text("false"))
    )
    op.create_table(
        "release_queues",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("released_at", _INSTANT, nullable=False),
        sa.Column("ends_at", _INSTANT, nullable=False),
        sa.Column("drawn_at", _INSTANT, nullable=True),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.CheckConstraint("ends_at > released_at", name="release_queues_ends_after_release"),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("post_id", "released_at", name="release_queues_post_released_at"),
    )
    op.create_index(
        "release_queues_not_ended",
        "release_queues",
        ["released_at"],
        postgresql_where=_NOT_ENDED,
        sqlite_where=_NOT_ENDED,
    )
    _create_places()


def downgrade() -> None:
    """Move back; what is given out goes to whoever is first again."""
    op.drop_table("release_queue_places")
    op.drop_table("release_queues")
    op.drop_column("posts", "releases_by_queue")


def _create_places() -> None:
    op.create_table(
        "release_queue_places",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("queue_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("joined_at", _INSTANT, nullable=False),
        sa.Column("turn_until", _INSTANT, nullable=True),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.CheckConstraint("state <> 'turn' OR turn_until IS NOT NULL", name="release_queue_places_turn_until"),
        sa.ForeignKeyConstraint(["queue_id"], ["release_queues.id"]),
        sa.PrimaryKeyConstraint("person_id", "id", name="release_queue_places_pk"),
    )
    op.create_index("release_queue_places_order", "release_queue_places", ["queue_id", "place"], unique=True)
    for name, columns, where, unique in (
        ("release_queue_places_one_a_person", ["person_id", "queue_id"], _KEPT, True),
        ("release_queue_places_competing", ["queue_id", "state", "place"], _COMPETING, False),
    ):
        op.create_index(
            name, "release_queue_places", columns, unique=unique, postgresql_where=where, sqlite_where=where
        )
