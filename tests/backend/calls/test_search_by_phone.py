"""Who is calling, found by name and registered number: found by it, never proven by it (S33, S37)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from structlog.testing import capture_logs
from uuid_utils.compat import uuid7

from backend.idempotency import IdempotencyKeyReused
from identity.call_rules import MOST_WRONG_OF_OPERATOR, SaidToBe
from identity.call_tables import Proof
from identity.capacities import Capacity, Mandate
from identity.names import FullName
from identity.principal import ActorKind
from tests.factories.calls import ANNA, BORN, DIGITS, CallHouse, add_insured, make_operator, outcome_of, sums
from tests.factories.people import add_person, make_principal

PHONE = "+79105550117"
"""What is registered for whomever `add_person` makes."""

NAME = FullName("Соколова", "Анна")
BY_PHONE = SaidToBe(NAME, phone=PHONE)
BY_NAME_ALONE = SaidToBe(NAME)
ALLOWED, DENIED = ("handle_call", "allowed"), ("handle_call", "denied")


@pytest.mark.parametrize(
    ("said", "line"),
    [
        (BY_PHONE, "+79105550199"),
        (BY_NAME_ALONE, PHONE),
        (SaidToBe(NAME, BORN, PHONE), "+79105550199"),
        (replace(BY_PHONE, name=FullName("СОКОЛОВА", "анна", "Петровна")), "+79105550199"),
    ],
    ids=["by a number that is said", "by the number of the line", "by both", "as heard"],
)
async def test_a_name_and_the_registered_number_find_who_then_answers(
    house: CallHouse, said: SaidToBe, line: str
) -> None:
    anna = await add_insured(house.database)
    call_id = await house.open(number=line)
    assert await house.verify(call_id, said) == "done"
    (ticket,) = await house.tickets()
    assert (ticket.caller_id, ticket.verified_by) == (anna, Proof.POLICY_DIGITS)
    assert sums(await house.entries(anna)) == [ALLOWED]


async def test_the_number_of_the_line_proves_nothing(house: CallHouse) -> None:
    """It can be forged: without the answer of the script it opens nothing, and the person sees the try."""
    anna = await add_insured(house.database)
    call_id = await house.open(number=PHONE)
    assert await house.verify(call_id, BY_NAME_ALONE, digits="0000") == "CALLER_NOT_VERIFIED"
    assert await house.choose(call_id) == "CALLER_NOT_VERIFIED"
    assert await house.look(anna) == "ACCESS_REFUSED"
    assert sums(await house.entries(anna)) == [DENIED, ("read_profile", "denied")]


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        (replace(BY_PHONE, phone="+79105550118"), DIGITS),
        (replace(BY_PHONE, phone="+375291234567"), DIGITS),
        (BY_NAME_ALONE, DIGITS),
        (SaidToBe(FullName("Соколова", "Аня"), phone=PHONE), DIGITS),
        (BY_PHONE, "0000"),
        (SaidToBe(NAME, date(1984, 5, 18), PHONE), DIGITS),
        (SaidToBe(NAME, BORN, "+79105550118"), DIGITS),
    ],
    ids=["unknown number", "foreign", "of the line", "another name", "wrong answer", "another day", "another number"],
)
async def test_what_does_not_fit_is_one_refusal_and_counts_alike(house: CallHouse, said: SaidToBe, digits: str) -> None:
    anna = await add_insured(house.database)
    call_id = await house.open()
    assert await house.verify(call_id, said, digits=digits) == "CALLER_NOT_VERIFIED"
    (ticket,) = await house.tickets()
    assert (ticket.wrong_answers, ticket.caller_id) == (1, None)
    assert sums(await house.entries(anna)) == ([DENIED] if digits == "0000" else [])


async def test_a_family_of_one_number_is_told_apart_by_names_and_answers(house: CallHouse) -> None:
    anna = await add_insured(house.database)
    await add_insured(house.database, number=2, given_name="Дарья")
    await add_person(house.database, snils="20613005900")  # her namesake, without a policy that is known
    assert await house.verify(await house.open(), BY_PHONE) == "done"
    assert (await house.tickets())[0].caller_id == anna


async def test_two_of_one_number_whom_name_and_answer_fit_are_nobody(house: CallHouse) -> None:
    both = [await add_insured(house.database, number=n, birth_date=date(1984, 5, n)) for n in (1, 2)]
    call_id = await house.open()
    assert await house.verify(call_id, BY_PHONE) == "CALLER_NOT_VERIFIED"
    assert [sums(await house.entries(one)) for one in both] == [[DENIED], [DENIED]]
    assert await house.send_code(call_id, BY_PHONE) == "done"
    assert await house.codes() == []
    assert await house.verify(call_id, replace(BY_PHONE, birth_date=date(1984, 5, 2))) == "done"


async def test_whoever_has_no_registered_number_is_not_found_by_one(house: CallHouse) -> None:
    await add_insured(house.database, phone=None)
    assert await house.verify(await house.open(), BY_PHONE) == "CALLER_NOT_VERIFIED"
    assert await house.verify((await house.tickets())[0].id, ANNA) == "done"


async def test_wrong_numbers_close_the_call_and_slow_the_operator_as_wrong_answers_do(house: CallHouse) -> None:
    await add_insured(house.database)
    for _ in range(MOST_WRONG_OF_OPERATOR // 3):
        call_id = await house.open()
        tried = [await house.verify(call_id, replace(BY_PHONE, phone=f"+7910555000{n}")) for n in range(3)]
        assert tried == ["CALLER_NOT_VERIFIED"] * 3
        assert await house.verify(call_id, BY_PHONE) == "CALL_VERIFICATION_CLOSED"
        await house.close(call_id)
    assert await house.verify(await house.open(), BY_PHONE) == "CALL_THROTTLED"
    house.clock.advance(timedelta(hours=1))
    assert await house.verify(await house.open(), BY_PHONE) == "done"


async def test_a_code_goes_to_the_registered_number_and_the_answer_says_nothing_of_it(house: CallHouse) -> None:
    anna = await add_insured(house.database)
    operators, told = [make_operator(), make_operator()], []
    for operator, said in zip(operators, (BY_PHONE, replace(BY_PHONE, phone="+79105550118")), strict=True):
        call_id = await house.open(operator)
        sent = await house.calls.send_code(operator, call_id=call_id, said=said, idempotency_key=uuid7())
        told.append(replace(sent.value, id=anna))
    assert told[0] == told[1]
    ((person, code),) = await house.codes()
    assert person == anna
    ticket, _ = await house.tickets()
    assert await house.verify(ticket.id, BY_PHONE, code=code, operator=operators[0]) == "done"


@pytest.mark.parametrize("phone", ["", "112", "8 (910) 555-01-17", "89105550117", "+7 910 555 01 17", "+٧٩١٠٥٥٥٠١١٧"])
async def test_a_number_that_is_none_is_no_try(house: CallHouse, phone: str) -> None:
    await add_insured(house.database)
    call_id = await house.serve()
    said = replace(BY_PHONE, phone=phone)
    for asked in (
        house.calls.verify_caller(
            house.operator, call_id=call_id, said=said, policy_digits=DIGITS, idempotency_key=uuid7()
        ),
        house.calls.send_code(house.operator, call_id=call_id, said=said, idempotency_key=uuid7()),
        house.calls.choose_patient(house.operator, call_id=call_id, patient=said, idempotency_key=uuid7()),
    ):
        assert await outcome_of(asked) == "CALLER_NUMBER_INVALID"
    (ticket,) = await house.tickets()
    assert (ticket.wrong_answers, ticket.wrong_patients, ticket.codes_sent) == (0, 0, 0)


async def test_a_patient_is_found_by_a_number_among_the_represented_alone(house: CallHouse) -> None:
    anna = await add_insured(house.database)
    mother = await add_person(
        house.database, family_name="Петрова", given_name="Ирина", phone="+79105550222", snils="20613005900"
    )
    said = SaidToBe(FullName("Петрова", "Ирина"), phone="+79105550222")
    call_id = await house.serve()
    assert await house.choose(call_id, said) == "PATIENT_NOT_REPRESENTED"
    house.represented.mandates[anna, mother] = Mandate(Capacity.TRUSTED_ADULT)
    assert await house.choose(call_id, replace(said, phone="+79105550223")) == "PATIENT_NOT_REPRESENTED"
    assert await house.choose(call_id, replace(said, phone=None)) == "PATIENT_NOT_REPRESENTED"
    assert await house.choose(call_id, said) == "CALL_VERIFICATION_CLOSED"
    other = make_operator()
    call_id = await house.serve(other)
    assert await house.choose(call_id, said, operator=other) == "done"


async def test_operators_are_not_found_by_their_own_number(house: CallHouse) -> None:
    anna = await add_insured(house.database)
    herself = make_principal(anna, kind=ActorKind.OPERATOR)
    call_id = await house.open(herself, number=PHONE)
    assert await house.verify(call_id, BY_NAME_ALONE, operator=herself) == "CALLER_NOT_VERIFIED"
    assert await house.entries(anna) == []


async def test_a_request_that_is_repeated_with_another_number_is_another_request(house: CallHouse) -> None:
    await add_insured(house.database)
    call_id, key = await house.open(), uuid7()
    assert await house.verify(call_id, BY_PHONE, digits="0000", key=key) == "CALLER_NOT_VERIFIED"
    for other in (BY_NAME_ALONE, replace(BY_PHONE, phone="+79105550118"), ANNA):
        with pytest.raises(IdempotencyKeyReused):
            await house.verify(call_id, other, digits="0000", key=key)
    assert (await house.tickets())[0].wrong_answers == 1


async def test_no_registered_number_stands_in_a_log_or_a_text(house: CallHouse) -> None:
    """S43."""
    await add_insured(house.database)
    with capture_logs() as logs:
        call_id = await house.open()
        await house.verify(call_id, BY_PHONE, digits="0000")
        await house.send_code(call_id, BY_PHONE)
        await house.verify(call_id, BY_PHONE)
    assert PHONE not in str(logs)
    assert PHONE not in repr(BY_PHONE)
