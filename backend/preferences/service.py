"""What may be asked of a person's preferences; every change is made once, however often it is asked (R56)."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.clock import Clock
from backend.database import Database
from backend.errors import Refusal
from backend.idempotency import Facts, Outcome, Request, run_once
from backend.preferences.errors import PreferencesUnclear, TopicStatutory
from backend.preferences.reading import PreferenceReader
from backend.preferences.values import Preferences
from identity.access import Action, signed_in
from identity.access_control import AccessControl
from identity.principal import PersonId, Principal
from notifications.channels.port import Channel
from notifications.preferences import OwnHours, Way, can_switch_off, set_own_hours, switch
from notifications.suppression import lift
from notifications.topics import Topic

Wish = tuple[Way, bool]
"""A topic over a channel, and whether it is wanted."""


class PreferenceService:
    """Use-cases of preferences. Who represents a child or a ward by law sees and sets theirs."""

    def __init__(self, *, database: Database, access: AccessControl, clock: Clock, reader: PreferenceReader) -> None:
        """Take everything it works with."""
        self._database = database
        self._access = access
        self._clock = clock
        self._reader = reader

    async def get(self, actor: Principal | None, person_id: PersonId) -> Preferences:
        """Return what a person wants to be told.

        Raises:
            NotSignedIn, AccessRefused: `actor` may not see it.
        """
        await self._access.admit(actor, Action.READ_PREFERENCES, person_id)
        async with self._database.reading() as session:
            return await self._reader.read(session, person_id, now=self._clock())

    async def switch(
        self, actor: Principal | None, person_id: PersonId, wishes: Sequence[Wish], *, idempotency_key: UUID
    ) -> Outcome[Preferences]:
        """Switch topics on or off, all or none; from the next message on it holds, those that wait included.

        Args:
            actor: Who sets it.
            person_id: For whom.
            wishes: Each topic and channel once at most.
            idempotency_key: Repeating a key changes nothing more.

        Returns:
            All preferences as they stand then.

        Raises:
            TopicStatutory: One that would be switched off cannot be.
            PreferencesUnclear: No wish, or two about the same.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused: `actor` may not set it.
        """
        said = dict(wishes)

        async def work(session: AsyncSession) -> None:
            if not said or len(said) != len(wishes):
                raise PreferencesUnclear
            for way, is_on in sorted(said.items()):
                if not is_on and not can_switch_off(way.topic):
                    raise TopicStatutory(way.topic)
            await switch(session, person_id, said, now=self._clock())

        told = sorted([way.topic.value, way.channel.value, is_on] for way, is_on in wishes)
        request = _request(actor, person_id, "setNotificationPreferences", idempotency_key, wishes=told)
        return await self._once(actor, person_id, request, work)

    async def set_quiet_hours(
        self, actor: Principal | None, person_id: PersonId, own: OwnHours | None, *, idempotency_key: UUID
    ) -> Outcome[Preferences]:
        """Set a person's own quiet hours, or none, or with `own` None the region's again; raises as `switch` does.

        What is put off already goes when it was to go.
        """

        async def work(session: AsyncSession) -> None:
            await set_own_hours(session, person_id, own, now=self._clock())

        hours = own.hours if own else None
        told = [own is not None, *([hours.starts.isoformat(), hours.ends.isoformat()] if hours else [])]
        request = _request(actor, person_id, "setQuietHours", idempotency_key, hours=told)
        return await self._once(actor, person_id, request, work)

    async def lift_refusal(
        self, actor: Principal | None, person_id: PersonId, channel: Channel, *, idempotency_key: UUID
    ) -> Outcome[Preferences]:
        """Try a telephone or a mailbox again that has refused; one that has not stays as it is.

        It is the address that is registered now; a new refusal puts it on the list again. Raises as `switch` does.
        """

        async def work(session: AsyncSession) -> None:
            address_hash = await self._reader.hash_of(session, person_id, channel)
            if address_hash is not None:
                await lift(session, address_hash)

        request = _request(actor, person_id, "liftChannelRefusal", idempotency_key, channel=channel.value)
        return await self._once(actor, person_id, request, work)

    async def _once(
        self,
        actor: Principal | None,
        person_id: PersonId,
        request: Request,
        work: Callable[[AsyncSession], Awaitable[None]],
    ) -> Outcome[Preferences]:
        async with self._access.writing(actor, Action.CHANGE_PREFERENCES, person_id) as (session, _):

            async def change() -> Facts:
                await work(session)
                return {}

            recorded = await run_once(session, request, now=self._clock(), work=change, explain=_facts)
            if recorded.refused is None:
                found = await self._reader.read(session, person_id, now=self._clock())
                return Outcome(found, recorded.replayed)
        if recorded.refused == TopicStatutory.code:
            raise TopicStatutory(Topic(recorded.facts["topic"]), replayed=recorded.replayed)
        raise PreferencesUnclear(replayed=recorded.replayed)


def _request(actor: Principal | None, person_id: PersonId, operation: str, key: UUID, **inputs: Any) -> Request:
    return Request(signed_in(actor).person_id, operation, key, {"person": str(person_id), **inputs})


async def _facts(refusal: Refusal) -> Facts:
    return {"topic": refusal.topic.value} if isinstance(refusal, TopicStatutory) else {}
