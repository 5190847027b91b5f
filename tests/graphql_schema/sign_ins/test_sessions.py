"""My devices: what is listed, and signing out (S30, S35, S36)."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from backend.database import Database
from graphql_schema.node import encode_id
from identity.principal import PersonId, Principal, SessionId
from identity.tables import Session
from tests.factories.people import NOW, make_principal
from tests.factories.sessions import add_account, add_session
from tests.graphql_schema.own_corner import OwnCorner

FIELDS = "id appName platform deviceName createdAt lastSeenAt isCurrent isKeyBound"
LIST = f"{{ viewer {{ sessions {{ {FIELDS} }} }} }}"
OUT = "mutation($input: SignOutInput!) { signOut(input: $input) { endedCount errors { code path } } }"
DEVICE = (
    "mutation($input: SignOutDeviceInput!) "
    "{ signOutDevice(input: $input) { sessions { id } errors { code path message } } }"
)
EVERYWHERE = (
    "mutation($input: SignOutEverywhereInput!) { signOutEverywhere(input: $input) { endedCount errors { code } } }"
)


@dataclass
class Devices:
    """Anna on a phone and in a browser, and Boris elsewhere."""

    corner: OwnCorner
    anna: PersonId
    phone: Session
    web: Session
    foreign: Session

    @property
    def actor(self) -> Principal:
        """Anna, on her phone."""
        return replace(make_principal(self.anna), session_id=SessionId(self.phone.id))

    async def listed(self) -> list[dict[str, Any]]:
        answer = await self.corner.ask(self.actor, LIST)
        assert answer.codes == {}
        found: list[dict[str, Any]] = answer.data["viewer"]["sessions"]
        return found

    async def act(self, query: str, actor: Principal | None = None, **given: Any) -> dict[str, Any]:
        answer = await self.corner.ask(actor or self.actor, query, input={"idempotencyKey": str(uuid4()), **given})
        assert answer.codes == {}
        payload: dict[str, Any] = next(iter(answer.data.values()))
        return payload


@pytest.fixture
async def devices(database: Database) -> Devices:
    anna, boris = [await add_account(database, now=NOW) for _ in range(2)]
    phone = await add_session(
        database, anna, now=NOW, client_id="ios", device_name="Телефон Анны", key_thumbprint="k" * 43
    )
    web = await add_session(database, anna, now=NOW + timedelta(minutes=5), last_seen_at=None)
    foreign = await add_session(database, boris, now=NOW)
    corner = OwnCorner(database)
    corner.clock.set(NOW + timedelta(minutes=10))
    return Devices(corner, anna, phone, web, foreign)


def ids(sessions: list[dict[str, Any]]) -> list[str]:
    return [one["id"] for one in sessions]


def global_id(session: Session) -> str:
    return str(encode_id("Session", session.id))


async def test_each_device_is_listed_as_its_person_knows_it(devices: Devices) -> None:
    assert await devices.listed() == [
        {
            "id": global_id(devices.web),
            "appName": "Моё здоровье",
            "platform": "WEB",
            "deviceName": None,
            "createdAt": "2026-11-22T06:05:00+00:00",
            "lastSeenAt": "2026-11-22T06:00:00+00:00",
            "isCurrent": False,
            "isKeyBound": False,
        },
        {
            "id": global_id(devices.phone),
            "appName": "Моё здоровье",
            "platform": "IOS",
            "deviceName": "Телефон Анны",
            "createdAt": "2026-11-22T06:00:00+00:00",
            "lastSeenAt": "2026-11-22T06:00:00+00:00",
            "isCurrent": True,
            "isKeyBound": True,
        },
    ]


async def test_what_ended_or_rested_too_long_is_not_listed_s29(devices: Devices) -> None:
    database = devices.corner.database
    await add_session(database, devices.anna, now=NOW, revoked_at=NOW)
    await add_session(database, devices.anna, now=NOW, expires_at=NOW + timedelta(minutes=1))
    await add_session(database, devices.anna, now=NOW - timedelta(hours=1))
    app_gone = await add_session(database, devices.anna, now=NOW + timedelta(minutes=6), client_id="gone")
    listed = await devices.listed()
    assert ids(listed) == [global_id(one) for one in (app_gone, devices.web, devices.phone)]
    assert (listed[0]["appName"], listed[0]["platform"]) == ("gone", "OTHER")


async def test_one_tap_signs_another_device_out_s30(devices: Devices) -> None:
    payload = await devices.act(DEVICE, sessionId=global_id(devices.web))
    assert payload == {"sessions": [{"id": global_id(devices.phone)}], "errors": []}
    assert ids(await devices.listed()) == [global_id(devices.phone)]


@pytest.mark.parametrize("kind", ["foreign", "missing", "ended", "malformed", "of another type"])
async def test_a_foreign_and_a_missing_session_answer_alike_and_nothing_ends_s36(devices: Devices, kind: str) -> None:
    ended = await add_session(devices.corner.database, devices.anna, now=NOW, revoked_at=NOW)
    named = {
        "foreign": global_id(devices.foreign),
        "missing": str(encode_id("Session", UUID(int=1))),
        "ended": global_id(ended),
        "malformed": "x",
        "of another type": str(encode_id("Notification", devices.web.id)),
    }[kind]
    payload = await devices.act(DEVICE, sessionId=named)
    assert payload == {
        "sessions": None,
        "errors": [
            {
                "code": "SESSION_NOT_FOUND",
                "path": ["input", "sessionId"],
                "message": "Вход на этом устройстве уже завершён.",
            }
        ],
    }
    assert len(await devices.listed()) == 2
    async with devices.corner.database.reading() as session:
        found = await session.get(Session, (devices.foreign.person_id, devices.foreign.id))
    assert found is not None
    assert found.revoked_at is None


async def test_signing_out_here_ends_this_session_alone_s30(devices: Devices) -> None:
    assert await devices.act(OUT) == {"endedCount": 1, "errors": []}
    assert ids(await devices.listed()) == [global_id(devices.web)]
    assert await devices.act(OUT) == {"endedCount": 0, "errors": []}


@pytest.mark.parametrize(("but_own", "count"), [(False, 2), (True, 1)])
async def test_signing_out_everywhere_s30(devices: Devices, but_own: bool, count: int) -> None:
    payload = await devices.act(EVERYWHERE, exceptThisDevice=but_own)
    assert payload == {"endedCount": count, "errors": []}
    assert ids(await devices.listed()) == ([global_id(devices.phone)] if but_own else [])


async def test_a_repeat_ends_nothing_more_r56(devices: Devices) -> None:
    given: dict[str, object] = {"idempotencyKey": str(uuid4())}
    first = await devices.corner.ask(devices.actor, EVERYWHERE, input=given)
    later = await add_session(devices.corner.database, devices.anna, now=NOW + timedelta(minutes=9))
    again = await devices.corner.ask(devices.actor, EVERYWHERE, input=given)
    assert (again.data, again.extensions) == (first.data, {"replayed": True})
    assert ids(await devices.listed()) == [global_id(later)]
    reused = {**given, "exceptThisDevice": True}
    answer = await devices.corner.ask(devices.actor, EVERYWHERE, input=reused)
    assert answer.data["signOutEverywhere"]["errors"] == [{"code": "IDEMPOTENCY_KEY_REUSED"}]


async def test_a_session_is_found_by_its_id_by_its_person_alone_s35(devices: Devices) -> None:
    query = "query($id: ID!) { node(id: $id) { ... on Session { deviceName } } }"
    found = await devices.corner.ask(devices.actor, query, id=global_id(devices.phone))
    foreign = await devices.corner.ask(devices.actor, query, id=global_id(devices.foreign))
    nobody = await devices.corner.ask(None, query, id=global_id(devices.phone))
    assert found.data == {"node": {"deviceName": "Телефон Анны"}}
    assert (foreign.data, foreign.codes) == ({"node": None}, {"node": "NOT_FOUND"})
    assert (nobody.data, nobody.codes) == ({"node": None}, {"node": "UNAUTHENTICATED"})


@pytest.mark.parametrize("query", [OUT, EVERYWHERE])
async def test_nobody_signs_nobody_out(devices: Devices, query: str) -> None:
    answer = await devices.corner.ask(None, query, input={"idempotencyKey": str(uuid4())})
    assert set(answer.codes.values()) == {"UNAUTHENTICATED"}
    assert len(await devices.listed()) == 2
