"""REST over the same services: the same facts as the benchmarked operations select, written by hand."""

import asyncio
from collections.abc import AsyncIterator, Callable, Hashable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import orjson
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backend.booking.values import (
    Appointment,
    Clinic,
    Doctor,
    Page,
    Slot,
    SlotCriteria,
    Specialty,
)
from backend.clock import Clock
from backend.entrypoints.access_log import AccessLog
from backend.entrypoints.bootstrap import Parts
from backend.inbox.service import InboxPage
from backend.policy.values import KnownPolicy
from backend.profile.values import Person
from backend.services import Services
from graphql_schema.catalogue import Language
from graphql_schema.connections import encode_cursor
from graphql_schema.negotiation import choose_language
from graphql_schema.node import encode_id
from identity.principal import Principal
from notifications.inbox import InboxItem
from tests.bench.peers.actors import KnownActors

Facts = Mapping[str, Any]
Value = TypeVar("Value")


def create_rest(parts: Parts, *, bare: bool = False) -> Starlette:
    """Build the REST peer: the same services and JSON encoder as our endpoint, no GraphQL.

    Args:
        parts: Closed when the app ends.
        bare: Leave out the log line, and check each token once instead of once a request.
    """
    facts = RestFacts(parts.services, parts.clock)
    verify = KnownActors(parts.tokens).find if bare else parts.tokens.verify

    def actor(request: Request) -> Principal:
        return verify(request.headers["authorization"].removeprefix("Bearer "))

    async def home(request: Request) -> Response:
        language = choose_language(request.headers.get("accept-language"))
        with parts.database.read.together():
            return _json(await facts.home(actor(request), language, appointments=5, messages=10))

    async def slots(request: Request) -> Response:
        language, first = choose_language(request.headers.get("accept-language")), request.query_params["first"]
        return _json(await facts.slots(actor(request), language, criteria=_criteria(request), first=int(first)))

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await parts.close()

    routes = [Route("/home", home), Route("/slots", slots)]
    return Starlette(routes=routes, middleware=[] if bare else [Middleware(AccessLog)], lifespan=lifespan)


def _criteria(request: Request) -> SlotCriteria:
    asked = request.query_params
    return SlotCriteria(
        specialty_code=asked["specialty"],
        town=asked.get("town"),
        starts_from=datetime.fromisoformat(asked["from"]),
    )


def _json(facts: Any) -> Response:
    return Response(orjson.dumps(facts), media_type="application/json")


@dataclass(frozen=True, slots=True)
class RestFacts:
    """Asks the same services as GraphQL does, at the same time where GraphQL does."""

    services: Services
    clock: Clock

    async def home(self, actor: Principal, language: Language, *, appointments: int, messages: int) -> Facts:
        """Return the facts of HomeScreen."""
        services, person_id = self.services, actor.person_id
        person, policy, coming, inbox, unread = await asyncio.gather(
            services.profile.get_person(actor, person_id),
            services.policies.get_policy(actor, person_id),
            services.appointments.upcoming(actor, person_id=person_id, limit=appointments),
            services.inbox.list_page(actor, person_id, limit=messages),
            services.inbox.count_unread(actor, person_id),
        )
        viewer = {
            "person": _person(person, services.profile.age_of(person)),
            "policy": _policy(policy),
            "appointments": _appointments(coming, language),
            "inbox": _inbox(inbox, language),
            "unreadCount": unread,
        }
        return {"serverTime": self.clock(), "viewer": viewer}

    async def slots(self, actor: Principal, language: Language, *, criteria: SlotCriteria, first: int) -> Facts:
        """Return the facts of SearchSlots."""
        page = await self.services.slots.search(actor, criteria=criteria, limit=first)
        parts = _Parts(language)
        nodes = [{**parts.slot(slot), "clinic": parts.clinic_with_zone(slot.clinic)} for slot in page.items]
        last = page.items[-1] if page.items else None
        end_cursor = _time_cursor(last.starts_at, last.id) if last else None
        return {"slots": {"nodes": nodes, "pageInfo": {"hasNextPage": page.has_next, "endCursor": end_cursor}}}


