"""Any history at one machine, beside a model: two people, touches, time, leaving, handing over to either's phone."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from backend.clock import SettableClock
from backend.database import Database
from backend.settings import DatabaseSettings
from backend.sign_ins.queries import read_live
from identity.errors import SessionEnded
from identity.grants import Device, Grant
from identity.handover_codes import HandoverCodes
from identity.handovers import offer, take_over
from identity.opaque import digest, mint_for
from identity.principal import ActorKind, PersonId
from identity.sessions import Sessions
from identity.settings import IdentitySettings
from identity.tables import AuthorizationCode
from tests.factories.identity import APP_REDIRECT, NOW, Pkce, access_tokens
from tests.factories.people import make_principal
from tests.factories.sessions import add_account

MACHINE = Device(key="m" * 43, name="Поликлиника № 3")
IDLE, LONGEST, CODE = timedelta(minutes=3), timedelta(minutes=10), timedelta(minutes=5)
WAITS = [timedelta(seconds=1), timedelta(seconds=31), timedelta(minutes=2), timedelta(minutes=3), timedelta(minutes=5)]
Step = (
    tuple[Literal["stand", "touch", "leave", "hand over"], int]
    | tuple[Literal["take over"], int, int]
    | tuple[Literal["wait"], timedelta]
)
STEPS = st.one_of(
    st.tuples(st.sampled_from(["stand", "touch", "leave", "hand over"]), st.integers(0, 1)),
    st.tuples(st.just("take over"), st.integers(0, 1), st.integers(0, 1)),
    st.tuples(st.just("wait"), st.sampled_from(WAITS)),
)


@dataclass
class Visit:
    """What a model knows of one session at the machine."""

    person: int
    grant: Grant
    refresh_token: str
    begun: datetime
    touched: datetime
    is_over: bool = False
    code: str | None = None
    code_ends: datetime = NOW

    def is_live(self, now: datetime) -> bool:
        return not self.is_over and now < min(self.touched + IDLE, self.begun + LONGEST)


@dataclass
class Hall:
    """The machine over one database, and everybody who ever stood there."""

    database: Database
    clock: SettableClock = field(default_factory=lambda: SettableClock(NOW))
    codes: HandoverCodes = field(default_factory=lambda: HandoverCodes(b"k" * 32))
    people: list[PersonId] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    sessions: Sessions = field(init=False)

    def __post_init__(self) -> None:
        """Build the sessions."""
        identity = IdentitySettings()
        self.tokens = access_tokens(identity, self.clock)
        self.sessions = Sessions(
            transaction=self.database.transaction, tokens=self.tokens, clock=self.clock, settings=identity.tokens
        )

    def last(self, person: int) -> Visit | None:
        return next((one for one in reversed(self.visits) if one.person == person), None)

    async def stand(self, person: int) -> None:
        """Sign in at the machine: whoever was there is out."""
        code, pkce, now = mint_for(self.people[person]), Pkce(), self.clock()
        row = AuthorizationCode(
            person_id=self.people[person],
            code_hash=digest(code),
            client_id="kiosk",
            redirect_uri=APP_REDIRECT,
            code_challenge=pkce.challenge,
            authenticated_at=now,
            expires_at=now + timedelta(seconds=60),
            key_thumbprint=MACHINE.key,
            kind=ActorKind.KIOSK,
        )
        async with self.database.transaction() as session:
            session.add(row)
        grant = await self.sessions.redeem_code(
            client_id="kiosk", code=code, redirect_uri=APP_REDIRECT, verifier=pkce.verifier, device=MACHINE
        )
        assert grant.refresh_token is not None
        for one in self.visits:
            one.is_over = True
        self.visits.append(Visit(person, grant, grant.refresh_token, now, now))

    async def touch(self, visit: Visit) -> None:
        """Refresh; a session that is over stays over."""
        shown = self.sessions.refresh(client_id="kiosk", refresh_token=visit.refresh_token, key=MACHINE.key)
        if not visit.is_live(self.clock()):
            with pytest.raises(SessionEnded):
                await shown
            return
        grant = await shown
        assert (grant.person_id, grant.session_id) == (visit.grant.person_id, visit.grant.session_id)
        assert grant.refresh_token is not None
        ends = min(self.clock() + IDLE, visit.begun + LONGEST)
        assert self.tokens.verify(grant.access_token).expires_at <= ends
        visit.refresh_token, visit.touched = grant.refresh_token, self.clock()

    async def hand_over(self, visit: Visit) -> None:
        if not visit.is_live(self.clock()):
            return  # such a request does not get past admission
        actor = make_principal(visit.grant.person_id, kind=ActorKind.KIOSK)
        actor = replace(actor, session_id=visit.grant.session_id)
        code = self.codes.make(visit.grant.session_id, uuid7())
        async with self.database.transaction() as session:
            hashed = self.codes.hash(actor.person_id, code)
            ends = await offer(
                session, actor.person_id, actor.session_id, code_hash=hashed, subject_id=None, now=self.clock()
            )
        assert ends == self.clock() + CODE
        visit.code, visit.code_ends = code, ends

    async def take_over(self, phone: int, visit: Visit) -> None:
        if visit.code is None:
            return
        is_good = phone == visit.person and self.clock() < visit.code_ends
        person_id = self.people[phone]
        async with self.database.transaction() as session:
            taken = await take_over(session, person_id, self.codes.hash(person_id, visit.code), now=self.clock())
        assert (taken is not None) is is_good
        if taken is not None:
            assert taken.session_id == visit.grant.session_id
            visit.is_over, visit.code = True, None

    async def check(self) -> None:
        """Compare everybody who ever stood there with what every worker would be told."""
        keys = [(one.grant.person_id, one.grant.session_id) for one in self.visits]
        told, now = await read_live(self.database.read, keys), self.clock()
        found = [now < told[key] if key in told else False for key in keys]
        assert found == [one.is_live(now) for one in self.visits]
        assert sum(found) <= 1


async def live(hall: Hall, steps: list[Step]) -> None:
    """Do the steps on both sides and compare after each."""
    hall.people = [await add_account(hall.database, now=NOW) for _ in range(2)]
    for step in steps:
        if step[0] == "wait":
            hall.clock.advance(step[1])
        elif step[0] == "stand":
            await hall.stand(step[1])
        elif (visit := hall.last(step[-1])) is not None:
            if step[0] == "touch":
                await hall.touch(visit)
            elif step[0] == "leave":
                await hall.sessions.end(visit.grant.person_id, visit.grant.session_id)
                visit.is_over = True
            elif step[0] == "hand over":
                await hall.hand_over(visit)
            else:
                await hall.take_over(step[1], visit)
        await hall.check()


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=14))
def test_nobody_ever_acts_in_another_s_session_nor_longer_than_it_lasts(
    database_settings: DatabaseSettings, steps: list[Step]
) -> None:
    async def run() -> None:
        database = Database(database_settings)
        try:
            await live(Hall(database), steps)
        finally:
            await database.close()

    asyncio.run(run())
