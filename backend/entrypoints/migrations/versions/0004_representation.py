"""Who acts for whom, and what proves it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move to this shape."""
    op.create_table(
        "child_checks",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.Column("mismatches", sa.Integer(), nullable=False),
        sa.Column("mismatched_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "child_id"),
    )
    op.create_table(
        "guardianships",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting_for_check",
                "confirmed",
                "refused",
                name="guardianships_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("family_name", sa.String(length=100), nullable=False),
        sa.Column("given_name", sa.String(length=100), nullable=False),
        sa.Column("patronymic", sa.String(length=100), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("sex", sa.String(length=6), nullable=False),
        sa.Column("snils", sa.String(length=11), nullable=False),
        sa.Column("document_kind", sa.String(length=32), nullable=False),
        sa.Column("document_number", sa.String(length=64), nullable=False),
        sa.Column("issued_by", sa.String(length=200), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("person_id", "id"),
    )
    with op.batch_alter_table("guardianships", schema=None) as batch_op:
        batch_op.create_index(
            "guardianships_waiting",
            ["requested_at"],
            unique=False,
            sqlite_where=sa.text("state = 'waiting_for_check'"),
            postgresql_where=sa.text("state = 'waiting_for_check'"),
        )

    op.create_table(
        "known_children",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("family_name", sa.String(length=100), nullable=False),
        sa.Column("given_name", sa.String(length=100), nullable=False),
        sa.Column("patronymic", sa.String(length=100), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("sex", sa.String(length=6), nullable=True),
        sa.Column("snils", sa.String(length=11), nullable=True),
        sa.Column("certificate_series", sa.String(length=32), nullable=True),
        sa.Column("certificate_number", sa.String(length=64), nullable=True),
        sa.Column("certificate_act", sa.String(length=32), nullable=True),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "id"),
        sa.UniqueConstraint("person_id", "source", "subject", name="known_children_subject"),
    )
    op.create_table(
        "representation_invitations",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "offered",
                "opened",
                "accepted",
                "declined",
                "withdrawn",
                name="representation_invitations_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("representative_id", sa.Uuid(), nullable=True),
        sa.Column("read_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("book_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("collect_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("person_id", "id"),
        sa.UniqueConstraint("person_id", "code_hash", name="representation_invitations_code"),
    )
    with op.batch_alter_table("representation_invitations", schema=None) as batch_op:
        batch_op.create_index("representation_invitations_of_invited", ["representative_id", "person_id"], unique=False)

    op.create_table(
        "representations",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("representative_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "parent",
                "guardian",
                "trusted",
                name="representations_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("book_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("collect_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end_announced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("end_reason", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("person_id", "id"),
    )
    with op.batch_alter_table("representations", schema=None) as batch_op:
        batch_op.create_index(
            "representations_expires_at",
            ["expires_at"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.create_index("representations_of_representative", ["representative_id", "person_id"], unique=False)
        batch_op.create_index(
            "representations_one_live",
            ["person_id", "representative_id", "kind"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "representation_documents",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("representation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("series", sa.String(length=32), nullable=True),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("act_record", sa.String(length=32), nullable=True),
        sa.Column("issued_by", sa.String(length=200), nullable=True),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id", "representation_id"],
            ["representations.person_id", "representations.id"],
            name="representation_documents_representation",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", "representation_id"),
    )
    with op.batch_alter_table("persons", schema=None) as batch_op:
        batch_op.create_index("persons_snils", ["snils"], unique=False)


def downgrade() -> None:
    """Move back."""
    with op.batch_alter_table("persons", schema=None) as batch_op:
        batch_op.drop_index("persons_snils")

    op.drop_table("representation_documents")
    with op.batch_alter_table("representations", schema=None) as batch_op:
        batch_op.drop_index(
            "representations_one_live",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index("representations_of_representative")
        batch_op.drop_index(
            "representations_expires_at",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.drop_table("representations")
    with op.batch_alter_table("representation_invitations", schema=None) as batch_op:
        batch_op.drop_index("representation_invitations_of_invited")

    op.drop_table("representation_invitations")
    op.drop_table("known_children")
    with op.batch_alter_table("guardianships", schema=None) as batch_op:
        batch_op.drop_index(
            "guardianships_waiting",
            sqlite_where=sa.text("state = 'waiting_for_check'"),
            postgresql_where=sa.text("state = 'waiting_for_check'"),
        )

    op.drop_table("guardianships")
    op.drop_table("child_checks")
