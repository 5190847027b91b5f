"""Devices over GraphQL: registering, listing, giving up, and every wrong input as a coded refusal."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import pytest
from uuid_utils.compat import uuid7

from backend.database import Database
from graphql_schema.node import encode_id, split_id
from identity.principal import ActorKind, Assurance, Principal, SessionId
from tests.factories.people import NOW, add_person, make_principal, snils_for
from tests.factories.registered import make_public_key
from tests.factories.sessions import add_account, add_session
from tests.graphql_schema.own_corner import OwnCorner

CARD = "id provider appName appVersion locale timeZone isEncrypted isCurrent registeredAt lastSeenAt"
REGISTER = f"""mutation ($input: RegisterDeviceInput!) {{
  registerDevice(input: $input) {{ device {{ {CARD} }} errors {{ code message path }} }} }}"""
UNREGISTER = """mutation ($input: UnregisterDeviceInput!) {
  unregisterDevice(input: $input) { devices { id } errors { code path } } }"""
LIST = f"{{ viewer {{ devices {{ {CARD} }} }} }}"
NODE = "query ($id: ID!) { node(id: $id) { id ... on Device { appVersion } } }"
SIGN_OUT = "mutation ($input: SignOutEverywhereInput!) { signOutEverywhere(input: $input) { endedCount } }"
PHONE = {
    "provider": "FCM",
    "addressKind": "TOKEN",
    "address": "fcm-token:1",
    "appVersion": "7.4.0",
    "locale": "ru-RU",
    "timeZone": "Asia/Kamchatka",
}


@dataclass
class House:
    """A corner in which people sign in on phones."""

    corner: OwnCorner
    people: int = 0

    async def sign_in(self, **given: Any) -> Principal:
        self.people += 1
        database = self.corner.database
        person_id = await add_person(database, snils=snils_for(112_233_000 + self.people))
        await add_account(database, now=NOW, person_id=person_id)
        row = await add_session(database, person_id, now=NOW, client_id="ios", **given)
        return replace(make_principal(person_id), session_id=SessionId(row.id))

    async def act(self, query: str, actor: Principal, **given: Any) -> dict[str, Any]:
        answer = await self.corner.ask(actor, query, input={"idempotencyKey": str(uuid4()), **given})
        assert answer.codes == {}
        payload: dict[str, Any] = next(iter(answer.data.values()))
        return payload

    async def register(self, actor: Principal, **given: Any) -> str:
        payload = await self.act(REGISTER, actor, **PHONE, **given)
        assert payload["errors"] == []
        device_id: str = payload["device"]["id"]
        return device_id

    async def listed(self, actor: Principal) -> list[str]:
        return [one["id"] for one in (await self.corner.ask(actor, LIST)).data["viewer"]["devices"]]


@pytest.fixture
def house(database: Database) -> House:
    return House(OwnCorner(database))


async def test_a_device_is_registered_and_listed_without_its_address(house: House) -> None:
    anna = await house.sign_in()
    payload = await house.act(REGISTER, anna, **PHONE, publicKey=make_public_key())
    device = payload["device"]
    assert (payload["errors"], split_id(device["id"])[0]) == ([], "Device")
    assert {name: value for name, value in device.items() if name != "id"} == {
        "provider": "FCM",
        "appName": "Моё здоровье",
        "appVersion": "7.4.0",
        "locale": "ru-RU",
        "timeZone": "Asia/Kamchatka",
        "isEncrypted": True,
        "isCurrent": True,
        "registeredAt": "2026-11-22T06:00:00+00:00",
        "lastSeenAt": "2026-11-22T06:00:00+00:00",
    }
    listed = await house.corner.ask(anna, LIST)
    assert listed.data["viewer"]["devices"] == [device]
    elsewhere = replace(anna, session_id=SessionId(uuid7()))
    assert (await house.corner.ask(elsewhere, LIST)).data["viewer"]["devices"] == [{**device, "isCurrent": False}]


@pytest.mark.parametrize(
    ("part", "wrong", "code"),
    [
        ("address", "", "DEVICE_ADDRESS_INVALID"),
        ("address", "a" * 4_097, "DEVICE_ADDRESS_INVALID"),
        ("appVersion", "7 4", "DEVICE_VERSION_INVALID"),
        ("locale", "ru_RU", "DEVICE_LOCALE_INVALID"),
        ("timeZone", "UTC+3", "DEVICE_TIME_ZONE_INVALID"),
        ("publicKey", "{}", "DEVICE_KEY_INVALID"),
    ],
)
async def test_a_wrong_part_is_named(house: House, part: str, wrong: str, code: str) -> None:
    anna = await house.sign_in()
    payload = await house.act(REGISTER, anna, **{**PHONE, part: wrong})
    assert payload["device"] is None
    assert [(one["code"], one["path"]) for one in payload["errors"]] == [(code, ["input", part])]
    assert await house.listed(anna) == []


@pytest.mark.parametrize("part", ["provider", "addressKind"])
async def test_a_provider_or_a_kind_that_is_none_does_not_run(house: House, part: str) -> None:
    anna = await house.sign_in()
    given = {**PHONE, part: "EMAIL", "idempotencyKey": str(uuid4())}
    assert (await house.corner.ask(anna, REGISTER, input=given)).data is None


async def test_rustore_has_no_installation_ids(house: House) -> None:
    payload = await house.act(REGISTER, await house.sign_in(), **{**PHONE, "provider": "RUSTORE", "addressKind": "FID"})
    assert [one["code"] for one in payload["errors"]] == ["DEVICE_ADDRESS_INVALID"]


async def test_a_repeat_says_that_it_is_one(house: House) -> None:
    anna, given = await house.sign_in(), {**PHONE, "idempotencyKey": str(uuid4())}
    first, again = [await house.corner.ask(anna, REGISTER, input=given) for _ in range(2)]
    assert first.data == again.data
    assert (first.extensions, again.extensions) == ({}, {"replayed": True})


async def test_an_address_of_another_account_moves_with_notice(house: House) -> None:
    anna, boris = await house.sign_in(), await house.sign_in()
    await house.register(anna)
    his = await house.register(boris)
    assert (await house.listed(anna), await house.listed(boris)) == ([], [his])
    inbox = await house.corner.ask(anna, "{ viewer { inbox { nodes { kind title body } } } }")
    (told,) = inbox.data["viewer"]["inbox"]["nodes"]
    assert (told["kind"], told["title"]) == ("DEVICE_MOVED", "Вашим телефоном пользуется кто-то другой")
    assert "22 ноября" in told["body"]


@pytest.mark.parametrize("wrong", ["unknown", "foreign", "malformed", "of another type"])
async def test_what_is_not_ones_own_cannot_be_given_up(house: House, wrong: str) -> None:
    anna, boris = await house.sign_in(), await house.sign_in()
    foreign = await house.register(boris)
    device_id = {
        "unknown": encode_id("Device", uuid7()),
        "foreign": foreign,
        "malformed": "Device:1",
        "of another type": encode_id("Session", split_id(foreign)[1]),
    }[wrong]
    payload = await house.act(UNREGISTER, anna, deviceId=device_id)
    assert payload == {"devices": None, "errors": [{"code": "DEVICE_NOT_FOUND", "path": ["input", "deviceId"]}]}
    assert await house.listed(boris) == [foreign]


async def test_a_device_is_given_up_and_a_node_no_more(house: House) -> None:
    """S35."""
    anna, boris = await house.sign_in(), await house.sign_in()
    device = await house.register(anna)
    assert (await house.corner.ask(anna, NODE, id=device)).data == {"node": {"id": device, "appVersion": "7.4.0"}}
    for actor in (boris, replace(anna, kind=ActorKind.DEVICE)):
        assert (await house.corner.ask(actor, NODE, id=device)).codes == {"node": "NOT_FOUND"}
    assert await house.act(UNREGISTER, anna, deviceId=device) == {"devices": [], "errors": []}
    assert (await house.corner.ask(anna, NODE, id=device)).codes == {"node": "NOT_FOUND"}


async def test_signing_out_silences_the_devices(house: House) -> None:
    anna = await house.sign_in()
    await house.register(anna)
    assert await house.act(SIGN_OUT, anna) == {"endedCount": 1}
    assert await house.listed(anna) == []


async def test_a_session_that_has_ended_cannot_register(house: House) -> None:
    ended = await house.sign_in(revoked_at=NOW)
    answer = await house.corner.ask(ended, REGISTER, input={**PHONE, "idempotencyKey": str(uuid4())})
    assert answer.codes == {"registerDevice": "TOKEN_INVALID"}


async def test_an_account_that_is_not_confirmed_yet_may_register(house: House) -> None:
    anna = replace(await house.sign_in(), assurance=Assurance.SIMPLIFIED)
    device = await house.register(anna)
    assert await house.listed(anna) == [device]
