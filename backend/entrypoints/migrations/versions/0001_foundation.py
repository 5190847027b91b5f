"""Foundation."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move to this shape."""
    op.create_table(
        "accounts",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "citizen",
                "operator",
                "insurance_representative",
                "clinician",
                "ambulance_crew",
                "auditor",
                name="accounts_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "assurance",
            sa.Enum(
                "simplified",
                "standard",
                "confirmed",
                name="accounts_assurance",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("person_id"),
        sa.UniqueConstraint("issuer", "subject", name="accounts_issuer_subject"),
    )
    op.create_table(
        "doctors",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("family_name", sa.String(length=100), nullable=False),
        sa.Column("given_name", sa.String(length=100), nullable=False),
        sa.Column("patronymic", sa.String(length=100), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "family_links",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("relative_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "child",
                "parent",
                "spouse",
                "ward",
                "guardian",
                name="family_links_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("person_id <> relative_id", name="family_links_not_self"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("person_id", "relative_id", "kind", name="family_links_person_relative_kind"),
    )
    with op.batch_alter_table("family_links", schema=None) as batch_op:
        batch_op.create_index("family_links_relative", ["relative_id", "person_id"], unique=False)

    op.create_table(
        "idempotency_keys",
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("operation", sa.String(length=64), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("actor_id", "operation", "key", name="idempotency_keys_pk"),
    )
    with op.batch_alter_table("idempotency_keys", schema=None) as batch_op:
        batch_op.create_index("idempotency_keys_created_at", ["created_at"], unique=False)

    op.create_table(
        "medical_organisations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("oid", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("oid", name="medical_organisations_oid"),
    )
    op.create_table(
        "notifications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("dedupe_key", sa.String(length=128), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "appointment_booked",
                "appointment_cancelled",
                "welcome",
                name="notifications_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "severity",
            sa.Enum(
                "critical",
                "transactional",
                "campaign",
                name="notifications_severity",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("template_version", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("person_id", "dedupe_key", name="notifications_person_dedupe"),
    )
    with op.batch_alter_table("notifications", schema=None) as batch_op:
        batch_op.create_index("notifications_person_newest", ["person_id", "created_at", "id"], unique=False)
        batch_op.create_index(
            "notifications_person_unseen",
            ["person_id"],
            unique=False,
            sqlite_where=sa.text("seen_at IS NULL"),
            postgresql_where=sa.text("seen_at IS NULL"),
        )

    op.create_table(
        "pending_sign_ins",
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("browser_hash", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("redirect_uri", sa.String(length=512), nullable=False),
        sa.Column("app_state", sa.String(length=512), nullable=False),
        sa.Column("code_challenge", sa.String(length=128), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("state_hash"),
    )
    with op.batch_alter_table("pending_sign_ins", schema=None) as batch_op:
        batch_op.create_index("pending_sign_ins_expires_at", ["expires_at"], unique=False)

    op.create_table(
        "persons",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("family_name", sa.String(length=100), nullable=False),
        sa.Column("given_name", sa.String(length=100), nullable=False),
        sa.Column("patronymic", sa.String(length=100), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column(
            "sex",
            sa.Enum("male", "female", name="persons_sex", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("snils", sa.String(length=11), nullable=True),
        sa.Column("phone", sa.String(length=12), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "policy_snapshots",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.create_table(
        "specialties",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name_ru", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("direct_booking", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code", name="specialties_code"),
    )
    op.create_table(
        "authorization_codes",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("redirect_uri", sa.String(length=512), nullable=False),
        sa.Column("code_challenge", sa.String(length=128), nullable=False),
        sa.Column("authenticated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["accounts.person_id"], name="authorization_codes_account", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "code_hash"),
    )
    with op.batch_alter_table("authorization_codes", schema=None) as batch_op:
        batch_op.create_index("authorization_codes_expires_at", ["expires_at"], unique=False)

    op.create_table(
        "clinics",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("oid", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("town", sa.String(length=100), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("phone", sa.String(length=16), nullable=False),
        sa.CheckConstraint("latitude BETWEEN -90 AND 90", name="clinics_latitude"),
        sa.CheckConstraint("longitude BETWEEN -180 AND 180", name="clinics_longitude"),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["medical_organisations.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("oid", name="clinics_oid"),
    )
    with op.batch_alter_table("clinics", schema=None) as batch_op:
        batch_op.create_index("clinics_organisation", ["organisation_id"], unique=False)
        batch_op.create_index("clinics_town_name", ["town", "name", "id"], unique=False)

    op.create_table(
        "sessions",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("authenticated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["accounts.person_id"], name="sessions_account", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person_id", "id"),
    )
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.create_index("sessions_expires_at", ["expires_at"], unique=False)

    op.create_table(
        "posts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("doctor_id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("specialty_id", sa.Uuid(), nullable=False),
        sa.Column("room", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id"],
            ["clinics.id"],
        ),
        sa.ForeignKeyConstraint(
            ["doctor_id"],
            ["doctors.id"],
        ),
        sa.ForeignKeyConstraint(
            ["specialty_id"],
            ["specialties.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("doctor_id", "clinic_id", "specialty_id", name="posts_doctor_clinic_specialty"),
    )
    with op.batch_alter_table("posts", schema=None) as batch_op:
        batch_op.create_index("posts_clinic_specialty", ["clinic_id", "specialty_id"], unique=False)

    op.create_table(
        "refresh_tokens",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id", "session_id"],
            ["sessions.person_id", "sessions.id"],
            name="refresh_tokens_session",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", "token_hash"),
    )
    with op.batch_alter_table("refresh_tokens", schema=None) as batch_op:
        batch_op.create_index("refresh_tokens_expires_at", ["expires_at"], unique=False)
        batch_op.create_index("refresh_tokens_session_id", ["person_id", "session_id"], unique=False)

    op.create_table(
        "schedules",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.Column("slot_minutes", sa.Integer(), nullable=False),
        sa.CheckConstraint("closes > opens", name="schedules_closes_after_opens"),
        sa.CheckConstraint("slot_minutes BETWEEN 1 AND 480", name="schedules_slot_minutes"),
        sa.ForeignKeyConstraint(
            ["post_id"],
            ["posts.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("post_id", "day", "opens", name="schedules_post_day_opens"),
    )
    op.create_table(
        "slots",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("schedule_id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("doctor_id", sa.Uuid(), nullable=False),
        sa.Column("specialty_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("room", sa.String(length=20), nullable=True),
        sa.Column("channels", sa.Integer(), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name="slots_ends_after_start"),
        sa.ForeignKeyConstraint(
            ["clinic_id"],
            ["clinics.id"],
        ),
        sa.ForeignKeyConstraint(
            ["doctor_id"],
            ["doctors.id"],
        ),
        sa.ForeignKeyConstraint(
            ["schedule_id"],
            ["schedules.id"],
        ),
        sa.ForeignKeyConstraint(
            ["specialty_id"],
            ["specialties.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("doctor_id", "starts_at", name="slots_doctor_starts_at"),
    )
    with op.batch_alter_table("slots", schema=None) as batch_op:
        batch_op.create_index("slots_clinic_starts_at", ["clinic_id", "specialty_id", "starts_at", "id"], unique=False)
        batch_op.create_index("slots_schedule", ["schedule_id"], unique=False)
        batch_op.create_index("slots_specialty_starts_at", ["specialty_id", "starts_at", "id"], unique=False)
        batch_op.create_index("slots_starts_at", ["starts_at", "id"], unique=False)

    op.create_table(
        "appointments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.Column("specialty_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "held",
                "confirmed",
                "cancelled",
                "released",
                name="appointments_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "channel",
            sa.Enum(
                "epgu",
                "app",
                "call_122",
                "infomat",
                "registry",
                name="appointments_channel",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hold_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "cancel_reason",
            sa.Enum(
                "patient_decline",
                "mo_decline",
                "error_in_slot",
                "incorrect_service",
                "incorrect_data",
                "no_free_space",
                "other_reasons",
                name="appointments_cancel_reason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("cancelled_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "status <> 'cancelled' OR (cancelled_at IS NOT NULL AND cancel_reason IS NOT NULL AND cancelled_by IS NOT NULL)",
            name="appointments_cancelled_why",
        ),
        sa.CheckConstraint("status <> 'confirmed' OR confirmed_at IS NOT NULL", name="appointments_confirmed_when"),
        sa.CheckConstraint("status <> 'held' OR hold_expires_at IS NOT NULL", name="appointments_held_until"),
        sa.ForeignKeyConstraint(
            ["slot_id"],
            ["slots.id"],
        ),
        sa.ForeignKeyConstraint(
            ["specialty_id"],
            ["specialties.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("appointments", schema=None) as batch_op:
        batch_op.create_index(
            "appointments_hold_expires_at",
            ["hold_expires_at"],
            unique=False,
            postgresql_where=sa.text("status = 'held'"),
            sqlite_where=sa.text("status = 'held'"),
        )
        batch_op.create_index(
            "appointments_one_active_per_slot",
            ["slot_id"],
            unique=True,
            postgresql_where=sa.text("status IN ('held', 'confirmed')"),
            sqlite_where=sa.text("status IN ('held', 'confirmed')"),
        )
        batch_op.create_index("appointments_person_starts_at", ["person_id", "starts_at", "id"], unique=False)


def downgrade() -> None:
    """Move back."""
    with op.batch_alter_table("appointments", schema=None) as batch_op:
        batch_op.drop_index("appointments_person_starts_at")
        batch_op.drop_index(
            "appointments_one_active_per_slot",
            postgresql_where=sa.text("status IN ('held', 'confirmed')"),
            sqlite_where=sa.text("status IN ('held', 'confirmed')"),
        )
        batch_op.drop_index(
            "appointments_hold_expires_at",
            postgresql_where=sa.text("status = 'held'"),
            sqlite_where=sa.text("status = 'held'"),
        )

    op.drop_table("appointments")
    with op.batch_alter_table("slots", schema=None) as batch_op:
        batch_op.drop_index("slots_starts_at")
        batch_op.drop_index("slots_specialty_starts_at")
        batch_op.drop_index("slots_schedule")
        batch_op.drop_index("slots_clinic_starts_at")

    op.drop_table("slots")
    op.drop_table("schedules")
    with op.batch_alter_table("refresh_tokens", schema=None) as batch_op:
        batch_op.drop_index("refresh_tokens_session_id")
        batch_op.drop_index("refresh_tokens_expires_at")

    op.drop_table("refresh_tokens")
    with op.batch_alter_table("posts", schema=None) as batch_op:
        batch_op.drop_index("posts_clinic_specialty")

    op.drop_table("posts")
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.drop_index("sessions_expires_at")

    op.drop_table("sessions")
    with op.batch_alter_table("clinics", schema=None) as batch_op:
        batch_op.drop_index("clinics_town_name")
        batch_op.drop_index("clinics_organisation")

    op.drop_table("clinics")
    with op.batch_alter_table("authorization_codes", schema=None) as batch_op:
        batch_op.drop_index("authorization_codes_expires_at")

    op.drop_table("authorization_codes")
    op.drop_table("specialties")
    op.drop_table("policy_snapshots")
    op.drop_table("persons")
    with op.batch_alter_table("pending_sign_ins", schema=None) as batch_op:
        batch_op.drop_index("pending_sign_ins_expires_at")

    op.drop_table("pending_sign_ins")
    with op.batch_alter_table("notifications", schema=None) as batch_op:
        batch_op.drop_index(
            "notifications_person_unseen",
            sqlite_where=sa.text("seen_at IS NULL"),
            postgresql_where=sa.text("seen_at IS NULL"),
        )
        batch_op.drop_index("notifications_person_newest")

    op.drop_table("notifications")
    op.drop_table("medical_organisations")
    with op.batch_alter_table("idempotency_keys", schema=None) as batch_op:
        batch_op.drop_index("idempotency_keys_created_at")

    op.drop_table("idempotency_keys")
    with op.batch_alter_table("family_links", schema=None) as batch_op:
        batch_op.drop_index("family_links_relative")

    op.drop_table("family_links")
    op.drop_table("doctors")
    op.drop_table("accounts")
