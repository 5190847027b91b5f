"""Whether a session stands: how often it is asked, and what happens when it cannot be (S18, S30)."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.clock import SettableClock
from backend.database import Database
from backend.sign_ins.queries import read_live
from identity.errors import SessionCheckUnavailable, TokenRefused
from identity.live_sessions import MOST_AT_ONCE, SHARDS, LiveSessions, SessionEnd, SessionKey, key_of, shard_of
from identity.principal import PersonId, Principal, SessionId
from identity.queries import end_sessions
from tests.factories.people import make_principal
from tests.factories.sessions import add_account, add_session

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


class Away(Exception):
    """The database does not answer."""


def key(number: int) -> SessionKey:
    return PersonId(UUID(int=number)), SessionId(UUID(int=number))


@dataclass
class Asked:
    """Sessions in memory, and how often they were asked about."""

    clock: SettableClock = field(default_factory=lambda: SettableClock(NOW))
    ended: set[SessionKey] = field(default_factory=set)
    calls: list[list[SessionKey]] = field(default_factory=list)
    is_away: bool = False
    lasts: timedelta = timedelta(hours=12)
    gate: asyncio.Event | None = None
    asking: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    """Released by each question."""
    live: LiveSessions = field(init=False)

    def __post_init__(self) -> None:
        """Ask about these."""
        self.live = LiveSessions(self.read, clock=self.clock, unavailable=(Away,))

    async def read(self, keys: Collection[SessionKey]) -> Mapping[SessionKey, datetime]:
        """Answer as a database does: what was true when it was asked."""
        self.calls.append(list(keys))
        self.asking.release()
        found = {one: NOW + self.lasts for one in keys if one not in self.ended}
        if self.gate is not None:
            await self.gate.wait()
        if self.is_away:
            raise Away
        return found

    def wait(self, seconds: float) -> None:
        self.clock.advance(timedelta(seconds=seconds))


async def test_one_question_in_five_seconds_however_often_it_is_used() -> None:
    asked = Asked()
    for _ in range(3):
        await asyncio.gather(*(asked.live.require(key(1)) for _ in range(100)))
    assert asked.calls == [[key(1)]]
    asked.wait(4.9)
    assert asked.live.is_known_live(key(1))
    asked.wait(0.1)
    assert not asked.live.is_known_live(key(1))
    await asked.live.require(key(1))
    assert len(asked.calls) == 2


async def test_those_who_ask_at_the_same_time_share_one_statement() -> None:
    asked = Asked()
    await asyncio.gather(*(asked.live.require(key(number)) for number in range(MOST_AT_ONCE + 1)))
    assert [len(call) for call in asked.calls] == [MOST_AT_ONCE, 1]


async def test_an_ended_session_is_refused_within_five_seconds_without_any_word_s30() -> None:
    asked = Asked()
    await asked.live.require(key(1))
    asked.ended.add(key(1))
    asked.wait(4.9)
    await asked.live.require(key(1))
    asked.wait(0.1)
    with pytest.raises(TokenRefused):
        await asked.live.require(key(1))
    with pytest.raises(TokenRefused):  # and nobody is asked again: an end is never taken back
        await asked.live.require(key(1))
    assert len(asked.calls) == 2


async def test_word_of_an_end_is_heard_at_once_and_by_its_part_alone_s30() -> None:
    asked = Asked()
    await asked.live.require(key(1))
    await asked.live.require(key(2))
    asked.ended.add(key(1))
    asked.live.doubt(shard_of(key(1)[0]))
    with pytest.raises(TokenRefused):
        await asked.live.require(key(1))
    await asked.live.require(key(2))
    assert asked.calls == [[key(1)], [key(2)], [key(1)]]


async def test_word_that_arrives_during_a_question_asks_another_one() -> None:
    gate = asyncio.Event()
    asked = Asked(gate=gate)
    early = asyncio.create_task(asked.live.require(key(1)))
    await asked.asking.acquire()
    asked.ended.add(key(1))
    asked.live.doubt(shard_of(key(1)[0]))
    late = asyncio.create_task(asked.live.require(key(1)))
    await asked.asking.acquire()
    gate.set()
    with pytest.raises(TokenRefused):
        await late
    await asyncio.gather(early, return_exceptions=True)
    with pytest.raises(TokenRefused):  # the earlier answer does not bring it back to life
        await asked.live.require(key(1))


async def test_a_session_that_cannot_be_asked_is_believed_ten_seconds_and_no_longer_s30() -> None:
    asked = Asked()
    await asked.live.require(key(1))
    asked.is_away = True
    asked.wait(9.9)
    await asked.live.require(key(1))
    asked.wait(0.1)
    with pytest.raises(SessionCheckUnavailable):
        await asked.live.require(key(1))
    with pytest.raises(SessionCheckUnavailable):  # one that was never asked about is not believed at all
        await asked.live.require(key(2))
    asked.is_away = False
    await asked.live.require(key(1))


async def test_a_bug_in_asking_lets_nobody_in() -> None:
    async def broken(_keys: Collection[SessionKey]) -> Mapping[SessionKey, datetime]:
        raise ZeroDivisionError

    with pytest.raises(SessionCheckUnavailable):
        await LiveSessions(broken, clock=SettableClock(NOW)).require(key(1))


async def test_a_session_ends_by_the_clock_after_one_question_s29() -> None:
    asked = Asked()
    await asked.live.require(key(1))
    asked.wait(12 * 3_600)
    for _ in range(3):
        with pytest.raises(TokenRefused):
            await asked.live.require(key(1))
    assert len(asked.calls) == 2


async def test_an_end_that_lay_ahead_may_have_been_moved_on() -> None:
    """A session at a kiosk lasts as it is touched: another worker may have heard of it."""
    asked = Asked(lasts=timedelta(minutes=3))
    await asked.live.require(key(1))
    asked.wait(179)
    asked.lasts = timedelta(minutes=6)
    asked.wait(2)
    await asked.live.require(key(1))
    asked.wait(178)
    asked.is_away = True
    asked.wait(1)
    with pytest.raises(TokenRefused):  # what cannot be asked is not believed beyond the end that was told
        await asked.live.require(key(1))


async def test_who_gives_up_waiting_disturbs_nobody() -> None:
    gate = asyncio.Event()
    asked = Asked(gate=gate)
    one, other = (asyncio.create_task(asked.live.require(key(1))) for _ in range(2))
    await asked.asking.acquire()
    one.cancel()
    gate.set()
    await other
    assert one.cancelled() or await asyncio.gather(one, return_exceptions=True)


async def test_memory_is_bounded_and_the_latest_used_stay() -> None:
    asked = Asked()
    live = LiveSessions(asked.read, clock=asked.clock, most=2)
    for number in (1, 2, 1, 3):
        await live.require(key(number))
    assert len(live) == 2
    assert [live.is_known_live(key(number)) for number in (1, 2, 3)] == [True, False, True]


def principal(number: int) -> Principal:
    actor = make_principal(key(number)[0])
    return Principal(actor.kind, key(number)[0], actor.assurance, key(number)[1], actor.expires_at)


async def test_long_connections_are_told_of_the_end_once_s18() -> None:
    asked, told = Asked(), list[tuple[int, SessionEnd]]()

    def follow(number: int) -> Callable[[], None]:
        return asked.live.follow(principal(number), lambda end: told.append((number, end)))

    leaves = [follow(number) for number in (1, 1, 2, 3)]
    await asked.live.recheck()
    assert told == []
    leaves[3]()
    leaves[3]()
    asked.ended |= {key(1), key(3)}
    await asked.live.recheck()
    await asked.live.recheck()
    assert sorted(told, key=str) == [(1, SessionEnd.ENDED), (1, SessionEnd.ENDED)]
    asked.is_away = True
    asked.wait(9.9)
    await asked.live.recheck()
    assert len(told) == 2
    asked.wait(0.1)
    await asked.live.recheck()
    assert told[2:] == [(2, SessionEnd.UNKNOWN)]
    for leave in leaves:
        leave()


async def test_long_connections_last_as_a_kiosk_is_touched_and_no_longer() -> None:
    asked, told = Asked(lasts=timedelta(minutes=3)), list[SessionEnd]()
    asked.live.follow(principal(1), told.append)
    await asked.live.recheck()
    asked.wait(179)
    asked.lasts = timedelta(minutes=6)
    asked.wait(2)
    await asked.live.recheck()
    assert told == []
    asked.wait(179)
    await asked.live.recheck()
    assert told == [SessionEnd.ENDED]


async def test_long_connections_hear_word_at_once_s18() -> None:
    asked, heard = Asked(), asyncio.Event()
    asked.live.follow(principal(1), lambda _end: heard.set())
    asked.ended.add(key(1))
    asked.live.doubt(shard_of(key(1)[0]))
    await asyncio.wait_for(heard.wait(), 20)
    await asked.live.close()


async def test_the_database_is_asked_about_many_at_once_in_one_statement(database: Database) -> None:
    person_id, other = [await add_account(database, now=NOW) for _ in range(2)]
    stands, revoked = [await add_session(database, person_id, now=NOW) for _ in range(2)]
    foreign = await add_session(database, other, now=NOW)
    async with database.transaction() as session:
        assert await end_sessions(session, person_id, now=NOW, only=SessionId(revoked.id)) == 1
    asked = [(person_id, SessionId(one.id)) for one in (stands, revoked)]
    asked += [(other, SessionId(foreign.id)), (other, SessionId(stands.id))]
    found = await read_live(database.read, asked)
    assert {one: found.get(one) for one in asked} == {
        asked[0]: stands.expires_at,
        asked[1]: None,
        asked[2]: foreign.expires_at,
        asked[3]: None,
    }


@given(st.lists(st.one_of(st.floats(0.1, 6), st.sampled_from(["end", "word", "away", "back", "use"])), max_size=40))
def test_no_history_lets_a_session_live_ten_seconds_after_its_end_s30(steps: list[float | str]) -> None:
    async def live() -> None:
        asked, ended_at = Asked(), None
        for step in steps:
            if isinstance(step, float):
                asked.wait(step)
            elif step == "end":
                ended_at = ended_at or asked.clock()
                asked.ended.add(key(1))
            elif step == "word":
                asked.live.doubt(shard_of(key(1)[0]))
            elif step in {"away", "back"}:
                asked.is_away = step == "away"
            else:
                try:
                    await asked.live.require(key(1))
                except (TokenRefused, SessionCheckUnavailable):
                    assert ended_at is not None or asked.is_away
                else:
                    assert ended_at is None or asked.clock() - ended_at < timedelta(seconds=10)

    asyncio.run(live())


def test_people_are_spread_over_the_parts() -> None:
    assert {shard_of(PersonId(UUID(int=number))) for number in range(1_000)} == set(range(SHARDS))
    assert key_of(principal(7)) == key(7)
