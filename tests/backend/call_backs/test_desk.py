"""The operators' list: what it tells, who is next, what is kept for whom, and what comes of calling."""

from dataclasses import replace
from datetime import timedelta

import pytest
from uuid_utils.compat import uuid7

from backend.call_backs.change_queries import purge
from backend.call_backs.values import CallBackId, CallBackOutcome, CallBackState, Hours
from backend.idempotency import IdempotencyKeyReused
from identity.capacities import Capacity
from identity.errors import AccessRefused, NotSignedIn
from identity.principal import ActorKind, PersonId
from tests.factories.access import entries_of
from tests.factories.call_backs import PHONE, CallBackHouse, ended
from tests.factories.calls import ANNA, add_insured, make_operator, sums
from tests.factories.people import NOW, add_person, make_principal, snils_for

MINUTE = timedelta(minutes=1)
HANDLED = ("handle_call_backs", "allowed")
REACHED, NO_ANSWER = CallBackOutcome.REACHED, CallBackOutcome.NO_ANSWER
WRONG_NUMBER, NOT_NEEDED = CallBackOutcome.WRONG_NUMBER, CallBackOutcome.NOT_NEEDED


async def people(house: CallBackHouse, count: int) -> list[PersonId]:
    """Add people, each with a number of their own."""
    return [
        await add_person(house.database, snils=snils_for(112_240_000 + n), phone=f"+7910555{n:04}")
        for n in range(count)
    ]


async def test_taking_opens_a_call_and_tells_whom_to_call_and_the_person_sees_it(house: CallBackHouse) -> None:
    anna = await add_insured(house.database)
    asked = await house.ask(anna)
    taken = await house.take()
    assert (taken.taken.listed.id, taken.taken.listed.state) == (asked, CallBackState.TAKEN)
    assert (taken.taken.number, taken.taken.given_name) == (PHONE, "Анна")
    assert (taken.call.caller_number, taken.call.is_open, taken.call.caller_id) == (PHONE, True, None)
    assert taken.taken.kept_until == NOW + timedelta(minutes=15)
    (entry,) = await entries_of(house.database, anna)
    assert (entry.actor_id, entry.capacity) == (house.house.operator.person_id, Capacity.OPERATOR_DESK)
    assert sums([entry]) == [HANDLED]
    assert await house.desk.taken(house.house.operator) == taken


async def test_whoever_picks_up_is_verified_like_any_caller(house: CallBackHouse) -> None:
    anna = await add_insured(house.database)
    await house.ask(anna)
    call_id = (await house.take()).call.id
    assert await house.house.look(anna) == "ACCESS_REFUSED"
    assert await house.house.choose(call_id) == "CALLER_NOT_VERIFIED"
    assert await house.house.verify(call_id, replace(ANNA, birth_date=None)) == "done"
    assert await house.house.choose(call_id) == "done"
    assert await house.house.look(anna) == "done"


async def test_the_list_tells_nothing_of_anybody_and_leaves_no_look(house: CallBackHouse) -> None:
    anna = await add_person(house.database)
    await house.ask(anna)
    (listed,) = await house.listed()
    assert set(listed.__slots__) == {
        *("id", "state", "reason", "window", "attempts", "due_at", "requested_at", "is_held"),
    }
    assert str(anna) not in str(listed)
    assert await entries_of(house.database, anna) == []


async def test_whoever_has_been_due_longest_is_next_then_the_oldest(house: CallBackHouse) -> None:
    first, second, third, fourth = await people(house, 4)
    later = await house.ask(first, hours=Hours(hours_from=(NOW + timedelta(hours=4)).time()))  # ten in Moscow
    tie, oldest = await house.ask(second), await house.ask(third)
    house.clock.advance(MINUTE)
    newest = await house.ask(fourth)
    wanted = [tie, oldest, newest, later]
    assert [one.id for one in await house.listed()] == wanted
    assert [one.id for one in await house.listed(size=1)] == wanted
    for one in wanted[:3]:
        operator = make_operator()
        assert (await house.take(operator)).taken.listed.id == one
        assert await house.settle(one, REACHED, operator=operator) == "done"
    assert await ended(house.take()) == "NO_CALL_BACK_DUE"
    house.clock.advance(timedelta(hours=1))
    assert (await house.take()).taken.listed.id == later


async def test_two_operators_never_get_the_same_and_one_has_one_at_a_time(house: CallBackHouse) -> None:
    await house.ask((await people(house, 2))[0])
    other = make_operator()
    taken = await house.take()
    assert await ended(house.take(other)) == "NO_CALL_BACK_DUE"
    assert await ended(house.take()) == "CALL_BACK_UNSETTLED"
    assert await house.desk.taken(other) is None
    assert (await house.listed())[0].is_held
    await house.house.close(taken.call.id)
    assert await ended(house.take()) == "CALL_BACK_UNSETTLED"


async def test_nobody_is_taken_during_a_call(house: CallBackHouse) -> None:
    (anna,) = await people(house, 1)
    await house.ask(anna)
    call_id = await house.house.open()
    assert await ended(house.take()) == "CALL_ALREADY_OPEN"
    assert (await house.rows())[0].state is CallBackState.WAITING
    assert await entries_of(house.database, anna) == []
    await house.house.close(call_id)
    await house.take()


