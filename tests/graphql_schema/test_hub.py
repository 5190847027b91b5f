"""One source, one execution and one payload for all who watch the same through the same rights."""

import asyncio
from dataclasses import fields, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphql_schema.hub import NOT_OF_ACCESS, access_scope
from identity.principal import ActorKind, Assurance, PersonId, Principal, SessionId
from tests.graphql_schema.endpoint import NOW
from tests.graphql_schema.hub_house import House, caller_of, renewed, rest, see

ANNA, BORIS = caller_of(1), caller_of(2)

people = st.builds(
    Principal,
    kind=st.sampled_from(ActorKind),
    person_id=st.uuids().map(PersonId),
    assurance=st.sampled_from(Assurance),
    session_id=st.uuids().map(SessionId),
    expires_at=st.just(NOW + timedelta(minutes=10)),
)


async def test_a_thousand_watchers_cost_one_computation_and_one_payload() -> None:
    house = House()
    watches = [house.watch(ANNA) for _ in range(1_000)]
    assert [await see(watch) for watch in watches] == [0] * 1_000
    assert (house.source.opened.total(), house.source.computed.total()) == (1, 1)
    for _ in range(3):
        house.change(ANNA)
        events = [await anext(watch) for watch in watches]
        assert len({id(event.payload) for event in events}) == 1
        assert len({id(event.text) for event in events}) == 1
        assert len({id(event.chunk) for event in events}) == 1
    assert house.source.computed.total() == 4


@given(one=people, two=people)
def test_the_scope_is_all_of_a_principal_but_its_session_and_its_end(one: Principal, two: Principal) -> None:
    like_two = replace(one, session_id=two.session_id, expires_at=two.expires_at)
    assert (access_scope(one) == access_scope(two)) == (like_two == two)
    assert access_scope(one) == access_scope(like_two)
    assert access_scope(one) != access_scope(None)


def test_what_is_left_out_of_the_scope_is_an_attribute_of_a_principal() -> None:
    assert (
        {field.name for field in fields(Principal)} >= NOT_OF_ACCESS == {"session_id", "expires_at", "key_thumbprint"}
    )


async def test_person_kind_assurance_language_variables_and_operation_each_separate() -> None:
    house = House()
    assert ANNA.principal is not None
    others = [
        BORIS,
        caller_of(0),
        caller_of(1, language="en"),
        replace(ANNA, principal=replace(ANNA.principal, kind=ActorKind.OPERATOR)),
        replace(ANNA, principal=replace(ANNA.principal, assurance=Assurance.STANDARD)),
    ]
    watches = [house.watch(ANNA), *(house.watch(caller) for caller in others), house.watch(ANNA, first=1)]
    payloads = [(await anext(watch)).payload for watch in watches]
    assert len(set(payloads)) == len(payloads) == house.hub.group_count()


async def test_another_sign_in_and_another_order_of_variables_share() -> None:
    house = House()
    assert ANNA.principal is not None
    other = replace(ANNA, principal=replace(ANNA.principal, session_id=SessionId(BORIS.principal.person_id)))  # type: ignore[union-attr] # signed in
    watches = [house.watch(ANNA, a=1, b=2), house.watch(other, b=2, a=1)]
    assert [await see(watch) for watch in watches] == [0, 0]
    assert house.hub.group_count() == 1


async def test_what_is_shared_names_nobodys_request() -> None:
    house = House()
    await see(house.watch(ANNA))
    (caller,) = house.source.callers
    assert (caller.address, caller.trace_id == ANNA.trace_id, len(caller.trace_id)) == ("", False, 32)


async def test_a_newcomer_sees_a_state_read_after_it_came_and_others_only_what_is_new() -> None:
    house = House()
    first = house.watch(ANNA)
    assert await see(first) == 0
    house.source.wakes.clear()  # the wake-up of the next change is still under way
    house.change(ANNA)
    second = house.watch(ANNA)
    assert await see(second) == 1
    assert await see(first) == 1
    third = house.watch(ANNA)
    assert await see(third) == 1
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(anext(first), 0.02)
    assert house.source.open_now == 1


async def test_those_who_come_while_a_source_is_opened_share_the_next_one() -> None:
    house = House()
    house.source.gate = asyncio.Event()
    first = asyncio.ensure_future(see(house.watch(ANNA)))
    await asyncio.wait({first}, timeout=0.02)
    house.change(ANNA)
    crowd = [asyncio.ensure_future(see(house.watch(ANNA))) for _ in range(100)]
    await asyncio.wait(crowd, timeout=0.02)
    house.source.gate.set()
    assert await asyncio.gather(*crowd) == [1] * 100
    assert (await first, house.source.opened.total()) == (1, 2)  # the older state was replaced before it was taken


