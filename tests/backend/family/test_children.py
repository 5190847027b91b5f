"""Confirming a child: by document, never by name; and the clock does the rest (S38)."""

import asyncio
from datetime import date, datetime, timedelta

import pytest
from sqlmodel import select
from uuid_utils.compat import uuid7

from backend.family.errors import (
    ChildCheckLocked,
    ChildDocumentMismatch,
    ChildNotFound,
    ChildOfAge,
    PersonFactsConflict,
    RepresentationExists,
)
from backend.family.values import Certificate
from backend.profile.tables import PersonRow
from identity.access import Action
from identity.ages import first_instant
from identity.capacities import Capacity
from identity.errors import AccessRefused, AccountNotConfirmed, NotSignedIn
from identity.principal import ActorKind, Assurance, PersonId
from identity.representation_tables import ChildCheckRow, RepresentationDocumentRow, RepresentationRow
from tests.factories.family import CERTIFICATE, CHILD_SNILS, TYPED, Household, make_child
from tests.factories.people import NOW, make_principal

WRONG = Certificate("II-ДМ", "999999", None)


async def rows(house: Household, table: type) -> list:  # type: ignore[type-arg] # rows of any table
    async with house.database.reading() as session:
        return list((await session.exec(select(table))).all())


async def person_of(house: Household) -> PersonId:
    (row,) = await rows(house, RepresentationRow)
    return PersonId(row.person_id)


async def test_a_candidate_opens_nothing_until_it_is_confirmed(house: Household) -> None:
    parent, child = await house.add(1), make_child()
    house.children.known[parent.person_id] = [child]
    assert await house.family.relations.child_candidates(parent, parent.person_id) == [child]
    assert await house.family.relations.acts_for(parent, parent.person_id) == []
    assert [row.id for row in await rows(house, PersonRow)] == [parent.person_id]


async def test_a_confirmed_child_becomes_a_person_for_whom_the_parent_acts(house: Household) -> None:
    parent, child = await house.add(1), make_child()
    reference = await house.confirm(parent, child)
    person_id = await person_of(house)
    (relation,) = await house.family.relations.acts_for(parent, parent.person_id)
    assert (relation.id, relation.capacity, relation.person.id) == (reference, Capacity.PARENT_OF_CHILD, person_id)
    assert relation.until == first_instant(date(2031, 3, 5), "Europe/Moscow")
    assert relation.ends_at == first_instant(date(2034, 3, 5), "Europe/Moscow")
    assert await house.family.relations.child_candidates(parent, parent.person_id) == []
    assert await house.may(parent, Action.READ_POLICY, person_id)
    (document,) = await rows(house, RepresentationDocumentRow)
    assert (document.series, document.number, document.act_record) == (
        CERTIFICATE.series,
        CERTIFICATE.number,
        CERTIFICATE.act_record,
    )
    assert (document.source, document.checked_at, document.checked_by) == ("esia", NOW, None)
    assert "012345" not in repr(document)
    assert await house.told() == [
        (person_id, "representation_begun", "person"),
        (parent.person_id, "representation_begun", "representative"),
    ]
    assert sorted(house.published) == sorted([person_id, parent.person_id])
    assert (await house.noted(person_id))[0] == (parent.person_id, "confirm_child", "parent_of_child")


async def test_a_child_who_is_known_is_the_same_person_and_keeps_their_own_facts(house: Household) -> None:
    parent = await house.add(1)
    own = await house.add(2, family_name="Другая", birth_date=date(2016, 3, 5), snils=CHILD_SNILS)
    await house.confirm(parent, make_child())
    assert await person_of(house) == own.person_id
    kept = next(row for row in await rows(house, PersonRow) if row.id == own.person_id)
    assert (kept.family_name, kept.phone) == ("Другая", "+79110000002")


async def test_two_parents_at_once_confirm_one_person(house: Household) -> None:
    parents = [await house.add(number) for number in (1, 2)]
    await asyncio.gather(*(house.confirm(parent, make_child()) for parent in parents))
    found = await rows(house, RepresentationRow)
    assert len({row.person_id for row in found}) == 1
    assert {row.representative_id for row in found} == {parent.person_id for parent in parents}


async def test_nobody_is_merged_by_name(house: Household) -> None:
    """The same name and birth date under another SNILS are another person."""
    parent = await house.add(1)
    other = await house.add(
        2, family_name="Соколов", given_name="Пётр", patronymic="Ильич", birth_date=date(2016, 3, 5)
    )
    await house.confirm(parent, make_child())
    assert await person_of(house) != other.person_id


@pytest.mark.parametrize("born", [date(2016, 3, 6), date(1984, 5, 17)])
async def test_another_person_under_the_same_snils_is_a_conflict(house: Household, born: date) -> None:
    parent = await house.add(1)
    await house.add(2, birth_date=born, snils=CHILD_SNILS)
    with pytest.raises(PersonFactsConflict):
        await house.confirm(parent, make_child())
    assert await rows(house, RepresentationRow) == []
    assert await house.told() == []


async def test_a_parent_is_not_their_own_child(house: Household) -> None:
    parent = await house.add(1, snils=CHILD_SNILS, birth_date=date(2016, 3, 5))
    with pytest.raises(PersonFactsConflict):
        await house.confirm(parent, make_child())


async def test_a_child_is_confirmed_once(house: Household) -> None:
    parent, child = await house.add(1), make_child()
    await house.confirm(parent, child)
    with pytest.raises(RepresentationExists):
        await house.confirm(parent, child)
    assert len(await rows(house, RepresentationRow)) == 1


