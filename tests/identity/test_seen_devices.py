"""What the house hears of sessions, in their own transactions; and which devices are new to a person."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.database import Database
from identity.errors import RefreshTokenReused
from identity.grants import Device, Grant
from identity.ports import BegunSession
from identity.principal import PersonId, SessionId
from identity.seen_tables import SeenDeviceRow
from identity.sessions import Sessions
from tests.factories.identity import APP_REDIRECT, House, Pkce

FIRST, SECOND = Device("a" * 43, "Телефон"), Device("b" * 43)


@dataclass
class Heard:
    """Implements `identity.ports.SessionWatcher`: remembers; `failing` makes the transaction fail."""

    begins: list[BegunSession] = field(default_factory=list)
    used: list[tuple[SessionId, datetime]] = field(default_factory=list)
    ends: list[PersonId] = field(default_factory=list)
    signed: list[PersonId] = field(default_factory=list)
    failing: bool = False

    async def begun(self, session: AsyncSession, begun: BegunSession) -> None:
        assert session.in_transaction()
        if self.failing:
            raise RuntimeError
        self.begins.append(begun)

    async def went_on(self, session: AsyncSession, _person_id: PersonId, session_id: SessionId, now: datetime) -> None:
        assert session.in_transaction()
        self.used.append((session_id, now))

    async def ended(self, session: AsyncSession, person_id: PersonId, _now: datetime) -> None:
        assert session.in_transaction()
        self.ends.append(person_id)

    def signed_in(self, person_id: PersonId) -> None:
        self.signed.append(person_id)


@dataclass
class Door:
    """Sessions that somebody watches."""

    house: House
    heard: Heard = field(default_factory=Heard)

    @property
    def sessions(self) -> Sessions:
        return Sessions(
            transaction=self.house.database.transaction,
            tokens=self.house.tokens,
            clock=self.house.clock,
            settings=self.house.settings.tokens,
            watcher=self.heard,
        )

    async def sign_in(self, device: Device) -> Grant:
        pkce = Pkce()
        code = await self.house.code_for(pkce)
        return await self.sessions.redeem_code(
            client_id="ios", code=code, redirect_uri=APP_REDIRECT, verifier=pkce.verifier, device=device
        )

    async def refresh(self, grant: Grant, device: Device) -> Grant:
        assert grant.refresh_token is not None
        return await self.sessions.refresh(client_id="ios", refresh_token=grant.refresh_token, key=device.key)


@pytest.fixture
def door(house: House) -> Door:
    return Door(house)


async def seen(database: Database) -> set[str]:
    async with database.reading() as session:
        return {row.key_thumbprint for row in await session.exec(select(SeenDeviceRow))}


async def test_only_a_device_beside_others_is_new(door: Door) -> None:
    for device in (FIRST, FIRST, SECOND, Device(), Device(), FIRST):
        await door.sign_in(device)
    assert [one.is_new_device for one in door.heard.begins] == [False, False, True, True, False, False]
    assert await seen(door.house.database) == {"a" * 43, "b" * 43, ""}


async def test_what_is_told_of_a_sign_in(door: Door) -> None:
    grant = await door.sign_in(FIRST)
    assert door.heard.begins == [
        BegunSession(
            person_id=grant.person_id,
            session_id=grant.session_id,
            client_id="ios",
            device_name="Телефон",
            is_new_device=False,
            at=door.house.clock(),
        )
    ]
    assert door.heard.signed == [grant.person_id]


async def test_a_device_is_remembered_longer_than_its_sessions(door: Door) -> None:
    grant = await door.sign_in(FIRST)
    await door.sign_in(SECOND)
    await door.sessions.end(grant.person_id, grant.session_id)
    door.house.clock.advance(timedelta(days=400))
    await door.sign_in(FIRST)
    assert [one.is_new_device for one in door.heard.begins] == [False, True, False]


async def test_a_session_that_is_bound_later_makes_no_new_device(door: Door) -> None:
    grant = await door.sign_in(Device())
    await door.refresh(grant, FIRST)
    await door.sign_in(FIRST)
    assert [one.is_new_device for one in door.heard.begins] == [False, False]


async def test_a_sign_in_and_what_is_made_of_it_are_one(door: Door) -> None:
    door.heard.failing = True
    with pytest.raises(RuntimeError):
        await door.sign_in(FIRST)
    assert await seen(door.house.database) == set()
    assert door.heard.signed == []


async def test_use_is_told_once_an_hour(door: Door) -> None:
    door.house.clock.set(door.house.clock().replace(minute=0, second=0, microsecond=0))
    began, grant = door.house.clock(), await door.sign_in(FIRST)
    for _ in range(7):
        door.house.clock.advance(timedelta(minutes=20))
        grant = await door.refresh(grant, FIRST)
    hours = [began + timedelta(hours=number) for number in (1, 2)]
    assert door.heard.used == [(grant.session_id, hour) for hour in hours]


async def test_each_way_out_is_told(door: Door) -> None:
    """A sign-in with a key ends what that key had; where it had nothing, the word does no harm."""
    person_id = (await door.sign_in(FIRST)).person_id
    await door.sign_in(FIRST)  # in the place of the first
    second = await door.sign_in(SECOND)
    assert door.heard.ends == [person_id] * 3
    assert second.refresh_token is not None
    await door.sessions.revoke(client_id="ios", token=second.refresh_token)
    assert door.heard.ends == [person_id] * 4
    third = await door.sign_in(Device())
    assert door.heard.ends == [person_id] * 4  # no key, nothing to end
    await door.refresh(third, SECOND)
    door.house.clock.advance(timedelta(minutes=1))
    with pytest.raises(RefreshTokenReused):
        await door.refresh(third, SECOND)
    assert door.heard.ends == [person_id] * 5
    await door.sessions.end(person_id, third.session_id)  # over already
    assert door.heard.ends == [person_id] * 5
