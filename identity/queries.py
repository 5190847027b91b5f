"""All SQL of identity. Rows that decide something are locked, so that their uses stand in one line."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, delete, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from identity.principal import ActorKind, Assurance, PersonId, SessionId
from identity.tables import Account, AuthorizationCode, PendingSignIn, RefreshToken, Session

KEPT_TO_NOTICE_REPLAY = timedelta(days=1)


async def take_pending(session: AsyncSession, *, state_hash: str, browser_hash: str) -> PendingSignIn | None:
    """Remove and return the sign-in of this state and browser: of many callers, one gets it (S22)."""
    statement = (
        delete(PendingSignIn)
        .where(col(PendingSignIn.state_hash) == state_hash, col(PendingSignIn.browser_hash) == browser_hash)
        .returning(PendingSignIn)
        .execution_options(synchronize_session=False)
    )
    found: PendingSignIn | None = (await session.exec(statement)).scalar_one_or_none()
    return found


async def record_sign_in(
    session: AsyncSession,
    *,
    candidate: PersonId,
    issuer: str,
    subject: str,
    assurance: Assurance,
    now: datetime,
    kind: ActorKind = ActorKind.CITIZEN,
) -> PersonId:
    """Make or update the account of (issuer, subject); return its person, `candidate` when it is new (S24)."""
    values = {
        "person_id": candidate,
        "issuer": issuer,
        "subject": subject,
        "kind": kind,
        "assurance": assurance,
        "created_at": now,
        "signed_in_at": now,
    }
    unique, changed = ["issuer", "subject"], {"assurance": assurance, "signed_in_at": now}
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    insert = (
        postgresql.insert(Account).values(values).on_conflict_do_update(index_elements=unique, set_=changed)
        if on_postgresql
        else sqlite.insert(Account).values(values).on_conflict_do_update(index_elements=unique, set_=changed)
    )
    statement = insert.returning(col(Account.person_id))
    person_id: UUID = (await session.exec(statement)).scalar_one()
    return PersonId(person_id)


async def find_account(session: AsyncSession, *, issuer: str, subject: str) -> Account | None:
    """Return the account of (issuer, subject)."""
    statement = select(Account).where(col(Account.issuer) == issuer, col(Account.subject) == subject)
    return (await session.exec(statement)).one_or_none()


async def has_account(session: AsyncSession, person_id: PersonId) -> bool:
    """Return whether a person signs in by themselves; somebody's child or ward may not."""
    statement = select(Account.person_id).where(col(Account.person_id) == person_id)
    return (await session.exec(statement)).one_or_none() is not None


async def read_account(session: AsyncSession, person_id: PersonId) -> Account:
    """Return the account of a person who has one: sessions and codes hang on it by foreign key."""
    return (await session.exec(select(Account).where(col(Account.person_id) == person_id))).one()


async def has_signed_in_by(session: AsyncSession, person_id: PersonId, *, key: str, authenticated_at: datetime) -> bool:
    """Return whether this very proof of identity has given a code for this key of late."""
    statement = select(AuthorizationCode.person_id).where(
        col(AuthorizationCode.person_id) == person_id,
        col(AuthorizationCode.key_thumbprint) == key,
        col(AuthorizationCode.authenticated_at) == authenticated_at,
    )
    return (await session.exec(statement)).first() is not None


async def lock_code(session: AsyncSession, person_id: PersonId, code_hash: str) -> AuthorizationCode | None:
    """Return the code, locked until the transaction ends."""
    statement = (
        select(AuthorizationCode)
        .where(col(AuthorizationCode.person_id) == person_id, col(AuthorizationCode.code_hash) == code_hash)
        .with_for_update()
    )
    return (await session.exec(statement)).one_or_none()


async def lock_session(session: AsyncSession, person_id: PersonId, session_id: SessionId) -> Session | None:
    """Return the session, locked until the transaction ends."""
    statement = (
        select(Session).where(col(Session.person_id) == person_id, col(Session.id) == session_id).with_for_update()
    )
    return (await session.exec(statement)).one_or_none()


async def end_sessions(
    session: AsyncSession,
    person_id: PersonId,
    *,
    now: datetime,
    only: SessionId | None = None,
    but: SessionId | None = None,
    of_key: tuple[str, str] | None = None,
) -> int:
    """Revoke a person's sessions that still stand; return how many there were.

    Args:
        session: A writing session; the caller commits it.
        person_id: Whose.
        now: When they end, aware UTC.
        only: This one alone.
        but: All except this one.
        of_key: Those of one app that are bound to one key: (client_id, thumbprint).
    """
    statement = update(Session).where(
        col(Session.person_id) == person_id, col(Session.revoked_at).is_(None), col(Session.expires_at) > now
    )
    if only is not None:
        statement = statement.where(col(Session.id) == only)
    if but is not None:
        statement = statement.where(col(Session.id) != but)
    if of_key is not None:
        client_id, thumbprint = of_key
        statement = statement.where(col(Session.client_id) == client_id, col(Session.key_thumbprint) == thumbprint)
    ended = statement.values(revoked_at=now).execution_options(synchronize_session=False)
    return (await session.exec(ended)).rowcount


async def lock_chain(
    session: AsyncSession, person_id: PersonId, token_hash: str
) -> tuple[Session, RefreshToken] | None:
    """Return a refresh token and its session; the session is locked, so that refreshes of it stand in one line."""
    statement = select(RefreshToken).where(
        col(RefreshToken.person_id) == person_id, col(RefreshToken.token_hash) == token_hash
    )
    token = (await session.exec(statement)).one_or_none()
    if token is None:
        return None
    family = await lock_session(session, person_id, SessionId(token.session_id))
    if family is None:
        return None
    await session.refresh(token)  # as it is now that the lock is ours
    return family, token


async def purge(session: AsyncSession, now: datetime) -> int:
    """Delete what has run out: pending sign-ins, codes, refresh tokens and sessions; return how many rows.

    Used codes stay a day and used refresh tokens stay until their end, to notice a second use. The house calls
    this now and then.
    """
    ended = or_(col(Session.expires_at) <= now, col(Session.revoked_at) <= now - KEPT_TO_NOTICE_REPLAY)
    count = 0
    for statement in (
        delete(PendingSignIn).where(col(PendingSignIn.expires_at) <= now),
        delete(AuthorizationCode).where(col(AuthorizationCode.expires_at) <= now - KEPT_TO_NOTICE_REPLAY),
        delete(RefreshToken).where(col(RefreshToken.expires_at) <= now),
        delete(Session).where(ended),  # their refresh tokens go with them
    ):
        count += (await session.exec(statement.execution_options(synchronize_session=False))).rowcount
    return count
