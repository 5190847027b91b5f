"""The hub under any order of joining, leaving, changes, slowness, expiry and failure."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

import orjson
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from graphql_schema.events import Event, Watch
from graphql_schema.hub import access_scope
from tests.graphql_schema.endpoint import NOW
from tests.graphql_schema.hub_house import House, caller_of

PEOPLE = st.integers(0, 2)


@dataclass
class Watcher:
    """What a test knows of one; a slow one takes events only when told."""

    person: int
    expires_in: int
    joined_at_state: int
    watch: Watch
    reader: asyncio.Task[None] | None = None
    seen: list[Event] = field(default_factory=list)
    ended: bool = False

    async def read(self) -> None:
        """Take everything until the end."""
        async for event in self.watch:
            self.seen.append(event)
        self.ended = True

    @property
    def states(self) -> list[int]:
        """The states it was shown."""
        return [orjson.loads(event.payload)["data"]["state"] for event in self.seen if event.refusal is None]


class Histories(RuleBasedStateMachine):
    """Every rule ends at rest: whoever reads has taken what there is."""

    def __init__(self) -> None:
        """Begin with nobody."""
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.house = House(recheck_seconds=60)
        self.watchers: list[Watcher] = []
        self.seconds = 0

    def settle(self) -> None:
        """Let everything that can run run."""
        for _ in range(12):
            self.loop.run_until_complete(_turn())

    @rule(person=PEOPLE, lives=st.integers(1, 100), slow=st.booleans(), together=st.integers(1, 3))
    def join(self, person: int, lives: int, slow: bool, together: int) -> None:
        """Some devices of one person come at once."""

        async def begin() -> None:
            for _ in range(together):
                end = self.seconds + lives
                watch = self.house.watch(caller_of(person, expires_at=NOW + timedelta(seconds=end)))
                watcher = Watcher(person, end if person else 10**9, self._state(person), watch)
                if not slow:
                    watcher.reader = asyncio.create_task(watcher.read())
                self.watchers.append(watcher)

        self.loop.run_until_complete(begin())
        self.settle()

    @rule(person=PEOPLE, times=st.integers(1, 5))
    def change(self, person: int, times: int) -> None:
        """Something happens to a person."""
        for _ in range(times):
            self.house.change(caller_of(person))
        self.settle()

    @rule(which=st.integers(0, 30))
    def leave(self, which: int) -> None:
        """One goes."""
        if self.watchers:
            watcher = self.watchers.pop(which % len(self.watchers))
            self._dismiss(watcher)
            self.settle()

    @rule(which=st.integers(0, 30))
    def take_at_last(self, which: int) -> None:
        """A slow one takes what waits: the present state, or nothing after its end."""
        slow = [watcher for watcher in self.watchers if watcher.reader is None]
        if not slow:
            return
        watcher = slow[which % len(slow)]
        watcher.reader = self.loop.create_task(watcher.read())
        self.settle()
        assert len(watcher.seen) <= 1
        if self.seconds >= watcher.expires_in:
            assert watcher.seen == []
        elif not watcher.ended:
            assert watcher.states == [self._state(watcher.person)]

    @rule(seconds=st.integers(1, 50))
    def wait(self, seconds: int) -> None:
        """Time passes, and the hub looks at the tokens."""
        self.seconds += seconds
        self.house.clock.set(NOW + timedelta(seconds=self.seconds))
        self.loop.run_until_complete(self._look_at_tokens())
        self.settle()

    @rule(person=PEOPLE)
    def fail(self, person: int) -> None:
        """The source of a person fails at its next event; later ones work."""
        self.house.source.failure = RuntimeError("a secret")
        self.house.change(caller_of(person))
        self.settle()
        self.house.source.failure = None
        for watcher in self.watchers:
            if watcher.person == person and watcher.reader is not None:
                assert watcher.ended

    @invariant()
    def everybody_sees_the_present_state_of_their_own_and_nothing_after_the_end(self) -> None:
        """Ended watchers were ended for a reason, and hold no place."""
        for watcher in self.watchers:
            scope = str(access_scope(caller_of(watcher.person).principal))
            for event in watcher.seen:
                assert event.refusal is not None or orjson.loads(event.payload)["data"]["scope"] == scope
            assert watcher.states == sorted(set(watcher.states))
            assert all(state >= watcher.joined_at_state for state in watcher.states)
            expired = self.seconds >= watcher.expires_in
            failed = any(event.refusal is not None for event in watcher.seen)
            if watcher.reader is None:
                continue
            assert watcher.ended == (expired or failed)
            if not watcher.ended:
                assert watcher.states[-1] == self._state(watcher.person)

    @invariant()
    def each_group_has_one_source_and_at_least_one_watcher(self) -> None:
        """Nothing is left open for nobody."""
        hub = self.house.hub
        assert self.house.source.open_now == hub.group_count() <= 3
        assert hub.watcher_count() >= hub.group_count()
        assert hub.watcher_count() <= len(self.watchers)

    def teardown(self) -> None:
        """Everybody goes: nothing is left."""
        for watcher in self.watchers:
            self._dismiss(watcher)
        self.settle()
        assert (self.house.hub.watcher_count(), self.house.source.open_now) == (0, 0)
        self.loop.close()

    async def _look_at_tokens(self) -> None:
        self.house.hub._end_expired()

    def _dismiss(self, watcher: Watcher) -> None:
        self.loop.run_until_complete(watcher.watch.aclose())
        if watcher.reader is not None:
            self.loop.run_until_complete(watcher.reader)

    def _state(self, person: int) -> int:
        return self.house.source.state[access_scope(caller_of(person).principal)]


async def _turn() -> None:
    """Do nothing for one turn of the loop."""


Histories.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestHistories = Histories.TestCase
