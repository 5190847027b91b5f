"""Asking to be called back: for whom, at which number, when; and being called no more."""

from datetime import date, time, timedelta

import pytest
from structlog.testing import capture_logs
from uuid_utils.compat import uuid7

from backend.call_backs.errors import CallBackExists
from backend.call_backs.values import CallBackId, CallBackOutcome, CallBackReason, CallBackState, Hours, Wish
from backend.idempotency import IdempotencyKeyReused
from identity.call_rules import SaidToBe
from identity.capacities import Capacity, Mandate
from identity.errors import AccessRefused, AccountNotConfirmed, NotSignedIn
from identity.names import FullName
from identity.principal import ActorKind, Assurance, PersonId
from tests.factories.access import entries_of
from tests.factories.call_backs import PHONE, CallBackHouse, ended
from tests.factories.calls import ANNA, add_insured
from tests.factories.people import NOW, add_person, make_principal, snils_for

EVENING = Hours(date(2026, 11, 23), time(17), time(19, 30))
MOSCOW = timedelta(hours=3)


async def test_it_is_the_registered_number_and_as_soon_as_possible(house: CallBackHouse) -> None:
    anna = await add_person(house.database)
    asked = await house.ask(anna)
    (row,) = await house.rows()
    assert (row.id, row.person_id, row.callee_id, row.actor_id) == (asked, anna, anna, anna)
    assert (row.called_number, row.reason, row.state) == (PHONE, CallBackReason.BOOKING, CallBackState.WAITING)
    assert (row.begins_at, row.due_at) == (NOW, NOW)  # nine in Moscow
    assert row.ends_at == NOW.replace(hour=20) - MOSCOW
    assert await house.told(anna) == ["call_back_requested"]
    assert house.published == [anna]


async def test_hours_are_those_of_the_persons_own_clock(house: CallBackHouse) -> None:
    anna = await add_person(house.database, time_zone="Asia/Kamchatka")
    await house.ask(anna, hours=EVENING)
    (row,) = await house.rows()
    assert row.begins_at == NOW.replace(day=23, hour=5)
    assert row.ends_at - row.begins_at == timedelta(hours=2, minutes=30)
    assert row.time_zone == "Asia/Kamchatka"


async def test_another_number_may_be_named(house: CallBackHouse) -> None:
    anna = await add_person(house.database, phone=None)
    assert await ended(house.ask(anna)) == "CALL_BACK_NUMBER_UNKNOWN"
    await house.ask(anna, number="+74842505050")
    assert [row.called_number for row in await house.rows()] == ["+74842505050"]


@pytest.mark.parametrize(
    "number",
    [
        "",
        "122",
        "89105550117",
        "+7910555011",
        "+791055501177",
        "+375291234567",
        "+77012345678",
        "+49301234567",
        "+78095550117",
        "+78035550117",
        "+70000000000",
        "8 (4842) 50-50-50",
        "+7 910 555 01 17",
        "+٧٩١٠٥٥٥٠١١٧",
    ],
)
async def test_what_operators_do_not_call_is_refused(house: CallBackHouse, number: str) -> None:
    anna = await add_person(house.database)
    assert await ended(house.ask(anna, number=number)) == "PHONE_INVALID"
    assert await house.rows() == []
    assert await house.told(anna) == []


@pytest.mark.parametrize(
    "hours",
    [
        Hours(hours_from=time(19), hours_until=time(17)),
        Hours(hours_from=time(17), hours_until=time(17)),
        Hours(hours_from=time(17), hours_until=time(17, 29)),
        Hours(hours_until=time(9, 29)),
        Hours(hours_until=time(8, 45)),
        Hours(day=date(2026, 11, 21)),
        Hours(day=date(2026, 11, 30)),
        Hours(hours_from=time(7, 59)),
        Hours(hours_until=time(20, 1)),
        Hours(day=date(9999, 12, 31)),
        Hours(day=date(1, 1, 1)),
    ],
    ids=[
        "backwards",
        "empty",
        "short",
        "short by now",
        "over",
        "yesterday",
        "too far",
        "early",
        "late",
        "end",
        "begin",
    ],
)
async def test_a_window_that_is_none_is_refused(house: CallBackHouse, hours: Hours) -> None:
    anna = await add_person(house.database)
    assert await ended(house.ask(anna, hours=hours)) == "CALL_BACK_WINDOW_INVALID"
    assert await house.rows() == []


