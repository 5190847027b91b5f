"""Consents, emergencies and the officer's queue."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move to this shape."""
    op.create_table(
        "consents",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "recipient_kind",
            sa.Enum(
                "organization",
                "clinician",
                "purpose",
                name="consents_recipient_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("recipient", sa.String(length=36), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given_by", sa.Uuid(), nullable=False),
        sa.Column("given_as", sa.String(length=32), nullable=False),
        sa.Column(
            "assurance",
            sa.Enum(
                "simplified",
                "standard",
                "confirmed",
                name="consents_assurance",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("authenticated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("person_id", "id"),
    )
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.create_index("consents_newest", ["person_id", "given_at", "id"], unique=False)
        batch_op.create_index(
            "consents_one_open",
            ["person_id", "purpose", "recipient_kind", "recipient"],
            unique=True,
            sqlite_where=sa.text("withdrawn_at IS NULL AND replaced_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL AND replaced_at IS NULL"),
        )

    op.create_table(
        "emergencies",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("actor_kind", sa.String(length=32), nullable=False),
        sa.Column("organization", sa.String(length=15), nullable=True),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "id"),
    )
    with op.batch_alter_table("emergencies", schema=None) as batch_op:
        batch_op.create_index("emergencies_of_actor", ["person_id", "actor_id", "expires_at"], unique=False)

    op.create_table(
        "emergency_counts",
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("actor_id", "day"),
    )
    op.create_table(
        "reviews",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "source",
            sa.Enum("emergency", "report", name="reviews_source", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("emergency_id", sa.Uuid(), nullable=True),
        sa.Column("entry", sa.BigInteger(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("comment", sa.String(length=1000), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "needs_more",
                "settled",
                name="reviews_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "verdict",
            sa.Enum(
                "justified",
                "unjustified",
                "needs_more",
                name="reviews_verdict",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("note", sa.String(length=1000), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("person_id", "id"),
        sa.UniqueConstraint("person_id", "emergency_id", name="reviews_once_an_emergency"),
        sa.UniqueConstraint("person_id", "entry", name="reviews_once_an_entry"),
    )
    with op.batch_alter_table("reviews", schema=None) as batch_op:
        batch_op.create_index("reviews_by_id", ["id"], unique=True)
        batch_op.create_index("reviews_queue", ["state", "opened_at", "id"], unique=False)


def downgrade() -> None:
    """Move back."""
    with op.batch_alter_table("reviews", schema=None) as batch_op:
        batch_op.drop_index("reviews_queue")
        batch_op.drop_index("reviews_by_id")

    op.drop_table("reviews")
    op.drop_table("emergency_counts")
    with op.batch_alter_table("emergencies", schema=None) as batch_op:
        batch_op.drop_index("emergencies_of_actor")

    op.drop_table("emergencies")
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.drop_index(
            "consents_one_open",
            sqlite_where=sa.text("withdrawn_at IS NULL AND replaced_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL AND replaced_at IS NULL"),
        )
        batch_op.drop_index("consents_newest")

    op.drop_table("consents")