async def test_a_closed_browser_loses_nothing(house: CallBackHouse) -> None:
    (anna,) = await people(house, 1)
    asked, other = await house.ask(anna), make_operator()
    first = await house.take()
    house.clock.advance(timedelta(minutes=15) - MINUTE)
    assert await ended(house.take(other)) == "NO_CALL_BACK_DUE"
    house.clock.advance(MINUTE)
    assert await house.desk.taken(house.house.operator) is None
    second = await house.take(other)
    assert (second.taken.listed.id, second.taken.listed.attempts) == (asked, 0)
    assert second.call.id != first.call.id
    assert await house.settle(asked, NO_ANSWER) == "CALL_BACK_NOT_TAKEN"
    assert await house.settle(asked, REACHED, operator=other) == "done"


async def test_it_is_kept_as_long_as_the_call_is_used(house: CallBackHouse) -> None:
    anna = await add_insured(house.database)
    asked, other = await house.ask(anna), make_operator()
    call_id = (await house.take()).call.id
    await house.house.verify(call_id)
    await house.house.choose(call_id)
    for _ in range(3):
        house.clock.advance(timedelta(minutes=14))
        assert await house.house.look(anna) == "done"
        assert await ended(house.take(other)) == "NO_CALL_BACK_DUE"
    assert await house.settle(asked, REACHED) == "done"
    assert (await house.rows())[0].state is CallBackState.REACHED


async def test_a_lease_that_is_over_does_no_harm_while_nobody_else_has_it(house: CallBackHouse) -> None:
    (anna,) = await people(house, 1)
    asked = await house.ask(anna)
    await house.take()
    house.clock.advance(timedelta(minutes=20))
    assert await house.settle(asked, NO_ANSWER) == "done"
    assert await house.settle(asked, NO_ANSWER) == "CALL_BACK_NOT_TAKEN"


async def test_nobody_answers_three_times_and_is_told(house: CallBackHouse) -> None:
    (anna,) = await people(house, 1)
    asked = await house.ask(anna)
    for attempts, pause in ((1, timedelta(minutes=30)), (2, timedelta(hours=2))):
        await house.take()
        assert await house.settle(asked, NO_ANSWER) == "done"
        (row,) = await house.rows()
        assert (row.state, row.attempts, row.due_at) == (CallBackState.WAITING, attempts, house.clock() + pause)
        house.clock.advance(pause - MINUTE)
        assert await ended(house.take()) == "NO_CALL_BACK_DUE"
        house.clock.advance(MINUTE)
    assert await house.told(anna) == ["call_back_requested"]
    await house.take()
    assert await house.settle(asked, NO_ANSWER) == "done"
    (row,) = await house.rows()
    assert (row.state, row.attempts, row.ended_at) == (CallBackState.UNREACHED, 3, house.clock())
    assert await house.told(anna) == ["call_back_requested", "call_back_unreached"]
    assert house.published[-1] == anna
    assert await house.listed() == []
    await house.ask(anna)


async def test_there_is_no_further_call_beyond_the_window(house: CallBackHouse) -> None:
    (anna,) = await people(house, 1)
    asked = await house.ask(anna, hours=Hours(hours_until=(NOW + timedelta(hours=3, minutes=30)).time()))
    await house.take()
    assert await house.settle(asked, NO_ANSWER) == "done"
    (row,) = await house.rows()
    assert (row.state, row.attempts) == (CallBackState.UNREACHED, 1)
    assert (await house.told(anna))[-1] == "call_back_unreached"


@pytest.mark.parametrize(
    ("outcome", "state", "is_told", "is_open"),
    [
        (REACHED, CallBackState.REACHED, False, True),
        (WRONG_NUMBER, CallBackState.WRONG_NUMBER, True, False),
        (NOT_NEEDED, CallBackState.NOT_NEEDED, False, False),
    ],
)
async def test_every_other_outcome_is_final(
    house: CallBackHouse, outcome: CallBackOutcome, state: CallBackState, is_told: bool, is_open: bool
) -> None:
    (anna,) = await people(house, 1)
    asked = await house.ask(anna)
    taken = await house.take()
    assert await house.settle(asked, outcome) == "done"
    (row,) = await house.rows()
    assert (row.state, row.attempts, row.ended_at) == (state, 0, NOW)
    assert ("call_back_unreached" in await house.told(anna)) == is_told
    assert ((await house.house.calls.current(house.house.operator)) is not None) == is_open
    assert sums(await entries_of(house.database, anna)) == [HANDLED] * 2
    assert await house.settle(asked, REACHED) == "CALL_BACK_NOT_TAKEN"
    assert await house.desk.taken(house.house.operator) is None
    assert taken.call.is_open