async def test_one_open_request_a_person(house: CallBackHouse) -> None:
    anna, boris = await add_person(house.database), await add_person(house.database, snils=snils_for(112_233_002))
    first = await house.ask(anna)
    assert await ended(house.ask(anna, reason=CallBackReason.OTHER)) == "CALL_BACK_EXISTS"
    await house.ask(boris)
    assert await house.cancel(anna, first) == "done"
    assert await house.ask(anna) != first
    assert [row.state.value for row in await house.rows()] == ["cancelled", "waiting", "waiting"]


async def test_a_window_that_has_passed_is_no_open_request_swept_or_not(house: CallBackHouse) -> None:
    anna = await add_person(house.database)
    await house.ask(anna)
    house.clock.advance(timedelta(hours=11))
    await house.ask(anna)
    assert [row.state for row in await house.rows()] == [CallBackState.MISSED, CallBackState.WAITING]
    assert await house.told(anna) == ["call_back_requested", "call_back_unreached", "call_back_requested"]


async def test_a_repeated_request_is_one_and_gives_its_refusal_again(house: CallBackHouse) -> None:
    anna, key, refused = await add_person(house.database), uuid7(), uuid7()
    assert {await house.ask(anna, key=key) for _ in range(3)} == {(await house.rows())[0].id}
    assert [await ended(house.ask(anna, key=refused)) for _ in range(2)] == [CallBackExists.code] * 2
    with pytest.raises(IdempotencyKeyReused):
        await house.ask(anna, key=key, number="+79105550118")
    with pytest.raises(IdempotencyKeyReused):
        await house.ask(anna, key=key, hours=EVENING)
    assert house.published == [anna]


async def test_no_more_than_five_a_day(house: CallBackHouse) -> None:
    anna = await add_person(house.database)
    for number in range(5):
        await house.cancel(anna, await house.ask(anna, number=f"+7910555010{number}"))
    assert await ended(house.ask(anna)) == "TOO_MANY_CALL_BACKS"
    house.clock.advance(timedelta(days=1))
    await house.ask(anna)


async def test_the_person_sees_their_requests_and_nobody_elses(house: CallBackHouse) -> None:
    anna, boris = await add_person(house.database), await add_person(house.database, snils=snils_for(112_233_002))
    first = await house.ask(anna)
    await house.cancel(anna, first)
    second = await house.ask(anna)
    shown = await house.service.shown(make_principal(anna), person_id=anna)
    assert [(one.id, one.state.value, one.number) for one in shown] == [
        (second, "waiting", PHONE),
        (first, "cancelled", PHONE),
    ]
    assert await house.service.shown(make_principal(boris), person_id=boris) == []
    with pytest.raises(AccessRefused):
        await house.service.shown(make_principal(boris), person_id=anna)
    house.clock.advance(timedelta(days=8))
    await house.sweep()
    assert await house.service.shown(make_principal(anna), person_id=anna) == []


async def test_anothers_an_unknown_and_an_ended_request_are_not_cancelled(house: CallBackHouse) -> None:
    anna, boris = await add_person(house.database), await add_person(house.database, snils=snils_for(112_233_002))
    asked = await house.ask(anna)
    assert await house.cancel(boris, asked) == "CALL_BACK_NOT_FOUND"
    assert await house.cancel(anna, asked, actor=make_principal(boris)) == "ACCESS_REFUSED"
    assert await house.cancel(anna, CallBackId(uuid7())) == "CALL_BACK_NOT_FOUND"
    assert (await house.rows())[0].state is CallBackState.WAITING
    assert [await house.cancel(anna, asked) for _ in range(2)] == ["done", "CALL_BACK_OVER"]


