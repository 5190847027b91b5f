"""Requests to be called back belong to whom they are about and to who is called; a number only to its own person."""

from datetime import date, timedelta

from backend.call_backs.values import CallBackOutcome
from backend.entrypoints.migrations.tables import METADATA
from backend.rights.erasing import erase_person
from identity.capacities import Capacity, Mandate
from identity.principal import PersonId
from tests.factories.call_backs import PHONE, CallBackHouse
from tests.factories.people import NOW, add_person, make_principal, snils_for
from tests.factories.rights import RightsHouse

MOTHERS = "+79105550118"


async def family(calling: CallBackHouse) -> tuple[PersonId, PersonId]:
    """Add a mother and her son, and let her ask for him."""
    mother = await add_person(calling.database, phone=MOTHERS)
    son = await add_person(calling.database, snils=snils_for(112_233_077), phone=None, birth_date=date(2004, 2, 3))
    calling.mandates[mother, son] = Mandate(Capacity.PARENT_OF_CHILD)
    await calling.ask(son, actor=make_principal(mother))
    return mother, son


async def test_both_have_it_in_their_copies_and_the_number_is_its_own_persons(house: RightsHouse) -> None:
    mother, son = await family(CallBackHouse(house.database))
    of_mother = (await house.copy_of(make_principal(mother))).table("call_backs")["rows"]
    of_son = (await house.copy_of(make_principal(son))).table("call_backs")["rows"]
    assert [row["called_number"] for row in of_mother] == [MOTHERS]
    assert [row["called_number"] for row in of_son] == [None]
    assert of_mother[0]["id"] == of_son[0]["id"]


async def test_an_erasure_takes_the_numbers_out_of_the_calls_that_were_made(house: RightsHouse) -> None:
    calling = CallBackHouse(house.database)
    anna = await add_person(house.database, snils=snils_for(112_233_078))
    boris = await add_person(house.database, snils=snils_for(112_233_079), phone="+79105550119")
    for person in (anna, boris):
        await calling.ask(person)
        taken = await calling.take()
        assert await calling.settle(taken.taken.listed.id, CallBackOutcome.NOT_NEEDED) == "done"
    assert [one.caller_number for one in await calling.house.tickets()] == [PHONE, "+79105550119"]
    async with house.database.transaction() as session:
        await erase_person(session, METADATA, anna, NOW)
    assert [one.caller_number for one in await calling.house.tickets()] == ["", "+79105550119"]
    assert [row.person_id for row in await calling.rows()] == [boris]


async def test_the_erasure_of_who_is_called_takes_the_request_and_the_number(house: RightsHouse) -> None:
    calling = CallBackHouse(house.database)
    mother, son = await family(calling)
    await calling.take()
    calling.clock.advance(timedelta(minutes=20))
    async with house.database.transaction() as session:
        await erase_person(session, METADATA, mother, NOW)
    assert [one.caller_number for one in await calling.house.tickets()] == [""]
    assert await calling.rows() == []
    assert await calling.service.shown(make_principal(son), person_id=son) == []