async def test_a_slow_watcher_finds_the_latest_state_only() -> None:
    house = House()
    fast, slow = house.watch(ANNA), house.watch(ANNA)
    assert (await see(fast), await see(slow)) == (0, 0)
    for expected in range(1, 50):
        house.change(ANNA)
        assert await see(fast) == expected
    assert await see(slow) == 49
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(anext(slow), 0.02)


async def test_an_expired_watcher_gets_nothing_more_and_is_ended_while_the_others_go_on() -> None:
    """S18."""
    house = House()
    brief = house.watch(ANNA)
    long = house.watch(renewed(ANNA, NOW + timedelta(hours=1)))
    assert (await see(brief), await see(long)) == (0, 0)
    house.clock.set(NOW + timedelta(minutes=10))
    house.change(ANNA)
    assert await rest(brief) == []
    assert brief.was_cut
    assert await see(long) == 1
    house.change(ANNA)
    assert await see(long) == 2


async def test_a_quiet_watcher_is_ended_too_when_its_token_runs_out() -> None:
    """S18."""
    house = House()
    watch = house.watch(ANNA)
    await see(watch)
    waiting = asyncio.ensure_future(rest(watch))
    house.clock.set(NOW + timedelta(minutes=10))
    assert await waiting == []
    assert (watch.was_cut, house.hub.watcher_count(), house.hub.group_count()) == (True, 0, 0)


async def test_who_comes_with_an_expired_token_gets_nothing_and_opens_nothing() -> None:
    house = House()
    watch = house.watch(caller_of(1, expires_at=NOW))
    assert await rest(watch) == []
    assert (watch.was_cut, house.source.opened.total()) == (True, 0)


async def test_a_refused_opening_reaches_everybody_who_came_for_it() -> None:
    house = House()
    house.source.withdrawn = True
    watches = [house.watch(ANNA), house.watch(ANNA)]
    for watch in watches:
        (event,) = await rest(watch)
        assert (event.errors, watch.was_cut) == (b'["ACCESS_REFUSED"]', False)
    assert (house.hub.group_count(), house.source.open_now) == (0, 0)


async def test_a_withdrawn_right_ends_the_group_at_the_next_event() -> None:
    """S39."""
    house = House()
    watches = [house.watch(ANNA), house.watch(ANNA)]
    for watch in watches:
        await see(watch)
    house.source.withdrawn = True
    house.change(ANNA)
    for watch in watches:
        (event,) = await rest(watch)
        assert event.refusal is not None
    assert (house.hub.group_count(), house.source.open_now) == (0, 0)


async def test_a_bug_of_the_source_is_masked_for_everybody_and_the_next_one_starts_anew() -> None:
    house = House()
    watches = [house.watch(ANNA), house.watch(ANNA)]
    for watch in watches:
        await see(watch)
    house.source.failure = RuntimeError("a secret")
    house.change(ANNA)
    for watch in watches:
        (event,) = await rest(watch)
        assert event.errors == b'["INTERNAL_ERROR"]'
    house.source.failure = None
    assert await see(house.watch(ANNA)) == 1


async def test_an_opening_that_fails_hurts_only_those_who_came_for_it() -> None:
    house = House()
    first = house.watch(ANNA)
    await see(first)
    house.source.failure = RuntimeError("a secret")
    (event,) = await rest(house.watch(ANNA))
    assert event.errors == b'["INTERNAL_ERROR"]'
    house.source.failure = None
    house.change(ANNA)
    assert await see(first) == 1


async def test_a_first_event_that_does_not_come_is_refused_in_time() -> None:
    house = House(deadline_seconds=0.02)
    house.source.gate = asyncio.Event()
    (event,) = await rest(house.watch(ANNA))
    assert event.errors == b'["DEADLINE_EXCEEDED"]'
    assert (house.hub.group_count(), house.source.open_now) == (0, 0)


async def test_the_last_one_closes_the_source_and_one_who_is_cancelled_hurts_nobody() -> None:
    house = House()
    first, second = house.watch(ANNA), house.watch(ANNA)
    await see(first)
    reading = asyncio.ensure_future(see(second))
    assert await reading == 0
    reading = asyncio.ensure_future(see(second))
    await asyncio.wait({reading}, timeout=0.02)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    await second.aclose()
    house.change(ANNA)
    assert await see(first) == 1
    await first.aclose()
    await asyncio.wait({asyncio.ensure_future(rest(first))}, timeout=0.02)
    assert (house.hub.watcher_count(), house.hub.group_count(), house.source.open_now) == (0, 0, 0)


async def test_who_leaves_before_the_source_is_open_closes_it() -> None:
    house = House()
    house.source.gate = asyncio.Event()
    watch = house.watch(ANNA)
    await asyncio.wait({asyncio.ensure_future(rest(watch))}, timeout=0.02)
    assert house.source.open_now == 1
    await watch.aclose()
    await asyncio.wait({asyncio.ensure_future(rest(watch))}, timeout=0.02)
    assert (house.hub.group_count(), house.source.open_now) == (0, 0)