async def test_who_acts_for_somebody_is_called_at_their_own_number(house: CallBackHouse) -> None:
    mother = await add_person(house.database, phone="+79105550118")
    son = await add_person(house.database, snils=None, phone=None, birth_date=date(2016, 2, 3))
    actor, said = make_principal(mother), {(mother, son): Mandate(Capacity.PARENT_OF_CHILD)}
    assert await ended(house.ask(son, actor=actor)) == "ACCESS_REFUSED"
    house.mandates.update(said)
    await house.ask(son, actor=actor)
    (row,) = await house.rows()
    assert (row.person_id, row.callee_id, row.called_number) == (son, mother, "+79105550118")
    assert [one.actions for one in await entries_of(house.database, son)] == ["change_call_backs"] * 2


async def test_an_operator_asks_for_the_caller_who_cannot_wait(house: CallBackHouse) -> None:
    anna = await add_insured(house.database)
    operator = house.house.operator
    assert await ended(house.ask(anna, actor=operator)) == "ACCESS_REFUSED"
    call_id = await house.house.open()
    assert await ended(house.ask(anna, actor=operator)) == "ACCESS_REFUSED"  # nobody is verified
    await house.house.verify(call_id, ANNA)
    await house.house.choose(call_id)
    await house.ask(anna, actor=operator, reason=CallBackReason.CUT_OFF, number="+74842505050")
    (row,) = await house.rows()
    assert (row.actor_id, row.callee_id, row.called_number) == (operator.person_id, anna, "+74842505050")
    entry = (await house.house.entries(anna))[-1]
    assert (entry.actions, entry.on_behalf_of, entry.reference) == ("change_call_backs", anna, call_id)
    assert (await house.told(anna))[-1:] == ["call_back_requested"]


async def test_a_caller_for_somebody_else_is_the_one_who_is_called(house: CallBackHouse) -> None:
    anna = await add_insured(house.database)
    son = await add_person(house.database, given_name="Пётр", snils=None, phone=None, birth_date=date(2016, 2, 3))
    house.house.represented.mandates[anna, son] = Mandate(Capacity.PARENT_OF_CHILD)
    said = SaidToBe(FullName("Соколова", "Петр"), date(2016, 2, 3))
    assert await house.house.choose(await house.house.serve(), said) == "done"
    await house.ask(son, actor=house.house.operator)
    (row,) = await house.rows()
    assert (row.person_id, row.callee_id, row.called_number) == (son, anna, PHONE)


@pytest.mark.parametrize("kind", [kind for kind in ActorKind if kind is not ActorKind.CITIZEN])
async def test_only_people_themselves_ask(house: CallBackHouse, kind: ActorKind) -> None:
    anna = await add_person(house.database)
    with pytest.raises(AccessRefused):
        await house.ask(anna, actor=make_principal(anna, kind=kind))
    assert await house.rows() == []


async def test_neither_strangers_nor_unconfirmed_ask(house: CallBackHouse) -> None:
    anna = await add_person(house.database)
    with pytest.raises(AccountNotConfirmed):
        await house.ask(anna, actor=make_principal(anna, assurance=Assurance.STANDARD))
    with pytest.raises(NotSignedIn):
        await house.service.request(None, person_id=anna, wish=Wish(CallBackReason.OTHER), idempotency_key=uuid7())
    with pytest.raises(AccessRefused):
        await house.ask(PersonId(uuid7()), actor=make_principal(anna))


async def test_no_number_stands_in_a_log_or_a_text(house: CallBackHouse) -> None:
    """S43."""
    anna = await add_person(house.database)
    with capture_logs() as logs:
        await house.ask(anna, number="+79105550118")
        taken = await house.take()
        await house.settle(taken.taken.listed.id, CallBackOutcome.NO_ANSWER)
        await ended(house.ask(anna, number="+375291234567"))
    for secret in ("+79105550118", "+375291234567", "Анна"):
        assert secret not in str(logs)
        assert secret not in repr((taken, Wish(CallBackReason.OTHER, secret)))
