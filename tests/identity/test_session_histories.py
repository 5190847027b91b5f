"""Any history of one device's session, beside a model of it: rotate, retry, steal, rest, sign out (S27, S29, S30)."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.clock import SettableClock
from backend.database import Database
from backend.settings import DatabaseSettings
from identity.errors import SignInRefused
from identity.grants import Device, Grant
from identity.positions import AS_CITIZEN
from identity.principal import PersonId, SessionId
from identity.sessions import Sessions
from identity.settings import IdentitySettings
from tests.factories.identity import NOW, access_tokens
from tests.factories.sessions import add_account

KEY, OTHER_KEY = "k" * 43, "t" * 43
DEVICE = Device(key=KEY)
Step = tuple[Literal["show"], str | None, int] | tuple[Literal["wait"], timedelta] | tuple[Literal["sign out"]]
WAITS = [
    timedelta(seconds=1),
    timedelta(seconds=29),
    timedelta(seconds=30),
    timedelta(hours=1),
    timedelta(days=29),
    timedelta(days=30),
]
STEPS = st.one_of(
    st.tuples(st.just("show"), st.sampled_from([KEY, KEY, KEY, OTHER_KEY, None]), st.integers(0, 3)),
    st.tuples(st.just("wait"), st.sampled_from(WAITS)),
    st.just(("sign out",)),
)


@dataclass
class Model:
    """What must hold, in words of its own: tokens in their order, when each was used."""

    tokens: list[str]
    issued: list[datetime]
    used: dict[str, datetime] = field(default_factory=dict)
    is_over: bool = False

    def expect(self, number: int, key: str | None, now: datetime) -> str:
        """Return what showing a token leads to: a code, `next`, or the number of the token given again."""
        token = self.tokens[number]
        ends = min(self.issued[number] + timedelta(days=30), self.issued[0] + timedelta(days=180))
        if token in self.used:
            is_retry = key == KEY and now - self.used[token] < timedelta(seconds=30)
            if is_retry and not self.is_over and now < ends:
                return str(number + 1)
            self.is_over = True
            return "REFRESH_TOKEN_REUSED"
        if self.is_over or now >= ends:
            return "SESSION_ENDED"
        if key != KEY:
            return "DPOP_PROOF_INVALID"
        self.used[token] = now
        return "next"


@dataclass
class House:
    """Sessions over one database, by a clock of the test."""

    database: Database
    clock: SettableClock = field(default_factory=lambda: SettableClock(NOW))
    sessions: Sessions = field(init=False)

    def __post_init__(self) -> None:
        """Build the sessions."""
        identity = IdentitySettings()
        self.tokens = access_tokens(identity, self.clock)
        self.sessions = Sessions(
            transaction=self.database.transaction, tokens=self.tokens, clock=self.clock, settings=identity.tokens
        )

    async def begin(self) -> Grant:
        """Sign in a new person whose session is bound to `KEY`, and lasts as long as a bound one."""
        person_id = await add_account(self.database, now=self.clock())
        async with self.database.transaction() as session:
            family = self.sessions._new(person_id, "ios", self.clock(), DEVICE, AS_CITIZEN)
            return await self.sessions._open(session, family)

    async def show(self, token: str, key: str | None) -> Grant | str:
        """Return the grant, or the code of the refusal."""
        try:
            return await self.sessions.refresh(client_id="ios", refresh_token=token, key=key)
        except SignInRefused as refusal:
            return refusal.code


async def live(house: House, steps: list[Step]) -> None:
    """Do the steps on both sides and compare after each."""
    house.clock.set(NOW)
    grant = await house.begin()
    person_id, session_id = PersonId(grant.person_id), SessionId(grant.session_id)
    assert grant.refresh_token is not None
    model = Model([grant.refresh_token], [NOW])
    for step in steps:
        now = house.clock()
        if step[0] == "wait":
            house.clock.advance(step[1])
        elif step[0] == "sign out":
            await house.sessions.end(person_id, session_id)
            model.is_over = True
        else:
            number = max(0, len(model.tokens) - 1 - step[2])
            expected = model.expect(number, step[1], now)
            outcome = await house.show(model.tokens[number], step[1])
            if isinstance(outcome, str):
                assert outcome == expected
                continue
            assert (outcome.person_id, outcome.session_id) == (person_id, session_id)
            assert house.tokens.verify(outcome.access_token).key_thumbprint == KEY
            if expected == "next":
                assert outcome.refresh_token is not None
                assert outcome.refresh_token not in model.tokens
                model.tokens.append(outcome.refresh_token)
                model.issued.append(now)
            else:
                assert outcome.refresh_token == model.tokens[int(expected)]
        is_live = await house.sessions.is_live(person_id, session_id)
        assert is_live == (not model.is_over and house.clock() < NOW + timedelta(days=180))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=14))
def test_every_history_of_a_session_is_the_model_s(database_settings: DatabaseSettings, steps: list[Step]) -> None:
    async def run() -> None:
        database = Database(database_settings)
        try:
            await live(House(database), steps)
        finally:
            await database.close()

    asyncio.run(run())
