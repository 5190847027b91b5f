"""Accounts, pending sign-ins, one-time codes and sessions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, DateTime, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from identity.columns import choice
from identity.positions import Position
from identity.principal import ActorKind, Assurance

HASH_LENGTH = 64
THUMBPRINT_LENGTH = 43
DEVICE_NAME_LENGTH = 64
OGRN_LENGTH = 15


class Account(SQLModel, table=True):
    """One sign-in identity: a person is known by (issuer, subject) (S24)."""

    __tablename__ = "accounts"
    __table_args__ = (UniqueConstraint("issuer", "subject", name="accounts_issuer_subject"),)

    person_id: UUID = Field(primary_key=True)
    issuer: str = Field(max_length=255)
    subject: str = Field(max_length=64)
    kind: ActorKind = Field(sa_column=Column(choice(ActorKind, "accounts_kind"), nullable=False))
    assurance: Assurance = Field(sa_column=Column(choice(Assurance, "accounts_assurance"), nullable=False))
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    signed_in_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))


class PendingSignIn(SQLModel, table=True):
    """A sign-in between our start and ESIA's callback; nobody's yet. The row is deleted by its one use (S22)."""

    __tablename__ = "pending_sign_ins"
    __table_args__ = (Index("pending_sign_ins_expires_at", "expires_at"),)

    state_hash: str = Field(primary_key=True, max_length=HASH_LENGTH)
    browser_hash: str = Field(max_length=HASH_LENGTH)
    client_id: str = Field(max_length=64)
    redirect_uri: str = Field(max_length=512)
    app_state: str = Field(max_length=512)
    code_challenge: str = Field(max_length=128)
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    key_thumbprint: str | None = Field(default=None, max_length=THUMBPRINT_LENGTH, description="`dpop_jkt` of the app.")
    max_age_seconds: int | None = Field(default=None, description="How fresh the proof must be (RFC 9470).")
    acr: str | None = Field(default=None, max_length=32, description="Which level must be reached (RFC 9470).")
    organization: str | None = Field(default=None, max_length=OGRN_LENGTH, description="OGRN that the app named.")


class Session(SQLModel, table=True):
    """A family of refresh tokens: one sign-in of one person in one app, on one device where it is bound to a key.

    At a kiosk, where anybody may stand, `expires_at` moves on with each refresh; elsewhere it is the absolute end.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        ForeignKeyConstraint(["person_id"], ["accounts.person_id"], name="sessions_account", ondelete="CASCADE"),
        Index("sessions_expires_at", "expires_at"),
        Index(
            "sessions_one_at_kiosk",
            "key_thumbprint",
            unique=True,
            sqlite_where=text("kind = 'kiosk' AND revoked_at IS NULL"),
            postgresql_where=text("kind = 'kiosk' AND revoked_at IS NULL"),
        ),
    )

    person_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    client_id: str = Field(max_length=64)
    authenticated_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    revoked_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))
    key_thumbprint: str | None = Field(default=None, max_length=THUMBPRINT_LENGTH, description="None: bearer tokens.")
    device_name: str | None = Field(default=None, max_length=DEVICE_NAME_LENGTH)
    last_seen_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=True), description="To the hour."
    )
    kind: ActorKind | None = Field(
        default=None, sa_column=Column(choice(ActorKind, "sessions_kind", checked=False), nullable=True)
    )
    organization: str | None = Field(default=None, max_length=OGRN_LENGTH)
    level: int | None = Field(default=None)

    @property
    def position(self) -> Position:
        """As what the person is signed in; rows of before staff signed in are citizens'."""
        return Position(self.kind or ActorKind.CITIZEN, self.organization, self.level)


class AuthorizationCode(SQLModel, table=True):
    """Our one-time code; kept a while after its use, to notice a second one."""

    __tablename__ = "authorization_codes"
    __table_args__ = (
        ForeignKeyConstraint(
            ["person_id"], ["accounts.person_id"], name="authorization_codes_account", ondelete="CASCADE"
        ),
        Index("authorization_codes_expires_at", "expires_at"),
    )

    person_id: UUID = Field(primary_key=True)
    code_hash: str = Field(primary_key=True, max_length=HASH_LENGTH)
    client_id: str = Field(max_length=64)
    redirect_uri: str = Field(max_length=512)
    code_challenge: str = Field(max_length=128)
    authenticated_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    used_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))
    session_id: UUID | None = Field(default=None, description="What the code gave.")
    key_thumbprint: str | None = Field(default=None, max_length=THUMBPRINT_LENGTH, description="Whose code it is.")
    kind: ActorKind | None = Field(
        default=None, sa_column=Column(choice(ActorKind, "authorization_codes_kind", checked=False), nullable=True)
    )
    organization: str | None = Field(default=None, max_length=OGRN_LENGTH)
    level: int | None = Field(default=None)

    @property
    def position(self) -> Position:
        """As what the code signs in; rows of before staff signed in are citizens'."""
        return Position(self.kind or ActorKind.CITIZEN, self.organization, self.level)


class RefreshToken(SQLModel, table=True):
    """One link of a session's chain; a used one is kept until its end, to notice reuse (S27).

    `successor_salt` and the token itself together give the next token again; neither does alone.
    """

    __tablename__ = "refresh_tokens"
    __table_args__ = (
        ForeignKeyConstraint(
            ["person_id", "session_id"],
            ["sessions.person_id", "sessions.id"],
            name="refresh_tokens_session",
            ondelete="CASCADE",
        ),
        Index("refresh_tokens_session_id", "person_id", "session_id"),
        Index("refresh_tokens_expires_at", "expires_at"),
    )

    person_id: UUID = Field(primary_key=True)
    token_hash: str = Field(primary_key=True, max_length=HASH_LENGTH)
    session_id: UUID
    issued_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    used_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))
    successor_salt: str | None = Field(default=None, max_length=HASH_LENGTH)
