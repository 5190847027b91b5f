"""Registering devices: an address belongs to one account, a session has one address."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from uuid_utils.compat import uuid7

from backend.database import Database
from backend.devices.errors import DeviceNotFound
from backend.devices.values import Device, DeviceId
from backend.idempotency import IdempotencyKeyReused
from identity.errors import AccessRefused, NotSignedIn, TokenRefused
from identity.principal import ActorKind
from notifications.channels.port import AddressKind, Provider
from notifications.messages import MessageKind
from notifications.registration import MOST_DEVICES
from tests.factories.people import NOW, make_principal
from tests.factories.registered import Phones, in_background, make_install, make_public_key

LATER = timedelta(hours=2)


@pytest.fixture
def phones(database: Database) -> Phones:
    return Phones(database)


async def test_a_device_is_listed_without_its_address(phones: Phones) -> None:
    anna = await phones.add()
    device_id = await phones.register(anna, public_key=make_public_key())
    assert await phones.listed(anna) == [
        Device(
            id=DeviceId(device_id),
            session_id=anna.session_id,
            provider=Provider.FCM,
            app="ios",
            app_version="7.4.0",
            locale="ru-RU",
            time_zone="Asia/Kamchatka",
            is_encrypted=True,
            registered_at=NOW,
            last_seen_at=NOW,
        )
    ]


async def test_registering_again_updates_the_row(phones: Phones) -> None:
    anna = await phones.add()
    first = await phones.register(anna)
    phones.clock.advance(LATER)
    again = await phones.register(anna, app_version="7.5.0", locale="en-GB", time_zone="Europe/London")
    assert again == first
    (device,) = await phones.listed(anna)
    assert (device.app_version, device.locale, device.time_zone) == ("7.5.0", "en-GB", "Europe/London")
    assert (device.registered_at, device.last_seen_at) == (NOW, NOW + LATER)


async def test_a_rotated_address_takes_what_waits_with_it(phones: Phones) -> None:
    anna = await phones.add()
    first = await phones.register(anna)
    waiting = await phones.tell(anna.person_id)
    second = await phones.register(anna, "fcm-token:2")
    assert await phones.reasons() == {first: "rotated", second: None}
    assert await phones.waiting() == {waiting: second}


async def test_the_background_may_tell_a_rotated_address(phones: Phones) -> None:
    anna = await phones.add()
    first = await phones.register(anna)
    second = await phones.register(in_background(anna), "fcm-token:2")
    assert await phones.reasons() == {first: "rotated", second: None}


async def test_an_install_never_has_a_token_and_an_installation_id(phones: Phones) -> None:
    anna = await phones.add()
    token = await phones.register(anna)
    fid = await phones.register(anna, "fid-1", address_kind=AddressKind.FID)
    rustore = await phones.register(anna, "r-1", provider=Provider.RUSTORE)
    assert await phones.reasons() == {token: "rotated", fid: "rotated", rustore: None}


async def test_the_same_address_under_a_new_session_of_the_person_is_the_same_device(phones: Phones) -> None:
    anna = await phones.add()
    first = await phones.register(anna)
    anew = await phones.add(anna.person_id)
    assert await phones.register(anew) == first
    (device,) = await phones.listed(anna)
    assert device.session_id == anew.session_id
    assert phones.told == []


async def test_two_providers_may_give_the_same_words(phones: Phones) -> None:
    anna, boris = await phones.add(), await phones.add()
    ids = [await phones.register(anna, "1"), await phones.register(boris, "1", provider=Provider.RUSTORE)]
    assert await phones.reasons() == dict.fromkeys(ids)


async def test_an_address_of_another_account_moves_and_that_one_is_told(phones: Phones) -> None:
    anna, boris = await phones.add(), await phones.add()
    hers = await phones.register(anna)
    phones.clock.advance(LATER)
    his = await phones.register(boris)
    assert await phones.reasons() == {hers: "moved", his: None}
    told = {"moved_at": (NOW + LATER).isoformat(), "zone": "Europe/Moscow"}
    assert await phones.inbox(anna.person_id) == [(MessageKind.DEVICE_MOVED, told)]
    assert await phones.inbox(boris.person_id) == []
    assert phones.told == [anna.person_id]
    assert [await phones.listed(one) for one in (anna,)] == [[]]


async def test_nobody_is_told_of_an_address_that_was_given_up_before(phones: Phones) -> None:
    anna, boris = await phones.add(), await phones.add()
    device = DeviceId(await phones.register(anna))
    await phones.devices.unregister(anna, device, idempotency_key=uuid4())
    await phones.register(boris)
    assert await phones.inbox(anna.person_id) == []
    assert phones.told == []


async def test_a_repeat_is_replayed_and_moves_nothing_back(phones: Phones) -> None:
    anna, boris = await phones.add(), await phones.add()
    key = uuid4()
    first = await phones.devices.register(anna, make_install(), idempotency_key=key)
    await phones.register(boris)
    again = await phones.devices.register(anna, make_install(), idempotency_key=key)
    assert (first.replayed, again.replayed) == (False, True)
    assert first.value is not None
    assert again.value is not None
    assert again.value.id == first.value.id
    assert await phones.listed(anna) == []
    with pytest.raises(IdempotencyKeyReused):
        await phones.devices.register(anna, make_install("fcm-token:2"), idempotency_key=key)


async def test_the_one_that_rested_longest_makes_room(phones: Phones) -> None:
    anna = await phones.add()
    ids = []
    for number in range(MOST_DEVICES + 1):
        actor = await phones.add(anna.person_id)
        ids.append(await phones.register(actor, f"fcm-token:{number}"))
        phones.clock.advance(timedelta(minutes=1))
    assert await phones.reasons() == {ids[0]: "too_many", **dict.fromkeys(ids[1:])}
    assert [one.id for one in await phones.listed(anna)] == ids[:0:-1]


async def test_a_session_that_is_over_registers_nothing(phones: Phones) -> None:
    ended = await phones.add(revoked_at=NOW)
    late = await phones.add(expires_at=NOW)
    for actor in (ended, late, make_principal()):
        with pytest.raises(TokenRefused):
            await phones.register(actor)
    assert await phones.rows() == {}


async def test_only_a_persons_own_phone_may(phones: Phones) -> None:
    anna = await phones.add()
    device = DeviceId(await phones.register(anna))
    with pytest.raises(NotSignedIn):
        await phones.devices.register(None, make_install(), idempotency_key=uuid4())
    for kind in set(ActorKind) - {ActorKind.CITIZEN, ActorKind.DEVICE}:
        with pytest.raises(AccessRefused):
            await phones.register(make_principal(anna.person_id, kind=kind))
    for actor in (in_background(anna), make_principal()):
        with pytest.raises(AccessRefused):
            await phones.devices.list_devices(actor, anna.person_id)
    with pytest.raises(AccessRefused):
        await phones.devices.unregister(in_background(anna), device, idempotency_key=uuid4())
    assert await phones.reasons() == {device: None}


async def test_an_unknown_a_foreign_and_a_retired_device_answer_alike(phones: Phones) -> None:
    """S36."""
    anna, boris = await phones.add(), await phones.add()
    device = DeviceId(await phones.register(anna))
    for actor, wrong in ((boris, device), (anna, DeviceId(uuid7()))):
        with pytest.raises(DeviceNotFound):
            await phones.devices.unregister(actor, wrong, idempotency_key=uuid4())
    assert await phones.reasons() == {device: None}
    key = uuid4()
    outcomes = [await phones.devices.unregister(anna, device, idempotency_key=key) for _ in range(2)]
    assert [one.replayed for one in outcomes] == [False, True]
    with pytest.raises(DeviceNotFound):
        await phones.devices.unregister(anna, device, idempotency_key=uuid4())
    assert await phones.reasons() == {device: "unregistered"}


async def test_a_race_for_an_address_leaves_it_with_one(phones: Phones) -> None:
    actors = [await phones.add() for _ in range(6)]
    await asyncio.gather(*(phones.register(actor) for actor in actors))
    reasons = list((await phones.reasons()).values())
    assert sorted(reasons, key=str) == [None, *["moved"] * 5]
    assert len(phones.told) == 5


async def test_a_race_within_a_session_leaves_one_address(phones: Phones) -> None:
    anna = await phones.add()
    await asyncio.gather(*(phones.register(anna, f"fcm-token:{number}") for number in range(6)))
    assert sorted((await phones.reasons()).values(), key=str) == [None, *["rotated"] * 5]


async def test_a_new_message_goes_to_the_device(phones: Phones) -> None:
    anna, boris = await phones.add(), await phones.add()
    device = await phones.register(anna)
    told = await phones.tell(anna.person_id)
    await phones.tell(boris.person_id)
    assert await phones.waiting() == {told: device}
