"""Who is calling: by script, uniformly, and not for ever (S33, S37)."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from structlog.testing import capture_logs
from uuid_utils.compat import uuid7

from backend.idempotency import IdempotencyKeyReused
from backend.profile.tables import PersonRow
from identity.call_rules import CODE_LASTS, MOST_WRONG_OF_OPERATOR, SaidToBe
from identity.call_tables import Proof
from identity.capacities import Capacity
from identity.errors import AccessRefused, NotSignedIn
from identity.names import FullName
from identity.principal import ActorKind
from tests.factories.calls import ANNA, BORN, DIGITS, NUMBER, CallHouse, add_insured, make_operator, outcome_of, sums
from tests.factories.people import add_person, make_principal, snils_for

TICK = timedelta(seconds=1)
NOBODY = SaidToBe(FullName("Неизвестная", "Анна"), BORN)
ALLOWED, DENIED = ("handle_call", "allowed"), ("handle_call", "denied")


async def test_name_date_and_policy_digits_verify_and_the_person_sees_it(house: CallHouse) -> None:
    anna = await add_insured(house.database)
    call_id = await house.open()
    assert await house.verify(call_id) == "done"
    (ticket,) = await house.tickets()
    assert (ticket.caller_id, ticket.verified_by, ticket.patient_id) == (anna, Proof.POLICY_DIGITS, None)
    (entry,) = await house.entries(anna)
    assert (entry.actor_id, entry.on_behalf_of, entry.reference) == (house.operator.person_id, anna, call_id)
    assert (entry.capacity, entry.organization) == (Capacity.OPERATOR_ON_CALL, house.operator.organization)
    assert sums([entry]) == [ALLOWED]


@pytest.mark.parametrize(
    "said",
    [
        SaidToBe(FullName("СОКОЛОВА", "анна"), BORN),
        SaidToBe(FullName("Соколова", "Анна", ""), BORN),
    ],
)
async def test_a_name_is_taken_as_it_is_heard(house: CallHouse, said: SaidToBe) -> None:
    await add_insured(house.database)
    assert await house.verify(await house.open(), said) == "done"


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        (NOBODY, DIGITS),
        (replace(ANNA, birth_date=date(1984, 5, 18)), DIGITS),
        (ANNA, "0000"),
        (SaidToBe(FullName("Соколова", "Аня"), BORN), DIGITS),
    ],
    ids=["unknown", "another day", "wrong digits", "nearly the name"],
)
async def test_unknown_and_wrong_answer_alike_and_count_alike(house: CallHouse, said: SaidToBe, digits: str) -> None:
    anna = await add_insured(house.database)
    assert await house.verify(await house.open(), said, digits=digits) == "CALLER_NOT_VERIFIED"
    (ticket,) = await house.tickets()
    assert (ticket.wrong_answers, ticket.caller_id, ticket.patient_id) == (1, None, None)
    assert sums(await house.entries(anna)) == ([DENIED] if said is ANNA and digits == "0000" else [])


async def test_without_a_kept_policy_of_this_very_person_no_digits_are_right(house: CallHouse) -> None:
    await add_person(house.database, snils=snils_for(112_233_001))
    for digits in (DIGITS, "0000"):
        assert await house.verify(await house.open(), digits=digits) == "CALLER_NOT_VERIFIED"
        await house.close((await house.tickets())[-1].id)


async def test_a_policy_kept_about_another_snils_proves_nobody(house: CallHouse) -> None:
    person = await add_insured(house.database)
    async with house.database.transaction() as session:
        row = await session.get(PersonRow, person)
        assert row is not None
        row.snils = snils_for(998_877_665)
    assert await house.verify(await house.open()) == "CALLER_NOT_VERIFIED"
    assert sums(await house.entries(person)) == [DENIED]


async def test_two_people_whom_the_answer_fits_are_nobody(house: CallHouse) -> None:
    twins = [await add_insured(house.database, number=n) for n in (1, 2)]
    assert await house.verify(await house.open()) == "CALLER_NOT_VERIFIED"
    assert [sums(await house.entries(one)) for one in twins] == [[DENIED], [DENIED]]


async def test_namesakes_are_told_apart_by_their_answers(house: CallHouse) -> None:
    anna = await add_insured(house.database)
    await add_person(house.database, snils=snils_for(112_233_009))
    assert await house.verify(await house.open()) == "done"
    assert (await house.tickets())[0].caller_id == anna


async def test_the_third_wrong_answer_closes_the_verification_of_this_call(house: CallHouse) -> None:
    anna = await add_insured(house.database)
    call_id = await house.open()
    ended = [await house.verify(call_id, digits=digits) for digits in ("0000", "0001", "0002", DIGITS)]
    assert ended == ["CALLER_NOT_VERIFIED"] * 3 + ["CALL_VERIFICATION_CLOSED"]
    assert await house.send_code(call_id) == "CALL_VERIFICATION_CLOSED"
    assert sums(await house.entries(anna)) == [DENIED] * 3
    await house.close(call_id)
    assert await house.verify(await house.open()) == "done"


async def test_an_operator_who_guesses_through_many_calls_is_slowed_down(house: CallHouse) -> None:
    await add_insured(house.database)
    for _ in range(MOST_WRONG_OF_OPERATOR // 3):
        call_id = await house.open()
        assert {await house.verify(call_id, digits="0000") for _ in range(3)} == {"CALLER_NOT_VERIFIED"}
        await house.close(call_id)
    assert await house.verify(await house.open()) == "CALL_THROTTLED"
    elsewhere = replace(house.operator, session_id=make_operator().session_id)
    assert await house.verify(await house.open(elsewhere), operator=elsewhere) == "CALL_THROTTLED"
    another = make_operator()
    assert await house.verify(await house.open(another), operator=another) == "done"
    house.clock.advance(timedelta(hours=1))
    assert await house.verify(await house.open()) == "done"


@pytest.mark.parametrize(
    ("digits", "code"),
    [(None, None), ("123", None), ("12345", None), ("١٢٣٣", None), ("12 3", None), (None, "12345"), ("1233", "123456")],
)
async def test_an_answer_of_another_form_is_no_try(house: CallHouse, digits: str | None, code: str | None) -> None:
    await add_insured(house.database)
    call_id = await house.open()
    asked = house.calls.verify_caller(
        house.operator, call_id=call_id, said=ANNA, policy_digits=digits, code=code, idempotency_key=uuid7()
    )
    assert await outcome_of(asked) == "CALLER_ANSWER_INVALID"
    assert (await house.tickets())[0].wrong_answers == 0


@pytest.mark.parametrize(
    "number", ["", "112", "89105550199", "+7 910 555 01 99", "+", "+7910555019900000", "+٧٩١٠٥٥٥٠١٩٩"]
)
async def test_a_number_that_is_none_opens_nothing(house: CallHouse, number: str) -> None:
    asked = house.calls.open(house.operator, caller_number=number, idempotency_key=uuid7())
    assert await outcome_of(asked) == "CALLER_NUMBER_INVALID"
    assert await house.tickets() == []


async def test_a_repeated_request_is_one_try_with_one_answer(house: CallHouse) -> None:
    await add_insured(house.database)
    call_id, wrong, right = await house.open(), uuid7(), uuid7()
    for _ in range(5):
        assert await house.verify(call_id, digits="0000", key=wrong) == "CALLER_NOT_VERIFIED"
    assert (await house.tickets())[0].wrong_answers == 1
    with pytest.raises(IdempotencyKeyReused):
        await house.verify(call_id, digits="0001", key=wrong)
    assert [await house.verify(call_id, key=right) for _ in range(2)] == ["done", "done"]
    assert await house.verify(call_id) == "CALL_VERIFICATION_CLOSED"


async def test_a_code_reaches_the_person_and_verifies_once_while_it_is_good(house: CallHouse) -> None:
    anna = await add_insured(house.database)
    call_id = await house.open()
    assert await house.send_code(call_id) == "done"
    ((person, code),) = await house.codes()
    assert (person, len(code), code.isdecimal()) == (anna, 6, True)
    assert house.published == [anna]
    (ticket,) = await house.tickets()
    assert code not in str(ticket)
    house.clock.advance(CODE_LASTS - TICK)
    assert await house.verify(call_id, code=code) == "done"
    (ticket,) = await house.tickets()
    assert (ticket.verified_by, ticket.code_hash, ticket.code_person_id) == (Proof.CODE, None, None)


async def test_a_late_a_replaced_and_another_calls_code_are_wrong_answers(house: CallHouse) -> None:
    await add_insured(house.database)
    call_id = await house.open()
    await house.send_code(call_id)
    house.clock.advance(CODE_LASTS)
    assert await house.verify(call_id, code=(await house.codes())[0][1]) == "CALLER_NOT_VERIFIED"
    await house.send_code(call_id)
    await house.send_code(call_id)
    assert await house.verify(call_id, code=(await house.codes())[1][1]) == "CALLER_NOT_VERIFIED"
    await house.close(call_id)
    assert await house.verify(await house.open(), code=(await house.codes())[2][1]) == "CALLER_NOT_VERIFIED"


async def test_a_code_proves_only_the_person_it_was_sent_to(house: CallHouse) -> None:
    await add_insured(house.database)
    boris = await add_insured(house.database, number=2, family_name="Борисова")
    call_id = await house.open()
    await house.send_code(call_id)
    said = SaidToBe(FullName("Борисова", "Анна"), BORN)
    assert await house.verify(call_id, said, code=(await house.codes())[0][1]) == "CALLER_NOT_VERIFIED"
    assert sums(await house.entries(boris)) == [DENIED]


async def test_whoever_is_unknown_gets_no_code_and_the_operator_the_same_answer(house: CallHouse) -> None:
    await add_insured(house.database)
    known, unknown = make_operator(), make_operator()
    told = []
    for operator, said in ((known, ANNA), (unknown, NOBODY)):
        call_id = await house.open(operator)
        sent = await house.calls.send_code(operator, call_id=call_id, said=said, idempotency_key=uuid7())
        told.append(replace(sent.value, id=UUID(int=0)))
    assert told[0] == told[1]
    assert len(await house.codes()) == 1
    assert [one.codes_sent for one in await house.tickets()] == [1, 1]


async def test_three_codes_a_call(house: CallHouse) -> None:
    await add_insured(house.database)
    call_id = await house.open()
    assert [await house.send_code(call_id) for _ in range(4)] == ["done"] * 3 + ["CALL_THROTTLED"]
    assert len(await house.codes()) == 3


async def test_a_repeated_request_sends_one_code(house: CallHouse) -> None:
    await add_insured(house.database)
    call_id, key = await house.open(), uuid7()
    for _ in range(3):
        await house.calls.send_code(house.operator, call_id=call_id, said=ANNA, idempotency_key=key)
    assert (len(await house.codes()), len(house.published)) == (1, 1)


async def test_operators_serve_nobody_of_their_own(house: CallHouse) -> None:
    anna = await add_insured(house.database)
    herself = make_principal(anna, kind=ActorKind.OPERATOR)
    assert await house.verify(await house.open(herself), operator=herself) == "CALLER_NOT_VERIFIED"
    assert await house.entries(anna) == []


@pytest.mark.parametrize("kind", [kind for kind in ActorKind if kind is not ActorKind.OPERATOR])
async def test_only_operators_have_calls(house: CallHouse, kind: ActorKind) -> None:
    with pytest.raises(AccessRefused):
        await house.open(make_principal(kind=kind))
    with pytest.raises(AccessRefused):
        await house.calls.current(make_principal(kind=kind))
    assert await house.tickets() == []


async def test_nobody_signed_in_has_none(house: CallHouse) -> None:
    with pytest.raises(NotSignedIn):
        await house.calls.open(None, caller_number=NUMBER, idempotency_key=uuid7())


async def test_no_number_name_or_code_stands_in_a_log(house: CallHouse) -> None:
    """S43."""
    await add_insured(house.database)
    with capture_logs() as logs:
        call_id = await house.open()
        await house.send_code(call_id)
        ((_, code),) = await house.codes()
        await house.verify(call_id, digits="0000")
        await house.verify(call_id, code=code)
        await house.choose(call_id, NOBODY)
    for secret in (NUMBER, "Соколова", "Неизвестная", code, DIGITS):
        assert secret not in str(logs)
    assert code not in repr((await house.calls.current(house.operator), ANNA))
    assert "Соколова" not in repr(ANNA)
    assert NUMBER not in repr(await house.calls.current(house.operator))
