"""What the beginnings and ends of sessions mean for devices."""

from datetime import timedelta

import pytest
from uuid_utils.compat import uuid7

from backend.database import Database
from backend.devices.sessions import DeviceWatcher, retire_all_signed_out, retire_signed_out
from backend.entrypoints.migrations.tables import METADATA
from backend.profile.directory import Directory
from backend.rights.erasing import erase_person
from identity.ports import BegunSession
from identity.principal import PersonId, SessionId
from identity.queries import end_sessions
from identity.settings import IdentitySettings
from notifications.devices import IDLE_FOR, KEPT_FOR, retire_idle, touch_device
from notifications.messages import MessageKind
from tests.factories.people import NOW
from tests.factories.registered import Phones


@pytest.fixture
def phones(database: Database) -> Phones:
    return Phones(database)


@pytest.fixture
def watcher(phones: Phones) -> DeviceWatcher:
    return DeviceWatcher(people=Directory(clock=phones.clock), apps=IdentitySettings().apps, told=phones.told.append)


def begun(person_id: PersonId, **given: object) -> BegunSession:
    values = {"client_id": "ios", "device_name": "Телефон Анны", "is_new_device": True, "at": NOW, **given}
    return BegunSession(person_id=person_id, session_id=SessionId(uuid7()), **values)  # type: ignore[arg-type] # of a test


async def test_the_device_of_an_ended_session_is_woken_no_more_and_others_are(phones: Phones) -> None:
    anna, boris = await phones.add(), await phones.add()
    tablet = await phones.add(anna.person_id)
    ids = [await phones.register(one, f"t:{number}") for number, one in enumerate((anna, tablet, boris))]
    async with phones.database.transaction() as session:
        await end_sessions(session, anna.person_id, now=NOW, only=anna.session_id)
        assert await retire_signed_out(session, anna.person_id, NOW) == 1
    assert await phones.reasons() == dict(zip(ids, ("signed_out", None, None), strict=True))


async def test_sessions_that_ran_out_by_themselves_are_found(phones: Phones) -> None:
    anna = await phones.add(expires_at=NOW + timedelta(hours=1))
    boris = await phones.add(expires_at=NOW + timedelta(hours=3))
    hers, his = await phones.register(anna, "t:1"), await phones.register(boris, "t:2")
    async with phones.database.transaction() as session:
        assert await retire_all_signed_out(session, NOW) == 0
        assert await retire_all_signed_out(session, NOW + timedelta(hours=1)) == 1
    assert await phones.reasons() == {hers: "signed_out", his: None}


async def test_a_person_is_told_of_a_new_device(phones: Phones, watcher: DeviceWatcher) -> None:
    anna = await phones.add()
    device = await phones.register(anna)
    async with phones.database.transaction() as session:
        await watcher.begun(session, begun(anna.person_id))
        await watcher.begun(session, begun(anna.person_id, is_new_device=False))
        await watcher.begun(session, begun(anna.person_id, device_name=None, client_id="gone"))
    watcher.signed_in(anna.person_id)
    told = {"signed_in_at": NOW.isoformat(), "zone": "Europe/Moscow"}
    app = next(one.shown_name for one in IdentitySettings().apps if one.client_id == "ios")
    assert await phones.inbox(anna.person_id) == [
        (MessageKind.SIGN_IN_FROM_NEW_DEVICE, {"device": f"Телефон Анны, {app}", **told}),
        (MessageKind.SIGN_IN_FROM_NEW_DEVICE, {"device": "gone", **told}),
    ]
    assert list((await phones.waiting()).values()) == [device, device]
    assert phones.told == [anna.person_id]


async def test_use_is_noted_to_the_hour(phones: Phones, watcher: DeviceWatcher) -> None:
    anna = await phones.add()
    device = await phones.register(anna)
    found = []
    for minutes in (59, 60, 61):
        async with phones.database.transaction() as session:
            at = NOW + timedelta(minutes=minutes)
            await watcher.went_on(session, anna.person_id, anna.session_id, at)
        found.append((await phones.rows())[device].last_seen_at - NOW)
    assert found == [timedelta(0), timedelta(hours=1), timedelta(hours=1)]


async def test_the_idle_are_retired_and_the_retired_forgotten(phones: Phones) -> None:
    anna, boris = await phones.add(), await phones.add()
    hers, his = await phones.register(anna, "t:1"), await phones.register(boris, "t:2")
    async with phones.database.transaction() as session:
        await touch_device(session, boris.person_id, boris.session_id, now=NOW + timedelta(days=1))
    idle_at = NOW + IDLE_FOR
    async with phones.database.transaction() as session:
        assert await retire_idle(session, idle_at - timedelta(seconds=1)) == 0
        assert await retire_idle(session, idle_at) == 1
    assert await phones.reasons() == {hers: "idle", his: None}
    async with phones.database.transaction() as session:
        assert await retire_idle(session, idle_at + KEPT_FOR) == 2
    assert await phones.reasons() == {his: "idle"}


async def test_an_erasure_takes_the_devices(phones: Phones) -> None:
    anna, boris = await phones.add(), await phones.add()
    await phones.register(anna, "t:1")
    his = await phones.register(boris, "t:2")
    async with phones.database.transaction() as session:
        await erase_person(session, METADATA, anna.person_id, NOW)
    assert await phones.reasons() == {his: None}
