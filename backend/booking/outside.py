"""Asking the registries outside: never inside a transaction, each question under one key until it is settled (R57)."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

from backend.booking import eligibility_queries, outside_queries, settling, slot_queries
from backend.booking.eligibility import SlotTerms
from backend.booking.errors import BookingRefusal, CancelTooLate, OutcomeUnknown, RegistryUnavailable
from backend.booking.outside_queries import Question
from backend.booking.ports import OutsideRegistry, OutsideSlot, Patient, Resource
from backend.booking.scope import Scope
from backend.booking.states import ActorRole, AppointmentStatus, CancelReason
from backend.booking.terms import BookingTerms
from backend.booking.values import Registry, SlotId, SlotTime
from backend.clock import Clock
from backend.database import Database
from backend.errors import Operational
from backend.profile.queries import find_person
from identity.principal import PersonId

AT_ONCE = 8
"""How many questions of the reconciler are asked at a time."""

log = structlog.get_logger("outside_bookings")


@dataclass(frozen=True, slots=True)
class _Place:
    """A slot of an outside registry, and whose register it is."""

    registry: OutsideRegistry
    terms: SlotTerms
    resource: Resource
    slot: OutsideSlot


class OutsideBookings:
    """Settles what the clinics are asked, in the request that asks and in the reconciler."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        registries: Mapping[Registry, OutsideRegistry],
        terms: BookingTerms,
        published: Callable[[PersonId], None],
    ) -> None:
        """Ask `registries`; what is settled is written to `database`, and `published` wakes who watches."""
        self._database = database
        self._clock = clock
        self._registries = registries
        self._terms = terms
        self._published = published

    async def is_free(self, slot_id: SlotId) -> bool:
        """Tell whether a slot can be held: our own always, as far as this is concerned; an outside one is looked at.

        Raises:
            RegistryUnavailable: The clinic's registry cannot be asked now.
        """
        terms = await eligibility_queries.find_terms(self._database.read, slot_id)
        if terms is None or terms.kept_by is Registry.OWN:
            return True
        found = await slot_queries.slot_time(self._database.read, slot_id)
        if found is None:
            return True
        place = self._place(found, terms)
        day = found.starts_at.astimezone(ZoneInfo(place.terms.time_zone)).date()
        schedule = await place.registry.schedule(place.resource, first=day, last=day)
        return any(one.external_id == place.slot.external_id for one in schedule.slots)

    async def settle(self, person_id: PersonId, claim_id: UUID, *, tell_refusal: bool) -> None:
        """Ask the clinic about a claim, if a question is open, and write down what it says.

        An answer that is none leaves the claim as it is, to be asked again; so does a registry that is not known here.

        Args:
            person_id: Whose claim.
            claim_id: Which.
            tell_refusal: Tell the person of a refusal in the inbox.
        """
        question = await outside_queries.find_question(self._database.read, person_id, claim_id)
        if question is None:
            return
        try:
            if question.status is AppointmentStatus.CANCELLING:
                news = await self._cancel(question)
            else:
                news = await self._book(question, tell_refusal=tell_refusal)
        except (OutcomeUnknown, RegistryUnavailable):
            log.warning("outside_booking_unknown", claim_id=str(claim_id))
            news = await self._note_unknown(question)
        if news:
            self._published(person_id)
        await self._settle_left(question)

    async def reconcile(self, *, limit: int = 100) -> int:
        """Ask again about everything whose turn it is; return how many were asked. Two at once do no harm."""
        async with self._database.transaction() as session:
            due = await outside_queries.take_due(session, self._clock(), limit=limit)
        room = asyncio.Semaphore(AT_ONCE)

        async def ask(person_id: PersonId, claim_id: UUID) -> None:
            async with room:
                try:
                    await self.settle(person_id, claim_id, tell_refusal=True)
                except Operational as error:
                    log.warning("outside_booking_waits", claim_id=str(claim_id), code=error.code)

        await asyncio.gather(*(ask(*one) for one in due))
        return len(due)

    async def _book(self, question: Question, *, tell_refusal: bool) -> bool:
        place = await self._place_of(question)
        try:
            await place.registry.book(
                key=question.registry_key,
                patient=await self._patient(question.person_id),
                resource=place.resource,
                slot=place.slot,
                referral_number=question.referral_number,
            )
        except BookingRefusal as refusal:
            async with self._writing(question) as scope:
                return await settling.refused(scope, question.claim_id, refusal.code, tell=tell_refusal)
        async with self._writing(question) as scope:
            return await settling.booked(scope, question.claim_id)

    async def _cancel(self, question: Question) -> bool:
        place = await self._place_of(question)
        reason = question.reason or CancelReason.PATIENT_DECLINE
        try:
            await place.registry.cancel(
                key=question.registry_key,
                patient=await self._patient(question.person_id),
                resource=place.resource,
                slot=place.slot,
                reason=reason,
            )
        except CancelTooLate:
            async with self._writing(question) as scope:
                return await settling.stands(scope, question.claim_id)
        async with self._writing(question) as scope:
            return await settling.given_up(scope, question.claim_id, reason)

    async def _note_unknown(self, question: Question) -> bool:
        async with self._writing(question) as scope:
            return await settling.unknown(scope, question.claim_id)

    async def _settle_left(self, question: Question) -> None:
        """After a move, ask at once to give the old place up, where an outside clinic keeps it."""
        if question.status is AppointmentStatus.CANCELLING or question.replaces_id is None:
            return
        left = await outside_queries.find_question(self._database.read, question.person_id, question.claim_id)
        if left is not None and left.status is AppointmentStatus.CANCELLING:
            await self.settle(question.person_id, question.claim_id, tell_refusal=True)

    @asynccontextmanager
    async def _writing(self, question: Question) -> AsyncIterator[Scope]:
        async with self._database.transaction() as session:
            yield Scope(
                session=session,
                actor_id=question.actor_id,
                role=ActorRole.CLINIC,
                person_id=question.person_id,
                clock=self._clock,
                terms=self._terms,
            )

    async def _patient(self, person_id: PersonId) -> Patient:
        person = await find_person(self._database.read, person_id)
        if person is None:
            raise OutcomeUnknown
        return Patient(
            family_name=person.family_name,
            given_name=person.given_name,
            patronymic=person.patronymic,
            birth_date=person.birth_date,
            sex=person.sex,
            snils=person.snils,
            phone=person.phone,
        )

    async def _place_of(self, question: Question) -> _Place:
        found = await slot_queries.slot_time(self._database.read, question.slot_id)
        terms = await eligibility_queries.find_terms(self._database.read, question.slot_id)
        if found is None or terms is None:
            raise OutcomeUnknown
        return self._place(found, terms)

    def _place(self, slot: SlotTime, terms: SlotTerms) -> _Place:
        """Return where a slot of an outside registry is kept.

        Raises:
            RegistryUnavailable: Nobody here speaks with its registry.
        """
        registry = self._registries.get(terms.kept_by)
        if registry is None or terms.external_id is None or terms.resource_key is None:
            raise RegistryUnavailable
        outside = OutsideSlot(terms.external_id, slot.starts_at, slot.ends_at, terms.room)
        return _Place(registry, terms, Resource(terms.clinic_oid, terms.resource_key), outside)