async def test_the_same_key_confirms_once_and_says_so(house: Household) -> None:
    parent, child, key = await house.add(1), make_child(), uuid7()
    house.children.known[parent.person_id] = [child]
    confirm = house.family.children.confirm
    first = await confirm(parent, child_id=child.id, certificate=TYPED, idempotency_key=key)
    again = await confirm(parent, child_id=child.id, certificate=TYPED, idempotency_key=key)
    assert (first.replayed, again.replayed, again.value) == (False, True, first.value)
    assert len(await house.told()) == 2


async def test_somebody_elses_child_answers_as_a_missing_one(house: Household) -> None:
    parent, stranger, child = await house.add(1), await house.add(2), make_child()
    house.children.known[parent.person_id] = [child]
    for child_id in (child.id, uuid7()):
        with pytest.raises(ChildNotFound):
            await house.family.children.confirm(stranger, child_id=child_id, certificate=TYPED, idempotency_key=uuid7())


async def test_guessing_a_certificate_is_closed_for_a_day_after_five_tries(house: Household) -> None:
    parent, child = await house.add(1), make_child()
    for _ in range(5):
        with pytest.raises(ChildDocumentMismatch):
            await house.confirm(parent, child, WRONG)
    with pytest.raises(ChildCheckLocked):
        await house.confirm(parent, child)
    (check,) = await rows(house, ChildCheckRow)
    assert check.mismatches == 5
    assert await rows(house, RepresentationRow) == []
    house.clock.advance(timedelta(hours=24))
    await house.confirm(parent, child)


async def test_a_replayed_mismatch_is_not_counted_twice(house: Household) -> None:
    parent, child, key = await house.add(1), make_child(), uuid7()
    house.children.known[parent.person_id] = [child]
    for replayed in (False, True):
        with pytest.raises(ChildDocumentMismatch) as refused:
            await house.family.children.confirm(parent, child_id=child.id, certificate=WRONG, idempotency_key=key)
        assert refused.value.replayed is replayed
    assert [row.mismatches for row in await rows(house, ChildCheckRow)] == [1]


async def test_only_a_confirmed_citizen_confirms_a_child(house: Household) -> None:
    confirm = house.family.children.confirm
    for actor, refusal in (
        (None, NotSignedIn),
        (make_principal(assurance=Assurance.STANDARD), AccountNotConfirmed),
        (make_principal(kind=ActorKind.OPERATOR), AccessRefused),
        (make_principal(kind=ActorKind.KIOSK), AccessRefused),
    ):
        with pytest.raises(refusal):
            await confirm(actor, child_id=uuid7(), certificate=TYPED, idempotency_key=uuid7())


@pytest.mark.parametrize("zone", ["Asia/Kamchatka", "Europe/Kaliningrad"])
async def test_rights_narrow_at_15_and_end_at_18_by_the_childs_own_clock(house: Household, zone: str) -> None:
    """S38: 23:59 before a birthday in UTC+12 and UTC+2, and midnight."""
    parent = await house.add(1)
    child = await house.add(2, birth_date=date(2012, 6, 1), snils=CHILD_SNILS, time_zone=zone)
    await house.confirm(parent, make_child(birth_date=date(2012, 6, 1)))
    turned_15, turned_18 = (first_instant(date(2012 + years, 6, 1), zone) for years in (15, 18))
    minute = timedelta(minutes=1)
    expected: tuple[tuple[datetime, set[Action]], ...] = (
        (turned_15 - minute, {Action.READ_INBOX, Action.READ_APPOINTMENTS}),
        (turned_15, {Action.READ_APPOINTMENTS}),
        (turned_18 - minute, {Action.READ_APPOINTMENTS}),
        (turned_18, set()),
    )
    for instant, allowed in expected:
        house.move_to(instant)
        asked = (Action.READ_INBOX, Action.READ_APPOINTMENTS)
        assert {one for one in asked if await house.may(parent, one, child.person_id)} == allowed
    assert await house.family.relations.acts_for(parent, parent.person_id) == []


@pytest.mark.parametrize("zone", ["Asia/Kamchatka", "Europe/Kaliningrad"])
async def test_a_child_is_one_to_the_last_minute_of_17(house: Household, zone: str) -> None:
    parent = await house.add(1)
    await house.add(2, birth_date=date(2009, 6, 1), snils=CHILD_SNILS, time_zone=zone)
    of_age = first_instant(date(2027, 6, 1), zone)
    house.move_to(of_age)
    with pytest.raises(ChildOfAge):
        await house.confirm(parent, make_child(birth_date=date(2009, 6, 1)))
    assert await rows(house, RepresentationRow) == []
    house.move_to(of_age - timedelta(minutes=1))
    await house.confirm(parent, make_child(birth_date=date(2009, 6, 1)))


async def test_who_is_of_age_is_not_recorded_by_the_refusal(house: Household) -> None:
    parent = await house.add(1)
    with pytest.raises(ChildOfAge):
        await house.confirm(parent, make_child(birth_date=date(2008, 11, 22)))
    assert [row.id for row in await rows(house, PersonRow)] == [parent.person_id]


async def test_a_parent_at_work_sees_nothing_of_the_child(house: Household) -> None:
    """A mandate of a citizen is worth nothing at the same human's desk."""
    parent = await house.add(1)
    await house.confirm(parent, make_child())
    at_work = make_principal(parent.person_id, kind=ActorKind.CLINICIAN)
    assert not await house.may(at_work, Action.READ_APPOINTMENTS, await person_of(house))
