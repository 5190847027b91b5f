"""A guardian is one when an officer has seen the document, on its days, and no longer."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select
from uuid_utils.compat import uuid7

from backend.family.errors import (
    GuardianshipNotFound,
    GuardianshipTermInvalid,
    OfficerNoteRefused,
    PersonFactsConflict,
    RepresentationEnded,
    RepresentationExists,
    RepresentationNotFound,
    TooManyGuardianships,
)
from backend.family.rules import MOST_WAITING
from backend.family.values import CheckPosition, Guardianship
from backend.profile.tables import PersonRow
from backend.profile.values import Snils
from identity.access import Action
from identity.capacities import Capacity, Category
from identity.errors import AccessRefused
from identity.principal import ActorKind, Principal
from identity.representation_tables import GuardianshipState, RepresentationDocumentRow, RepresentationRow
from identity.representation_values import EndReason, GrantedRight, Term
from tests.factories.family import Household, make_child, make_document, make_ward
from tests.factories.people import NOW, make_principal, snils_for

WARD_SNILS = snils_for(200_000_002)
DAY = timedelta(days=1)
WHY = "подлинник предъявлен"


async def register(house: Household, guardian: Principal, **document: object) -> Guardianship:
    outcome = await house.family.guardianships.register(
        guardian, ward=make_ward(), document=make_document(**document), idempotency_key=uuid7()
    )
    return outcome.value


async def settle(house: Household, officer: Principal, told: Guardianship, *, is_confirmed: bool = True) -> Any:
    outcome = await house.family.desk.settle(
        officer, guardianship_id=told.id, is_confirmed=is_confirmed, note=WHY, idempotency_key=uuid7()
    )
    return outcome.value.representation_id


async def waiting(house: Household, officer: Principal) -> list[Guardianship]:
    page = await house.family.desk.list_queue(officer, state=GuardianshipState.WAITING_FOR_CHECK, limit=100)
    return [one.told for one in page.items]


async def officer_of(house: Household) -> Principal:
    return await house.add(9, kind=ActorKind.AUDITOR)


async def persons(house: Household) -> set[object]:
    async with house.database.reading() as session:
        return set((await session.exec(select(PersonRow.id))).all())


@pytest.mark.parametrize("is_here", [True, False])
async def test_telling_of_a_guardianship_opens_nothing_and_tells_nothing(house: Household, is_here: bool) -> None:
    guardian = await house.add(1)
    ward = await house.add(2, snils=WARD_SNILS, birth_date=date(2016, 3, 5)) if is_here else None
    before = await persons(house)
    told = await register(house, guardian)
    assert told.state is GuardianshipState.WAITING_FOR_CHECK
    assert await persons(house) == before
    assert await house.told() == []
    assert await house.family.relations.acts_for(guardian, guardian.person_id) == []
    assert await house.family.relations.guardianships(guardian, guardian.person_id) == [told]
    if ward is not None:
        assert not await house.may(guardian, Action.READ_PROFILE, ward.person_id)


async def test_an_officer_confirms_and_it_is_in_both_audits(house: Household) -> None:
    guardian, officer = await house.add(1), await officer_of(house)
    ward = await house.add(2, snils=WARD_SNILS, birth_date=date(2016, 3, 5))
    told = await register(house, guardian)
    assert await waiting(house, officer) == [told]
    reference = await settle(house, officer, told)
    (relation,) = await house.family.relations.acts_for(guardian, guardian.person_id)
    assert (relation.id, relation.capacity, relation.person.id) == (reference, Capacity.GUARDIAN, ward.person_id)
    assert relation.ends_at == datetime(2028, 1, 9, 21, tzinfo=UTC)
    assert await house.may(guardian, Action.READ_INBOX, ward.person_id)
    for person in (guardian, ward):
        assert (officer.person_id, "check_representation", "auditor_desk") in await house.noted(person.person_id)
    async with house.database.reading() as session:
        (document,) = (await session.exec(select(RepresentationDocumentRow))).all()
    assert (document.number, document.source, document.checked_by) == ("17-р", "desk", officer.person_id)
    assert await waiting(house, officer) == []
    with pytest.raises(GuardianshipNotFound):
        await settle(house, officer, told)


async def test_a_ward_whom_nobody_knew_becomes_a_person(house: Household) -> None:
    guardian, officer = await house.add(1), await officer_of(house)
    await settle(house, officer, await register(house, guardian))
    (relation,) = await house.family.relations.acts_for(guardian, guardian.person_id)
    assert (relation.person.snils, relation.person.source) == (Snils(WARD_SNILS), "desk")


async def test_a_refused_document_opens_nothing_and_the_guardian_is_told(house: Household) -> None:
    guardian, officer = await house.add(1), await officer_of(house)
    assert await settle(house, officer, await register(house, guardian), is_confirmed=False) is None
    assert await house.family.relations.acts_for(guardian, guardian.person_id) == []
    assert await house.told() == [(guardian.person_id, "guardianship_refused", "")]


async def test_it_ends_by_itself_after_its_last_day(house: Household) -> None:
    guardian, officer = await house.add(1), await officer_of(house)
    ward = await house.add(2, snils=WARD_SNILS, birth_date=date(2016, 3, 5), time_zone="Asia/Kamchatka")
    term = Term(date(2026, 11, 23), date(2026, 12, 31))
    await settle(house, officer, await register(house, guardian, term=term))
    for instant, allowed in (
        (datetime(2026, 11, 22, 11, 59, tzinfo=UTC), False),
        (datetime(2026, 11, 22, 12, 0, tzinfo=UTC), True),
        (datetime(2026, 12, 31, 11, 59, tzinfo=UTC), True),
        (datetime(2026, 12, 31, 12, 0, tzinfo=UTC), False),
    ):
        house.move_to(instant)
        assert await house.may(guardian, Action.READ_PROFILE, ward.person_id) is allowed


async def test_a_guardian_of_a_teenager_has_no_more_than_a_parent(house: Household) -> None:
    guardian, officer = await house.add(1), await officer_of(house)
    ward = await house.add(2, snils=WARD_SNILS, birth_date=date(2016, 3, 5))
    await settle(house, officer, await register(house, guardian, term=Term(date(2026, 1, 1), date(2034, 1, 1))))
    house.move_to(datetime(2031, 3, 5, tzinfo=UTC))
    assert not await house.may(guardian, Action.READ_INBOX, ward.person_id)
    grounds = await house.access.admit(guardian, Action.READ_APPOINTMENTS, ward.person_id)
    assert grounds.withheld == frozenset(Category)


async def test_nobody_but_an_officer_settles_and_no_officer_their_own(house: Household) -> None:
    guardian = await house.add(1)
    told = await register(house, guardian)
    for actor in (
        guardian,
        await house.add(3),
        make_principal(kind=ActorKind.OPERATOR),
        make_principal(guardian.person_id, kind=ActorKind.AUDITOR),
    ):
        with pytest.raises(AccessRefused):
            await settle(house, actor, told)
    ward_at_work = await house.add(2, kind=ActorKind.AUDITOR, snils=WARD_SNILS, birth_date=date(2016, 3, 5))
    with pytest.raises(AccessRefused):
        await settle(house, ward_at_work, told)
    with pytest.raises(AccessRefused):
        await waiting(house, guardian)
    assert await house.family.relations.guardianships(guardian, guardian.person_id) == [told]


async def test_another_person_under_the_wards_snils_settles_nothing(house: Household) -> None:
    guardian, officer = await house.add(1), await officer_of(house)
    await house.add(2, snils=WARD_SNILS, birth_date=date(2016, 3, 6))
    told = await register(house, guardian)
    with pytest.raises(PersonFactsConflict):
        await settle(house, officer, told)
    assert await waiting(house, officer) == [told]


async def test_the_same_ward_is_confirmed_once(house: Household) -> None:
    guardian, officer = await house.add(1), await officer_of(house)
    first, second = await register(house, guardian), await register(house, guardian)
    await settle(house, officer, first)
    with pytest.raises(RepresentationExists):
        await settle(house, officer, second)


async def test_a_document_that_is_over_is_not_taken(house: Household) -> None:
    with pytest.raises(GuardianshipTermInvalid):
        await register(house, await house.add(1), term=Term(date(2024, 1, 1), NOW.date() - DAY))


async def test_waiting_guardianships_are_counted(house: Household) -> None:
    guardian = await house.add(1)
    for _ in range(MOST_WAITING):
        await register(house, guardian)
    with pytest.raises(TooManyGuardianships):
        await register(house, guardian)


async def test_an_officer_ends_what_the_law_gave_and_nothing_else(house: Household) -> None:
    parent, boris, officer = await house.add(1), await house.add_grantee(), await officer_of(house)
    reference = await house.confirm(parent, make_child())
    trust = await house.trust(parent, boris, (GrantedRight.READ, DAY))
    (relation,) = await house.family.relations.acts_for(parent, parent.person_id)
    end = house.family.desk.end
    child_id = relation.person.id
    for representation_id in (trust, uuid7()):
        with pytest.raises(RepresentationNotFound):
            await end(officer, representation_id=representation_id, note=WHY, idempotency_key=uuid7())
    for actor in (parent, make_principal(child_id, kind=ActorKind.AUDITOR)):
        with pytest.raises(AccessRefused):
            await end(actor, representation_id=reference, note=WHY, idempotency_key=uuid7())
    for note in (None, " ", "я" * 1001):
        with pytest.raises(OfficerNoteRefused):
            await end(officer, representation_id=reference, note=note, idempotency_key=uuid7())
    assert await house.may(parent, Action.READ_PROFILE, child_id)
    await end(officer, representation_id=reference, note=WHY, idempotency_key=uuid7())
    assert not await house.may(parent, Action.READ_PROFILE, child_id)
    async with house.database.reading() as session:
        row = await session.get(RepresentationRow, (child_id, reference))
    assert row is not None
    assert (row.ended_by, row.end_reason, row.end_note) == (officer.person_id, EndReason.BY_OFFICER, WHY)
    with pytest.raises(RepresentationEnded):
        await end(officer, representation_id=reference, note=WHY, idempotency_key=uuid7())


async def test_the_queue_is_paged_by_place_and_each_look_is_in_the_guardians_log(house: Household) -> None:
    guardians, officer = [await house.add(number) for number in (1, 2, 3)], await officer_of(house)
    told = [await register(house, guardian) for guardian in guardians for _ in range(2)]
    page = await house.family.desk.list_queue(officer, state=GuardianshipState.WAITING_FOR_CHECK, limit=2)
    assert ([one.told for one in page.items], page.has_next) == (told[:2], True)
    await settle(house, officer, told[0], is_confirmed=False)  # what is gone shifts nothing
    place = CheckPosition(page.items[-1].told.requested_at, page.items[-1].told.id)
    rest = await house.family.desk.list_queue(officer, state=GuardianshipState.WAITING_FOR_CHECK, limit=9, after=place)
    assert ([one.told for one in rest.items], rest.has_next) == (told[2:], False)
    for guardian in guardians:
        assert (officer.person_id, "check_representation", "auditor_desk") in await house.noted(guardian.person_id)


async def test_what_was_settled_stands_in_the_queue_with_its_note_and_its_end(house: Household) -> None:
    guardian, officer = await house.add(1), await officer_of(house)
    told = await register(house, guardian)
    reference = await settle(house, officer, told)
    (check,) = (await house.family.desk.list_queue(officer, state=GuardianshipState.CONFIRMED, limit=9)).items
    assert (check.told.id, check.note, check.representation_id, check.ended_at) == (told.id, WHY, reference, None)
    assert check.guardian is not None
    assert check.guardian.id == guardian.person_id
    await house.family.desk.end(officer, representation_id=reference, note=WHY, idempotency_key=uuid7())
    (check,) = (await house.family.desk.list_queue(officer, state=GuardianshipState.CONFIRMED, limit=9)).items
    assert check.ended_at == NOW


async def test_a_refusal_says_why_and_a_repeated_key_settles_once(house: Household) -> None:
    guardian, officer = await house.add(1), await officer_of(house)
    told, key = await register(house, guardian), uuid7()
    settle_it = house.family.desk.settle
    for note in (None, "", " \n", "я" * 1001):
        with pytest.raises(OfficerNoteRefused):
            await settle_it(officer, guardianship_id=told.id, is_confirmed=False, note=note, idempotency_key=uuid7())
    assert await waiting(house, officer) == [told]
    outcomes = [
        await settle_it(officer, guardianship_id=told.id, is_confirmed=False, note=WHY, idempotency_key=key)
        for _ in range(2)
    ]
    assert [outcome.replayed for outcome in outcomes] == [False, True]
    assert outcomes[0].value == outcomes[1].value
    assert outcomes[0].value.told.state is GuardianshipState.REFUSED
