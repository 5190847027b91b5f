"""What may be asked of a person's register of consents."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.clock import Clock
from backend.consents.errors import (
    ConsentRecipientNotAllowed,
    ConsentTermInvalid,
    ConsentTextOutdated,
    ConsentTextUnknown,
)
from backend.consents.queries import find_consents, list_newest
from backend.consents.values import ConsentPage, ConsentPosition
from backend.database import Database
from backend.errors import NotFound, Refusal
from backend.idempotency import Facts, Outcome, Recorded, Request, run_once
from identity import consents
from identity.access import Action, signed_in
from identity.access_control import AccessControl
from identity.capacities import Capacity, Grounds
from identity.consent_values import Consent, ConsentId, Recipient
from identity.consent_wordings import ConsentText, ConsentTexts, ConsentWording
from identity.principal import PersonId, Principal

_BY_CODE: Mapping[str, type[Refusal]] = {
    kind.code: kind
    for kind in (NotFound, ConsentTextUnknown, ConsentTextOutdated, ConsentTermInvalid, ConsentRecipientNotAllowed)
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person signs: the text they saw, by its hash; `expires_at` None means as long as the text allows."""

    purpose: str
    text_hash: str
    recipient: Recipient
    expires_at: datetime | None = None


class ConsentService:
    """Use-cases of consents; every change is made once, however often it is asked (R56)."""

    def __init__(self, *, database: Database, access: AccessControl, clock: Clock, texts: ConsentTexts) -> None:
        """Take the register's database, who may change it, and every text ever published."""
        self._database = database
        self._access = access
        self._clock = clock
        self.texts = texts

    async def texts_now(self, actor: Principal | None, purpose: str | None = None) -> list[ConsentText]:
        """Return the texts that are asked now, by purpose; of one purpose, or of all. They are open to everybody."""
        await self._access.admit(actor, Action.READ_REFERENCE, None)
        now = self._clock()
        wanted = [one for one in self.texts.purposes if purpose in (None, one)]
        found = (self.texts.current(one, now) for one in wanted)
        return [text for text in found if text is not None]

    async def give(
        self, actor: Principal | None, person_id: PersonId, wish: Wish, *, idempotency_key: UUID
    ) -> Outcome[Consent]:
        """Write a consent into the register; an open one of the same purpose and recipient is replaced by it.

        Args:
            actor: Who signs: the person, or who represents a child or a ward.
            person_id: Whose data it is about.
            wish: What is signed.
            idempotency_key: Repeating a key returns the first outcome, as it stands then; a refusal too.

        Raises:
            ConsentTextUnknown: No such text.
            ConsentTextOutdated: Another version is asked now.
            ConsentTermInvalid: It would end in the past, or last longer than the text allows.
            ConsentRecipientNotAllowed: The text cannot be given to such a recipient.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not consent for this person.
            InsufficientUserAuthentication: `actor` has proven who they are too long ago to sign (S31).

        Source: 152-ФЗ art. 9 p. 4.
        """
        acting = signed_in(actor)
        inputs = {
            "person": str(person_id),
            "purpose": wish.purpose,
            "text": wish.text_hash,
            "recipient": [wish.recipient.kind.value, wish.recipient.id],
            "expires_at": wish.expires_at.isoformat() if wish.expires_at else None,
        }
        request = Request(actor_id=acting.person_id, operation="giveConsent", key=idempotency_key, inputs=inputs)
        async with self._access.writing(acting, Action.GIVE_CONSENT, person_id) as (session, grounds):

            async def change() -> Facts:
                return {"consent": str((await self._give(session, acting, person_id, wish, grounds)).id)}

            recorded = await run_once(session, request, now=self._clock(), work=change, explain=_no_facts)
            if recorded.refused is None:
                return await _outcome(session, person_id, recorded)
        raise _BY_CODE[recorded.refused]

    async def withdraw(
        self, actor: Principal | None, person_id: PersonId, consent_id: ConsentId, *, idempotency_key: UUID
    ) -> Outcome[Consent]:
        """End a consent: from the next request, stream tick and send on it opens nothing (S39).

        One that is over stays as it is.

        Raises:
            NotFound: No such consent, or another person's.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not withdraw for this person.
        """
        acting = signed_in(actor)
        inputs = {"person": str(person_id), "consent": str(consent_id)}
        request = Request(actor_id=acting.person_id, operation="withdrawConsent", key=idempotency_key, inputs=inputs)
        async with self._access.writing(acting, Action.WITHDRAW_CONSENT, person_id) as (session, _):

            async def change() -> Facts:
                now = self._clock()
                found = await consents.withdraw(session, person_id, consent_id, by=acting.person_id, now=now)
                if found is None:
                    raise NotFound
                return {"consent": str(found.id)}

            recorded = await run_once(session, request, now=self._clock(), work=change, explain=_no_facts)
            if recorded.refused is None:
                return await _outcome(session, person_id, recorded)
        raise _BY_CODE[recorded.refused]

    async def list_page(
        self, actor: Principal | None, person_id: PersonId, *, limit: int, after: ConsentPosition | None = None
    ) -> ConsentPage:
        """Return at most `limit` consents from `after` on, newest first, those that are over too.

        Raises:
            NotSignedIn, AccessRefused: `actor` may not read this person's register.
        """
        await self._access.admit(actor, Action.READ_CONSENTS, person_id)
        found = await list_newest(self._database.read, person_id, limit=limit + 1, after=after)
        return ConsentPage(found[:limit], has_next=len(found) > limit)

    async def by_ids(
        self, actor: Principal | None, person_id: PersonId, ids: Collection[UUID]
    ) -> dict[ConsentId, Consent]:
        """Return those consents that exist and are this person's, by id; raises as `list_page` does."""
        await self._access.admit(actor, Action.READ_CONSENTS, person_id)
        return await find_consents(self._database.read, person_id, ids)

    async def _give(
        self, session: AsyncSession, actor: Principal, person_id: PersonId, wish: Wish, grounds: Grounds
    ) -> Consent:
        now = self._clock()
        text, wording = self._asked(wish, now)
        if wish.recipient.kind not in text.recipients:
            raise ConsentRecipientNotAllowed
        expires_at = wish.expires_at or now + text.longest
        if not now < expires_at <= now + text.longest:
            raise ConsentTermInvalid
        signature = await consents.sign(session, actor, grounds.capacity or Capacity.SELF)
        return await consents.give(
            session,
            person_id,
            text=text,
            wording=wording,
            recipient=wish.recipient,
            expires_at=expires_at,
            signature=signature,
            now=now,
        )

    def _asked(self, wish: Wish, now: datetime) -> tuple[ConsentText, ConsentWording]:
        shown = self.texts.shown(wish.text_hash)
        if shown is None or shown[0].purpose != wish.purpose:
            raise ConsentTextUnknown
        if self.texts.current(wish.purpose, now) != shown[0]:
            raise ConsentTextOutdated
        return shown


async def _outcome(session: AsyncSession, person_id: PersonId, recorded: Recorded) -> Outcome[Consent]:
    found = await consents.find(session, person_id, ConsentId(UUID(recorded.facts["consent"])))
    if found is None:
        raise NotFound
    return Outcome(found, recorded.replayed)


async def _no_facts(_refusal: Refusal) -> Facts:
    return {}
