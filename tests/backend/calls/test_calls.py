"""What an operator may do inside a call, for whom, and until when (S37)."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from backend.booking.errors import ChannelNotAllowed
from backend.booking.states import AppointmentStatus
from backend.booking.values import Channel, SlotHold
from backend.idempotency import Outcome
from identity.access import RULES, Action
from identity.audit_tables import AuditOutcome
from identity.call_queries import close_over
from identity.call_rules import ABSOLUTE_LIMIT, FOR_CALLER_ALONE, IDLE_LIMIT, SaidToBe, rights_of_caller
from identity.capacities import Capacity, Category, Mandate
from identity.names import FullName
from identity.principal import ActorKind, PersonId
from tests.factories.booking import Booking
from tests.factories.calls import CallHouse, add_insured, make_operator, outcome_of, sums
from tests.factories.people import NOW, add_person, make_principal

TICK = timedelta(seconds=1)
REFUSED = "ACCESS_REFUSED"
SON = SaidToBe(FullName("Соколов", "Пётр"), date(2010, 2, 3))


async def add_son(house: CallHouse, mandate: Mandate | None) -> tuple[PersonId, PersonId]:
    """Store Anna, and a boy for whom she may act as far as told; return both."""
    anna = await add_insured(house.database)
    son = await add_person(
        house.database, family_name="Соколов", given_name="Петр", birth_date=SON.birth_date, snils="20613005900"
    )
    if mandate:
        house.represented.mandates[anna, son] = mandate
    return anna, son


async def test_nobody_is_open_before_a_patient_is_chosen(house: CallHouse) -> None:
    anna = await add_insured(house.database)
    assert await house.look(anna) == REFUSED
    call_id = await house.open()
    assert await house.look(anna) == REFUSED
    assert await house.choose(call_id) == "CALLER_NOT_VERIFIED"
    assert await house.verify(call_id) == "done"
    assert await house.look(anna) == REFUSED
    assert await house.choose(call_id) == "done"
    assert await house.look(anna) == "done"


async def test_both_names_and_the_call_stand_in_the_access_log(house: CallHouse) -> None:
    mandate = Mandate(Capacity.PARENT_OF_TEENAGER, withheld=frozenset({Category.HIV}))
    anna, son = await add_son(house, mandate)
    call_id = await house.serve()
    assert await house.choose(call_id, SON) == "done"
    grounds = await house.access.admit(house.operator, Action.READ_APPOINTMENTS, son)
    assert grounds.withheld == {Category.HIV}
    *_, entry = await house.entries(son)
    assert (entry.actor_id, entry.actor_kind, entry.on_behalf_of) == (
        house.operator.person_id,
        ActorKind.OPERATOR,
        anna,
    )
    assert (entry.reference, entry.capacity, entry.outcome) == (
        call_id,
        Capacity.OPERATOR_ON_CALL,
        AuditOutcome.ALLOWED,
    )
    assert sums(await house.entries(son)) == [("handle_call", "allowed"), ("read_appointments", "allowed")]
    assert await house.look(anna) == REFUSED


@pytest.mark.parametrize("action", Action)
async def test_for_the_caller_the_operator_may_what_both_may(house: CallHouse, action: Action) -> None:
    anna = await add_insured(house.database)
    await house.serve()
    both = {Capacity.SELF, Capacity.OPERATOR_ON_CALL} <= RULES[action].capacities or action in FOR_CALLER_ALONE
    desk = RULES[action].public or Capacity.OPERATOR_DESK in RULES[action].capacities
    assert await house.look(anna, action) == ("done" if both or desk else REFUSED)


@pytest.mark.parametrize("capacity", [Capacity.PARENT_OF_CHILD, Capacity.PARENT_OF_TEENAGER, Capacity.TRUSTED_ADULT])
def test_rights_are_the_intersection_of_the_operators_and_the_callers(capacity: Capacity) -> None:
    all_of_it = rights_of_caller(Mandate(capacity))
    assert all_of_it == {a for a in Action if {capacity, Capacity.OPERATOR_ON_CALL} <= RULES[a].capacities}
    some = frozenset({Action.READ_POLICY, Action.EXPORT_DATA, Action.READ_INBOX})
    assert rights_of_caller(Mandate(capacity, rights=some)) == all_of_it & some
    assert rights_of_caller(Mandate(capacity, rights=frozenset())) == frozenset()


async def test_what_the_caller_was_not_granted_the_operator_does_not_get(house: CallHouse) -> None:
    granted = frozenset({Action.READ_PROFILE, Action.READ_APPOINTMENTS})
    _, son = await add_son(house, Mandate(Capacity.TRUSTED_ADULT, rights=granted))
    await house.choose(await house.serve(), SON)
    ended = [await house.look(son, action) for action in (*granted, Action.READ_POLICY, Action.BOOK_APPOINTMENT)]
    assert ended == ["done", "done", REFUSED, REFUSED]


async def test_a_representation_that_ends_in_mid_call_ends_the_operators_rights(house: CallHouse) -> None:
    anna, son = await add_son(house, Mandate(Capacity.PARENT_OF_CHILD, until=NOW + timedelta(minutes=5)))
    await house.choose(await house.serve(), SON)
    house.clock.advance(timedelta(minutes=5) - TICK)
    assert await house.look(son) == "done"
    house.clock.advance(TICK)
    assert await house.look(son) == REFUSED
    house.represented.mandates[anna, son] = Mandate(Capacity.PARENT_OF_CHILD)
    assert await house.look(son) == "done"
    house.represented.mandates.clear()
    assert await house.look(son) == REFUSED


async def test_a_stranger_and_nobody_are_refused_alike_and_the_stranger_sees_it(house: CallHouse) -> None:
    _, son = await add_son(house, None)
    call_id = await house.serve()
    nobody = SaidToBe(FullName("Никто", "Никак"), SON.birth_date)
    assert [await house.choose(call_id, said) for said in (SON, nobody)] == ["PATIENT_NOT_REPRESENTED"] * 2
    assert sums(await house.entries(son)) == [("handle_call", "denied")]
    assert (await house.tickets())[0].wrong_patients == 2
    await house.choose(call_id, nobody)
    house.represented.mandates[PersonId(uuid7()), son] = Mandate(Capacity.PARENT_OF_CHILD)
    assert await house.choose(call_id, SON) == "CALL_VERIFICATION_CLOSED"
    assert await house.choose(call_id) == "done"


async def test_another_operator_and_another_session_see_nobody(house: CallHouse) -> None:
    anna = await add_insured(house.database)
    call_id = await house.serve()
    for other in (make_operator(), replace(house.operator, session_id=make_operator().session_id)):
        assert await house.look(anna, operator=other) == REFUSED
        assert await house.verify(call_id, operator=other) == "CALL_NOT_OPEN"
        assert await house.choose(call_id, operator=other) == "CALL_NOT_OPEN"
        assert await house.close(call_id, operator=other) == "CALL_NOT_OPEN"
        assert await house.calls.current(other) is None
    assert await house.look(anna) == "done"


async def test_a_citizen_of_the_same_id_and_session_gets_nothing_of_the_desk(house: CallHouse) -> None:
    anna = await add_insured(house.database)
    await house.serve()
    assert await house.look(anna, operator=replace(house.operator, kind=ActorKind.CITIZEN)) == REFUSED


async def test_a_call_that_is_not_used_ends_by_itself(house: CallHouse) -> None:
    anna = await add_insured(house.database)
    call_id = await house.serve()
    house.clock.advance(IDLE_LIMIT - TICK)
    assert await house.look(anna) == "done"
    house.clock.advance(IDLE_LIMIT - TICK)
    assert await house.look(anna) == "done"
    house.clock.advance(IDLE_LIMIT)
    assert await house.look(anna) == REFUSED
    assert await house.choose(call_id) == "CALL_NOT_OPEN"
    assert await house.calls.current(house.operator) is None


async def test_a_call_ends_after_an_hour_however_it_is_used(house: CallHouse) -> None:
    anna = await add_insured(house.database)
    await house.serve()
    for _ in range(5):
        house.clock.advance(timedelta(minutes=11))
        assert await house.look(anna) == "done"
    house.clock.set(NOW + ABSOLUTE_LIMIT - TICK)
    assert await house.look(anna) == "done"
    house.clock.set(NOW + ABSOLUTE_LIMIT)
    assert await house.look(anna) == REFUSED


async def test_looking_at_others_does_not_keep_a_call_open(house: CallHouse) -> None:
    anna = await add_insured(house.database)
    stranger = await add_person(house.database, snils="20613005900")
    await house.serve()
    house.clock.advance(IDLE_LIMIT - TICK)
    assert await house.look(stranger) == REFUSED
    house.clock.advance(TICK)
    assert await house.look(anna) == REFUSED


async def test_a_closed_call_opens_nothing_and_stays_closed(house: CallHouse) -> None:
    anna = await add_insured(house.database)
    call_id = await house.serve()
    assert [await house.close(call_id) for _ in range(2)] == ["done", "done"]
    (ticket,) = await house.tickets()
    house.clock.advance(TICK)
    assert await house.close(call_id) == "done"
    assert (await house.tickets())[0].closed_at == ticket.closed_at == NOW
    assert await house.look(anna) == REFUSED
    assert await house.choose(call_id) == await house.verify(call_id) == "CALL_NOT_OPEN"
    assert await house.close(uuid7()) == "CALL_NOT_OPEN"


async def test_one_open_call_a_session(house: CallHouse) -> None:
    first = await house.open()
    again = house.calls.open(house.operator, caller_number="+79105550198", idempotency_key=uuid7())
    assert await outcome_of(again) == "CALL_ALREADY_OPEN"
    elsewhere = replace(house.operator, session_id=make_operator().session_id)
    second = await house.open(elsewhere)
    assert {one.id for one in await house.tickets()} == {first, second}
    house.clock.advance(IDLE_LIMIT)
    third = await house.open()
    assert [one.closed_at for one in await house.tickets()] == [NOW + IDLE_LIMIT, None, None]
    current = await house.calls.current(house.operator)
    assert current is not None
    assert current.id == third


async def test_a_repeated_opening_is_the_same_call(house: CallHouse) -> None:
    key, ids = uuid7(), set[UUID]()
    for _ in range(3):
        ids.add((await house.calls.open(house.operator, caller_number="+79105550198", idempotency_key=key)).value.id)
    assert len(ids) == len(await house.tickets()) == 1


async def test_time_closes_what_is_over_at_the_instant_it_was(house: CallHouse) -> None:
    await add_insured(house.database)
    await house.open()
    house.clock.advance(timedelta(minutes=10))
    await house.open(make_operator())
    async with house.database.transaction() as session:
        assert await close_over(session, NOW + timedelta(minutes=20)) == 1
        assert await close_over(session, NOW + timedelta(minutes=20)) == 0
    assert [one.closed_at for one in await house.tickets()] == [NOW + IDLE_LIMIT, None]


async def test_an_operator_books_for_the_patient_through_122_only(house: CallHouse) -> None:
    booking = Booking(house.database, clock=house.clock)
    anna, slot_id = await add_insured(house.database), await booking.one_slot()
    await house.serve()

    async def hold(channel: Channel) -> Outcome[SlotHold]:
        return await house.appointments.hold_slot(
            house.operator, person_id=anna, slot_id=slot_id, channel=channel, idempotency_key=uuid7()
        )

    with pytest.raises(ChannelNotAllowed):
        await hold(Channel.APP)
    held = await hold(Channel.CALL_122)
    booked = await house.appointments.book_appointment(
        house.operator, person_id=anna, hold_id=held.value.id, idempotency_key=uuid7()
    )
    assert (booked.value.status, booked.value.channel) == (AppointmentStatus.CONFIRMED, Channel.CALL_122)
    assert booked.value.person_id == anna
    assert house.published[-1:] == [anna]
    actions = [one.actions for one in await house.entries(anna)]
    assert actions == [
        "handle_call",
        "hold_slot",
        "hold_slot",
        "book_appointment",
    ]  # the right was there for both doors
    assert {one.on_behalf_of for one in await house.entries(anna)} == {anna}


async def test_a_sensitive_visit_stays_closed_to_whoever_calls_for_a_teenager(house: CallHouse) -> None:
    booking = Booking(house.database, clock=house.clock)
    _, son = await add_son(house, Mandate(Capacity.PARENT_OF_TEENAGER, withheld=frozenset({Category.HIV})))
    slot_id = await booking.one_slot(specialty="infectiologist")
    await booking.book(make_principal(son), slot_id)
    await house.choose(await house.serve(), SON)
    page = await house.appointments.upcoming(house.operator, person_id=son, limit=10)
    assert page.items == ()
    own = await house.appointments.upcoming(make_principal(son), person_id=son, limit=10)
    assert len(own.items) == 1
