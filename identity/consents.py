"""Consents: given, withdrawn, asked for at the door (S39).

A consent opens what the version of its text says, to whom it names, until its term; nothing else of it matters later.
Of one purpose and recipient there is one open consent at most, so that who withdraws it has nothing left to withdraw.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from sqlalchemy import func
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar
from uuid_utils.compat import uuid7

from identity.capacities import KIND_OF, Capacity, Mandate
from identity.consent_tables import ConsentRow
from identity.consent_values import Consent, ConsentId, Recipient, Signature
from identity.consent_wordings import ConsentText, ConsentTexts, ConsentWording
from identity.language import Language
from identity.principal import ActorKind, PersonId, Principal, SessionId
from identity.tables import Session


class ConsentMandates:
    """Finds what a person consented to for staff; a source of `identity.access_control`."""

    def __init__(self, texts: ConsentTexts) -> None:
        """Take the texts, which say what each version opens."""
        self._texts = texts
        self.kinds: frozenset[ActorKind] = frozenset[ActorKind]().union(
            *(KIND_OF[text.opens] for text in texts if text.opens is not None)
        )

    async def find(
        self, session: AsyncSession, actor: Principal, person_id: PersonId, now: datetime
    ) -> Sequence[Mandate]:
        """Return a mandate for each consent in force that names the actor or their organisation."""
        rows = (await session.exec(_open(person_id).where(col(ConsentRow.expires_at) > now))).all()
        mandates = (self._mandate(consent_of(row), actor, now) for row in rows)
        return [mandate for mandate in mandates if mandate is not None]

    def _mandate(self, consent: Consent, actor: Principal, now: datetime) -> Mandate | None:
        text = self._texts.version(consent.purpose, consent.version)
        if text is None or text.opens is None or actor.kind not in KIND_OF[text.opens]:
            return None
        if not consent.is_in_force(now) or not consent.recipient.covers(actor):
            return None
        return Mandate(text.opens, until=consent.expires_at, rights=text.rights, reference=consent.id)


async def is_given(
    session: AsyncSession, person_id: PersonId, purpose: str, recipient: Recipient, now: datetime
) -> bool:
    """Say whether a consent is in force: the door before every scheduled send.

    Args:
        session: Any session; ask in the one that sends, so that a withdrawal before it counts.
        person_id: Whose.
        purpose: What for, as a folder of `consent_texts` is named.
        recipient: To whom.
        now: The present, aware.
    """
    statement = _open(person_id).where(
        col(ConsentRow.purpose) == purpose,
        col(ConsentRow.recipient_kind) == recipient.kind,
        col(ConsentRow.recipient) == recipient.id,
    )
    row = (await session.exec(statement)).one_or_none()
    return row is not None and consent_of(row).is_in_force(now)


async def who_gave(
    session: AsyncSession, person_ids: Collection[PersonId], purpose: str, recipient: Recipient, now: datetime
) -> set[PersonId]:
    """Return those of these people whose consent is in force: `is_given` for many, in one statement."""
    if not person_ids:
        return set()
    statement = select(ConsentRow).where(
        col(ConsentRow.person_id).in_(person_ids),
        col(ConsentRow.withdrawn_at).is_(None),
        col(ConsentRow.replaced_at).is_(None),
        col(ConsentRow.purpose) == purpose,
        col(ConsentRow.recipient_kind) == recipient.kind,
        col(ConsentRow.recipient) == recipient.id,
    )
    consents = [consent_of(row) for row in await session.exec(statement)]
    return {consent.person_id for consent in consents if consent.is_in_force(now)}


async def sign(session: AsyncSession, actor: Principal, capacity: Capacity) -> Signature:
    """Return how the actor signs now, with the time of their sign-in as the session keeps it."""
    statement = select(Session.authenticated_at).where(
        col(Session.person_id) == actor.person_id, col(Session.id) == actor.session_id
    )
    authenticated_at = (await session.exec(statement)).one_or_none()
    return Signature(actor.person_id, capacity, actor.assurance, actor.session_id, authenticated_at)


async def give(
    session: AsyncSession,
    person_id: PersonId,
    *,
    text: ConsentText,
    wording: ConsentWording,
    recipient: Recipient,
    expires_at: datetime,
    signature: Signature,
    now: datetime,
) -> Consent:
    """Write a consent into the register; an open one of the same purpose and recipient is replaced by it.

    The caller has looked whether the text may be given to this recipient for so long, and commits.
    """
    await _lock_register(session, person_id)
    await session.exec(
        update(ConsentRow)
        .where(
            col(ConsentRow.person_id) == person_id,
            col(ConsentRow.purpose) == text.purpose,
            col(ConsentRow.recipient_kind) == recipient.kind,
            col(ConsentRow.recipient) == recipient.id,
            col(ConsentRow.withdrawn_at).is_(None),
            col(ConsentRow.replaced_at).is_(None),
        )
        .values(replaced_at=now)
    )
    row = ConsentRow(
        person_id=person_id,
        id=uuid7(),
        purpose=text.purpose,
        version=text.version,
        language=wording.language,
        text_hash=wording.hash,
        recipient_kind=recipient.kind,
        recipient=recipient.id,
        given_at=now,
        expires_at=expires_at,
        given_by=signature.by,
        given_as=signature.capacity,
        assurance=signature.assurance,
        session_id=signature.session_id,
        authenticated_at=signature.authenticated_at,
    )
    session.add(row)
    await session.flush()
    return consent_of(row)


async def withdraw(
    session: AsyncSession, person_id: PersonId, consent_id: ConsentId, *, by: PersonId, now: datetime
) -> Consent | None:
    """End a consent at once; one that was withdrawn or replaced before stays as it is. None for a missing one."""
    await _lock_register(session, person_id)
    statement = select(ConsentRow).where(col(ConsentRow.person_id) == person_id, col(ConsentRow.id) == consent_id)
    row = (await session.exec(statement)).one_or_none()
    if row is None:
        return None
    if row.withdrawn_at is None and row.replaced_at is None:
        row.withdrawn_at, row.withdrawn_by = now, by
        session.add(row)
        await session.flush()
    return consent_of(row)


async def find(session: AsyncSession, person_id: PersonId, consent_id: ConsentId) -> Consent | None:
    """Return one consent of a person, in force or over."""
    statement = select(ConsentRow).where(col(ConsentRow.person_id) == person_id, col(ConsentRow.id) == consent_id)
    row = (await session.exec(statement)).one_or_none()
    return consent_of(row) if row else None


def consent_of(row: ConsentRow) -> Consent:
    """Return a row as a value."""
    return Consent(
        id=ConsentId(row.id),
        person_id=PersonId(row.person_id),
        purpose=row.purpose,
        version=row.version,
        language=language_of(row.language),
        text_hash=row.text_hash,
        recipient=Recipient(row.recipient_kind, row.recipient),
        given_at=row.given_at.astimezone(UTC),
        expires_at=row.expires_at.astimezone(UTC),
        signature=Signature(
            PersonId(row.given_by), row.given_as, row.assurance, SessionId(row.session_id), row.authenticated_at
        ),
        withdrawn_at=row.withdrawn_at,
        withdrawn_by=PersonId(row.withdrawn_by) if row.withdrawn_by else None,
        replaced_at=row.replaced_at,
    )


def language_of(word: str) -> Language:
    """Return the language that a row names."""
    return "en" if word == "en" else "ru"


def _open(person_id: PersonId) -> SelectOfScalar[ConsentRow]:
    return (
        select(ConsentRow)
        .where(
            col(ConsentRow.person_id) == person_id,
            col(ConsentRow.withdrawn_at).is_(None),
            col(ConsentRow.replaced_at).is_(None),
        )
        .order_by(col(ConsentRow.expires_at).desc())
        .execution_options(populate_existing=True)
    )


async def _lock_register(session: AsyncSession, person_id: PersonId) -> None:
    """Let changes of a person's register follow one another; on SQLite writers do so already."""
    if session.get_bind().dialect.name == "postgresql":
        name = f"consents:{person_id}"
        await session.exec(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
