"""What people choose by: profiles of doctors and clinics; and an index for all slots of one clinic by time."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move to this shape."""
    op.create_table(
        "doctor_profiles",
        sa.Column("doctor_id", sa.Uuid(), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=True),
        sa.Column("practising_since", sa.Integer(), nullable=True),
        sa.Column("education", sa.JSON(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("programmes", sa.JSON(), nullable=False),
        sa.CheckConstraint("practising_since BETWEEN 1940 AND 2100", name="doctor_profiles_since"),
        sa.ForeignKeyConstraint(["doctor_id"], ["doctors.id"]),
        sa.PrimaryKeyConstraint("doctor_id"),
    )
    op.create_table(
        "clinic_profiles",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("hours", sa.JSON(), nullable=False),
        sa.Column("accessibility", sa.JSON(), nullable=False),
        sa.Column("directions", sa.String(length=1_000), nullable=True),
        sa.Column("phones", sa.JSON(), nullable=False),
        sa.Column("programmes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"]),
        sa.PrimaryKeyConstraint("clinic_id"),
    )
    op.create_index("slots_clinic_time", "slots", ["clinic_id", "starts_at", "id"])


def downgrade() -> None:
    """Move back."""
    op.drop_index("slots_clinic_time", "slots")
    op.drop_table("clinic_profiles")
    op.drop_table("doctor_profiles")
