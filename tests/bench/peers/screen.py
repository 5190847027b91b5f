"""Home's facts from one aggregated statement (`screen.sql`): what the database says, written as the schema shows it."""

from binascii import b2a_base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from backend.clock import Clock
from backend.entrypoints.bootstrap import Parts
from backend.profile.rules import age_in_years
from backend.round_trips import RoundTrips
from graphql_schema.connections import encode_cursor
from identity.principal import Principal
from tests.bench.works import APPOINTMENTS, MESSAGES

SQL = Path(__file__).with_suffix(".sql").read_text().partition("\n")[2]
NAMES = ("person_id", "now", "appointments", "messages")
"""What its parameters are called, in their order."""

_URL_SAFE = bytes.maketrans(b"+/", b"-_")

_Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Screen:
    """One request's state: who asks, and how the one statement is run."""

    trips: RoundTrips
    person_id: UUID
    clock: Clock

    async def read(self) -> dict[str, Any]:
        """Return the viewer."""
        now = self.clock()
        [[found]] = await self.trips.fetch(SQL, (self.person_id, now, APPOINTMENTS + 1, MESSAGES + 1))
        return {
            "person": _person(found["person"], now),
            "policy": _policy(found["policy"]),
            "unread_count": found["unread"],
            "appointments": _page(found["appointments"], APPOINTMENTS, _appointment, "starts_at"),
            "inbox": _page(found["messages"], MESSAGES, _message, "created_at"),
        }


def screen_of(parts: Parts, principal: Principal) -> Screen:
    """Return the state of one request; on PostgreSQL only."""
    assert parts.database.read.trips is not None
    return Screen(parts.database.read.trips, principal.person_id, parts.clock)


def _id(prefix: bytes, text: str) -> str:
    """Return what `encode_id` returns, of the text of a UUID without making one."""
    raw = b2a_base64(prefix + bytes.fromhex(text.replace("-", "")), newline=False)
    return raw.translate(_URL_SAFE, b"=").decode()


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _person(one: _Facts, now: datetime) -> _Facts:
    born = date.fromisoformat(one["birth_date"])
    age = age_in_years(born, now=now, time_zone=one["time_zone"])
    return {**one, "id": _id(b"Person:", one["id"]), "age": age, "as_of": _instant(one["as_of"])}


def _policy(record: _Facts) -> _Facts:
    policy = record["policy"]
    insurer, enp = policy["insurer"], policy["enp"]
    return {
        "kind": policy["kind"].upper(),
        "status": policy["status"].upper(),
        "enp": enp and enp["digits"],
        "valid_from": policy["valid_from"],
        "region": policy["region"],
        "as_of": record["as_of"].replace("Z", "+00:00"),
        "is_stale": False,
        "insurer": {"name": insurer["name"], "phone": insurer["phone"] and insurer["phone"]["e164"]},
    }


def _appointment(one: _Facts) -> _Facts:
    zone = ZoneInfo(one["time_zone"])
    full_name = " ".join(filter(None, (one["family_name"], one["given_name"], one["patronymic"])))
    return {
        "id": _id(b"Appointment:", one["id"]),
        "status": one["status"].upper(),
        "channel": one["channel"].upper(),
        "slot": {
            "id": _id(b"Slot:", one["slot_id"]),
            "starts_at": datetime.fromisoformat(one["starts_at"]).astimezone(zone),
            "ends_at": datetime.fromisoformat(one["ends_at"]).astimezone(zone),
            "time_zone": one["time_zone"],
            "room": one["room"],
            "doctor": {"id": _id(b"Doctor:", one["doctor_id"]), "full_name": full_name},
            "specialty": {"code": one["code"], "name": one["name_ru"]},
            "clinic": {
                **{name: one[name] for name in ("name", "address", "town", "phone")},
                "id": _id(b"Clinic:", one["clinic_id"]),
                "coordinates": {"latitude": one["latitude"], "longitude": one["longitude"]},
            },
        },
    }


def _message(one: _Facts) -> _Facts:
    return {
        "id": _id(b"Notification:", one["id"]),
        "kind": one["kind"].upper(),
        "severity": one["severity"].upper(),
        "created_at": _instant(one["created_at"]),
        "seen_at": _instant(one["seen_at"]),
    }


def _page(rows: Sequence[_Facts], first: int, write: Callable[[_Facts], _Facts], column: str) -> _Facts:
    shown = rows[:first]
    cursor = None
    if shown:
        last = shown[-1]
        cursor = encode_cursor(datetime.fromisoformat(last[column]).isoformat(), last["id"].replace("-", ""))
    return {
        "nodes": [write(one) for one in shown],
        "page_info": {"has_next_page": len(rows) > first, "end_cursor": cursor},
    }