async def test_what_is_not_ones_own_is_not_settled(house: CallBackHouse) -> None:
    anna, _ = await people(house, 2)
    asked, operator = await house.ask(anna), house.house.operator
    assert await house.settle(asked, REACHED) == "CALL_BACK_NOT_TAKEN"  # nobody has taken it
    await house.take()
    elsewhere = replace(operator, session_id=make_operator().session_id)
    for other in (make_operator(), elsewhere):
        assert await house.settle(asked, REACHED, operator=other) == "CALL_BACK_NOT_TAKEN"
    assert await house.settle(uuid7(), REACHED) == "CALL_BACK_NOT_TAKEN"
    assert (await house.rows())[0].state is CallBackState.TAKEN
    assert sums(await entries_of(house.database, anna)) == [HANDLED]


async def test_who_gives_it_up_meanwhile_is_called_no_more(house: CallBackHouse) -> None:
    (anna,) = await people(house, 1)
    asked = await house.ask(anna)
    await house.take()
    assert await house.cancel(anna, asked) == "done"
    assert await house.settle(asked, NO_ANSWER) == "CALL_BACK_NOT_TAKEN"
    assert (await house.rows())[0].state is CallBackState.CANCELLED
    assert await house.listed() == []
    assert await house.desk.taken(house.house.operator) is None


async def test_a_repeated_request_takes_and_settles_once(house: CallBackHouse) -> None:
    await house.ask((await people(house, 2))[0])
    key, settling = uuid7(), uuid7()
    assert len({(await house.take(key=key)).taken.listed.id for _ in range(3)}) == 1
    (row,) = await house.rows()
    assert [await house.settle(row.id, NO_ANSWER, key=settling) for _ in range(3)] == ["done"] * 3
    assert (await house.rows())[0].attempts == 1
    with pytest.raises(IdempotencyKeyReused):
        await house.desk.settle(
            house.house.operator, call_back_id=CallBackId(row.id), outcome=REACHED, idempotency_key=settling
        )
    assert await ended(house.take(key=key)) == "CALL_BACK_NOT_TAKEN"  # it is kept no more


async def test_operators_serve_nobody_of_their_own(house: CallBackHouse) -> None:
    anna, boris = await people(house, 2)
    herself = make_principal(anna, kind=ActorKind.OPERATOR)
    await house.ask(anna)
    assert await ended(house.take(herself)) == "NO_CALL_BACK_DUE"
    await house.ask(boris)
    assert (await house.take(herself)).taken.person_id == boris
    assert (await house.take()).taken.person_id == anna


async def test_time_ends_what_nobody_called_and_tells_it(house: CallBackHouse) -> None:
    anna, boris, clara = await people(house, 3)
    await house.ask(anna)
    tried = await house.ask(boris, hours=Hours(hours_until=(NOW + timedelta(hours=4)).time()))
    house.clock.advance(timedelta(minutes=1))
    await house.take()
    await house.house.close((await house.house.tickets())[-1].id)
    house.clock.set(NOW + timedelta(minutes=40))
    taken = await house.take()
    assert taken.taken.listed.id != tried or taken.taken.person_id == boris
    house.clock.set(NOW + timedelta(hours=12))
    assert await house.sweep() == 2
    assert await house.sweep() == 0
    assert {row.state for row in await house.rows()} == {CallBackState.MISSED}
    assert [await house.told(one) for one in (anna, boris, clara)] == [
        ["call_back_requested", "call_back_unreached"],
        ["call_back_requested", "call_back_unreached"],
        [],
    ]


async def test_a_call_that_goes_on_beyond_the_window_is_not_ended_by_time(house: CallBackHouse) -> None:
    (anna,) = await people(house, 1)
    asked = await house.ask(anna)
    house.clock.set(NOW + timedelta(hours=10, minutes=55))  # five to eight in the evening
    await house.take()
    house.clock.advance(timedelta(minutes=10))
    assert await house.sweep() == 0
    assert [one.id for one in await house.listed()] == [asked]
    assert await house.settle(asked, REACHED) == "done"


async def test_what_ended_long_ago_is_forgotten(house: CallBackHouse) -> None:
    anna, boris = await people(house, 2)
    await house.cancel(anna, await house.ask(anna))
    await house.ask(boris)
    async with house.database.transaction() as session:
        assert await purge(session, NOW + timedelta(days=30) - MINUTE) == 0
        assert await purge(session, NOW + timedelta(days=30)) == 1
    assert [row.person_id for row in await house.rows()] == [boris]


@pytest.mark.parametrize("kind", [kind for kind in ActorKind if kind is not ActorKind.OPERATOR])
async def test_only_operators_see_the_list(house: CallBackHouse, kind: ActorKind) -> None:
    (anna,) = await people(house, 1)
    asked, actor = await house.ask(anna), make_principal(anna, kind=kind)
    for refused in (
        house.desk.page(actor, limit=1),
        house.desk.taken(actor),
        house.take(actor),
        house.desk.settle(actor, call_back_id=asked, outcome=REACHED, idempotency_key=uuid7()),
    ):
        with pytest.raises(AccessRefused):
            await refused
    with pytest.raises(NotSignedIn):
        await house.desk.page(None, limit=1)
    assert (await house.rows())[0].state is CallBackState.WAITING
