"""The registry desk of a clinic: whose staff it has, and how its posts receive."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Move to this shape; what is there is kept as it is."""
    op.add_column("medical_organisations", sa.Column("ogrn", sa.String(13), nullable=True))
    op.create_index("medical_organisations_ogrn", "medical_organisations", ["ogrn"])
    op.create_table(
        "schedule_templates",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("post_id", sa.Uuid(), sa.ForeignKey("posts.id"), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Integer(), nullable=False),
        sa.Column("closes", sa.Integer(), nullable=False),
        sa.Column("slot_minutes", sa.Integer(), nullable=False),
        sa.Column("channels", sa.Integer(), nullable=False),
        sa.Column("quotas", sa.JSON(), nullable=False, server_default=sa.text("'{}'")),
        sa.Column("release_days", sa.Integer(), nullable=True),
        sa.Column("release_minute", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.CheckConstraint("weekday BETWEEN 1 AND 7", name="schedule_templates_weekday"),
        sa.CheckConstraint("opens >= 0 AND closes > opens AND closes <= 1439", name="schedule_templates_hours"),
        sa.CheckConstraint("slot_minutes BETWEEN 1 AND 480", name="schedule_templates_slot_minutes"),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="schedule_templates_validity"),
        sa.CheckConstraint(
            "(release_days IS NULL) = (release_minute IS NULL)", name="schedule_templates_release_whole"
        ),
    )
    op.create_index("schedule_templates_post", "schedule_templates", ["post_id", "weekday"])


def downgrade() -> None:
    """Move back."""
    op.drop_table("schedule_templates")
    op.drop_index("medical_organisations_ogrn", "medical_organisations")
    op.drop_column("medical_organisations", "ogrn")