class _Parts:
    """Writes what the slots of one answer share once."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._written: dict[Hashable, Any] = {}

    def slot(self, slot: Slot) -> dict[str, Any]:
        return {
            "id": encode_id("Slot", slot.id),
            "startsAt": slot.clinic.local(slot.starts_at),
            "endsAt": slot.clinic.local(slot.ends_at),
            "timeZone": slot.clinic.time_zone,
            "room": slot.room,
            "doctor": self._once(slot.doctor.id, slot.doctor, _doctor),
            "specialty": self._once(slot.specialty.id, slot.specialty, self._specialty),
        }

    def clinic_with_phone(self, clinic: Clinic) -> Facts:
        return self._once(clinic.id, clinic, lambda one: {**_clinic(one), "phone": one.phone})

    def clinic_with_zone(self, clinic: Clinic) -> Facts:
        return self._once(clinic.id, clinic, lambda one: {**_clinic(one), "timeZone": one.time_zone})

    def _specialty(self, specialty: Specialty) -> Facts:
        name = specialty.name_ru if self._language == "ru" else specialty.name_en
        return {"code": specialty.code, "name": name}

    def _once(self, key: UUID, value: Value, write: Callable[[Value], Facts]) -> Facts:
        if (written := self._written.get(key)) is None:
            written = self._written[key] = write(value)
        facts: Facts = written
        return facts


def _person(person: Person, age: int) -> Facts:
    return {
        "id": encode_id("Person", person.id),
        "familyName": person.family_name,
        "givenName": person.given_name,
        "patronymic": person.patronymic,
        "birthDate": person.birth_date,
        "age": age,
        "asOf": person.as_of,
        "source": person.source,
    }


def _policy(known: KnownPolicy) -> Facts:
    policy = known.policy
    phone = policy.insurer.phone
    return {
        "kind": policy.kind.name,
        "status": policy.status.name,
        "enp": policy.enp.digits if policy.enp else None,
        "validFrom": policy.valid_from,
        "region": policy.region,
        "asOf": known.as_of,
        "isStale": known.is_stale,
        "insurer": {"name": policy.insurer.name, "phone": phone.e164 if phone else None},
    }


def _appointments(page: Page[Appointment], language: Language) -> Facts:
    parts = _Parts(language)
    nodes = [
        {
            "id": encode_id("Appointment", one.id),
            "status": one.status.name,
            "channel": one.channel.name,
            "slot": {**parts.slot(one.slot), "clinic": parts.clinic_with_phone(one.slot.clinic)},
        }
        for one in page.items
    ]
    last = page.items[-1] if page.items else None
    end_cursor = _time_cursor(last.slot.starts_at, last.id) if last else None
    return {"nodes": nodes, "pageInfo": {"hasNextPage": page.has_next, "endCursor": end_cursor}}


def _inbox(page: InboxPage, language: Language) -> Facts:
    nodes: Sequence[Facts] = [_message(item, language) for item in page.items]
    last = page.items[-1] if page.items else None
    end_cursor = _time_cursor(last.created_at, last.id) if last else None
    return {"nodes": nodes, "pageInfo": {"hasNextPage": page.has_next, "endCursor": end_cursor}}


def _message(item: InboxItem, language: Language) -> Facts:
    text = item.written_in(language)
    return {
        "id": encode_id("Notification", item.id),
        "kind": item.kind.name,
        "severity": item.severity.name,
        "title": text.title,
        "body": text.body,
        "createdAt": item.created_at,
        "seenAt": item.seen_at,
    }


def _doctor(doctor: Doctor) -> Facts:
    return {"id": encode_id("Doctor", doctor.id), "fullName": doctor.full_name}


def _clinic(clinic: Clinic) -> dict[str, Any]:
    return {
        "id": encode_id("Clinic", clinic.id),
        "name": clinic.name,
        "address": clinic.address,
        "town": clinic.town,
        "coordinates": {"latitude": clinic.latitude, "longitude": clinic.longitude},
    }


def _time_cursor(instant: datetime, row_id: UUID) -> str:
    return encode_cursor(instant.isoformat(), row_id.hex)
