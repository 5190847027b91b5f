"""The same facts as the two benchmarked operations select, written by hand: what a REST endpoint would answer."""

import asyncio
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from backend.booking.values import Appointment, Clinic, Doctor, Page, Slot, SlotCriteria, Specialty
from backend.clock import Clock
from backend.inbox.service import InboxPage
from backend.policy.values import KnownPolicy
from backend.profile.values import Person
from backend.services import Services
from graphql_schema.catalogue import Language
from graphql_schema.connections import encode_cursor
from graphql_schema.node import encode_id
from identity.principal import Principal
from notifications.inbox import InboxItem

Facts = Mapping[str, Any]
Value = TypeVar("Value")


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
