"""Adults who trust each other: nobody learns by inviting who is here, and what was not given stays closed."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import select
from uuid_utils.compat import uuid7

from backend.family.errors import (
    AdultsOnly,
    FamilyRefusal,
    GrantTermInvalid,
    InvitationNotFound,
    RepresentationByLaw,
    RepresentationEnded,
    RepresentationNotFound,
    TooManyInvitations,
)
from backend.family.rules import MOST_INVITATIONS
from backend.family.values import Grantee
from backend.idempotency import IdempotencyKeyReused
from backend.profile.values import Phone, Snils
from identity.access import Action
from identity.capacities import Capacity
from identity.representation_tables import InvitationRow, InvitationState, RepresentationRow
from identity.representation_values import EndReason, GrantedRight
from tests.factories.family import GRANTEE_BORN, GRANTEE_PHONE, Household, make_child
from tests.factories.people import NOW, snils_for

READ, BOOK, COLLECT = GrantedRight.READ, GrantedRight.BOOK, GrantedRight.COLLECT
DAY = timedelta(days=1)
ASKED = (Action.READ_PROFILE, Action.READ_APPOINTMENTS, Action.BOOK_APPOINTMENT, Action.READ_INBOX, Action.EXPORT_DATA)


async def invitations(house: Household) -> list[InvitationRow]:
    async with house.database.reading() as session:
        return list((await session.exec(select(InvitationRow))).all())


async def test_an_invitation_is_accepted_and_opens_what_was_given(house: Household) -> None:
    anna, boris = await house.add(1), await house.add_grantee()
    reference = await house.trust(anna, boris, (READ, 30 * DAY), (BOOK, 10 * DAY))
    allowed = {action for action in ASKED if await house.may(boris, action, anna.person_id)}
    assert allowed == {Action.READ_PROFILE, Action.READ_APPOINTMENTS, Action.BOOK_APPOINTMENT}
    (mine,) = await house.family.relations.acts_for(boris, boris.person_id)
    (theirs,) = await house.family.relations.acted_for_by(anna, anna.person_id)
    assert (mine.id, mine.person.id, mine.capacity) == (reference, anna.person_id, Capacity.TRUSTED_ADULT)
    assert (theirs.id, theirs.person.id) == (reference, boris.person_id)
    assert mine.rights == {READ: NOW + 30 * DAY, BOOK: NOW + 10 * DAY}
    assert (mine.until, mine.ends_at) == (NOW + 10 * DAY, NOW + 30 * DAY)
    assert await house.told() == [
        (anna.person_id, "representation_offered", "person"),
        (boris.person_id, "representation_offered", "representative"),
        (anna.person_id, "representation_begun", "person"),
        (boris.person_id, "representation_begun", "representative"),
    ]
    assert (await house.noted(anna.person_id))[0] == (boris.person_id, "answer_representation", "trusted_adult")
    assert not await house.may(anna, Action.READ_PROFILE, boris.person_id)


async def test_each_right_ends_by_itself(house: Household) -> None:
    anna, boris = await house.add(1), await house.add_grantee()
    await house.trust(anna, boris, (READ, 30 * DAY), (BOOK, 10 * DAY))
    house.move_to(NOW + 10 * DAY)
    assert await house.may(boris, Action.READ_APPOINTMENTS, anna.person_id)
    assert not await house.may(boris, Action.BOOK_APPOINTMENT, anna.person_id)
    house.move_to(NOW + 30 * DAY)
    assert not await house.may(boris, Action.READ_APPOINTMENTS, anna.person_id)
    assert await house.family.relations.acts_for(boris, boris.person_id) == []


async def test_collecting_is_kept_and_opens_nothing(house: Household) -> None:
    anna, boris = await house.add(1), await house.add_grantee()
    await house.trust(anna, boris, (COLLECT, DAY))
    assert [action for action in Action if action is not Action.READ_REFERENCE
            and await house.may(boris, action, anna.person_id)] == []  # fmt: skip
    (relation,) = await house.family.relations.acts_for(boris, boris.person_id)
    assert relation.rights == {COLLECT: NOW + DAY}


async def test_inviting_tells_nothing_about_who_is_here(house: Household) -> None:
    """The same answer and the same rows for an adult who is here, and for one who is not."""
    anna = await house.add(1)
    await house.add_grantee()
    _, code = await house.grant(anna, (READ, DAY))
    _, other = await house.grant(anna, (READ, DAY), phone="+79990000000")
    assert len(code) == len(other) == 64
    here, away = await invitations(house)
    assert (here.state, here.representative_id) == (away.state, away.representative_id) == ("offered", None)
    assert [told[0] for told in await house.told()] == [anna.person_id, anna.person_id]


async def test_what_is_kept_names_nobody(house: Household) -> None:
    anna = await house.add(1)
    _, code = await house.grant(anna, (READ, DAY))
    (row,) = await invitations(house)
    kept = repr(row.model_dump())
    for secret in (code, GRANTEE_PHONE, GRANTEE_BORN.isoformat()):
        assert secret not in kept


@pytest.mark.parametrize(
    "reader",
    [
        {"phone": GRANTEE_PHONE, "birth_date": date(1990, 7, 2)},
        {"phone": "+79105550201", "birth_date": GRANTEE_BORN},
        {"phone": None, "birth_date": GRANTEE_BORN},
        {"phone": None, "snils": None, "birth_date": GRANTEE_BORN},
    ],
)
async def test_a_code_serves_nobody_else(house: Household, reader: dict[str, Any]) -> None:
    anna, other = await house.add(1), await house.add(3, **reader)
    _, code = await house.grant(anna, (READ, DAY))
    with pytest.raises(InvitationNotFound):
        await house.open(other, code)
    assert [row.state for row in await invitations(house)] == [InvitationState.OFFERED]


@pytest.mark.parametrize("code", ["", "x" * 64, "A" * 63, "é" * 64, "A" * 10_000, "AAAA\x00"])
async def test_a_code_of_no_form_is_a_missing_one(house: Household, code: str) -> None:
    with pytest.raises(InvitationNotFound):
        await house.open(await house.add_grantee(), code)


async def test_an_adult_may_be_named_by_snils(house: Household) -> None:
    anna, boris = await house.add(1), await house.add_grantee()
    offer = await house.family.grants.grant(
        anna,
        grantee=Grantee(None, Snils(snils_for(300_000_002)), GRANTEE_BORN),
        rights=[(READ, NOW + DAY)],
        idempotency_key=uuid7(),
    )
    assert await house.open(boris, offer.value.code) == offer.value.invitation.id


async def test_a_repeated_key_gives_the_same_code_and_another_input_is_refused(house: Household) -> None:
    anna, key = await house.add(1), uuid7()

    async def grant(days: int) -> tuple[str, bool]:
        outcome = await house.family.grants.grant(
            anna,
            grantee=Grantee(Phone(GRANTEE_PHONE), None, GRANTEE_BORN),
            rights=[(READ, NOW + days * DAY)],
            idempotency_key=key,
        )
        return outcome.value.code, outcome.replayed

    code, _ = await grant(1)
    assert await grant(1) == (code, True)
    with pytest.raises(IdempotencyKeyReused):
        await grant(2)
    assert len(await invitations(house)) == 1


async def test_nobody_invites_themselves(house: Household) -> None:
    boris = await house.add_grantee()
    _, code = await house.grant(boris, (READ, DAY))
    with pytest.raises(InvitationNotFound):
        await house.open(boris, code)


async def test_only_who_has_opened_it_answers(house: Household) -> None:
    anna, boris, third = await house.add(1), await house.add_grantee(), await house.add(3)
    invitation_id, code = await house.grant(anna, (READ, DAY))
    for reader in (boris, third, anna):
        with pytest.raises(InvitationNotFound):
            await house.accept(reader, invitation_id)
    await house.open(boris, code)
    assert await house.open(boris, code) == invitation_id
    for reader in (third, anna):
        with pytest.raises(InvitationNotFound):
            await house.accept(reader, invitation_id)
    await house.accept(boris, invitation_id)
    with pytest.raises(InvitationNotFound):
        await house.accept(boris, invitation_id)


async def test_an_invitation_is_answered_within_72_hours(house: Household) -> None:
    anna, boris = await house.add(1), await house.add_grantee()
    invitation_id, code = await house.grant(anna, (READ, 30 * DAY))
    await house.open(boris, code)
    house.move_to(NOW + timedelta(hours=72))
    with pytest.raises(InvitationNotFound):
        await house.accept(boris, invitation_id)
    with pytest.raises(InvitationNotFound):
        await house.open(boris, code)
    assert await house.family.relations.invitations(anna, anna.person_id) == []


async def test_a_declined_invitation_opens_nothing_and_its_maker_is_told(house: Household) -> None:
    anna, boris = await house.add(1), await house.add_grantee()
    invitation_id, code = await house.grant(anna, (READ, DAY))
    await house.open(boris, code)
    await house.family.grants.decline(boris, invitation_id=invitation_id, idempotency_key=uuid7())
    assert not await house.may(boris, Action.READ_PROFILE, anna.person_id)
    assert (await house.told())[-1][:2] == (anna.person_id, "representation_declined")
    with pytest.raises(InvitationNotFound):
        await house.accept(boris, invitation_id)


async def test_an_invitation_is_taken_back(house: Household) -> None:
    anna, boris = await house.add(1), await house.add_grantee()
    invitation_id, code = await house.grant(anna, (READ, DAY))
    with pytest.raises(InvitationNotFound):
        await house.family.endings.withdraw(boris, invitation_id=invitation_id, idempotency_key=uuid7())
    await house.family.endings.withdraw(anna, invitation_id=invitation_id, idempotency_key=uuid7())
    with pytest.raises(InvitationNotFound):
        await house.open(boris, code)


async def test_both_sides_see_an_opened_invitation(house: Household) -> None:
    anna, boris = await house.add(1), await house.add_grantee()
    _, code = await house.grant(anna, (READ, DAY))
    (made,) = await house.family.relations.invitations(anna, anna.person_id)
    assert (made.state, made.person) == (InvitationState.OFFERED, None)
    assert await house.family.relations.invitations(boris, boris.person_id) == []
    await house.open(boris, code)
    (received,) = await house.family.relations.invitations(boris, boris.person_id)
    assert received.person is not None
    assert received.person.id == anna.person_id


async def test_what_is_given_anew_replaces_what_was_given(house: Household) -> None:
    anna, boris = await house.add(1), await house.add_grantee()
    first = await house.trust(anna, boris, (READ, 30 * DAY))
    second = await house.trust(anna, boris, (BOOK, DAY))
    assert not await house.may(boris, Action.READ_APPOINTMENTS, anna.person_id)
    assert await house.may(boris, Action.BOOK_APPOINTMENT, anna.person_id)
    async with house.database.reading() as session:
        found = {row.id: row.end_reason for row in (await session.exec(select(RepresentationRow))).all()}
    assert found == {first: EndReason.REPLACED, second: None}


@pytest.mark.parametrize("side", [0, 1])
async def test_either_side_ends_it_at_once_and_both_are_told(house: Household, side: int) -> None:
    sides = await house.add(1), await house.add_grantee()
    anna, boris = sides
    reference = await house.trust(anna, boris, (READ, 30 * DAY))
    assert await house.may(boris, Action.READ_PROFILE, anna.person_id)
    await house.end(sides[side], reference)
    assert not await house.may(boris, Action.READ_PROFILE, anna.person_id)
    assert (await house.told())[-2:] == [
        (anna.person_id, "representation_ended", "person"),
        (boris.person_id, "representation_ended", "representative"),
    ]
    with pytest.raises(RepresentationEnded):
        await house.end(sides[1 - side], reference)


async def test_a_stranger_ends_nothing(house: Household) -> None:
    anna, boris, third = await house.add(1), await house.add_grantee(), await house.add(3)
    reference = await house.trust(anna, boris, (READ, DAY))
    for representation_id in (reference, uuid7()):
        with pytest.raises(RepresentationNotFound):
            await house.end(third, representation_id)
    assert await house.may(boris, Action.READ_PROFILE, anna.person_id)


async def test_a_child_cannot_end_what_the_law_gives_and_the_parent_can(house: Household) -> None:
    parent = await house.add(1)
    child = await house.add(2, birth_date=date(2010, 3, 5), snils=make_child().told.snils)
    reference = await house.confirm(parent, make_child(birth_date=date(2010, 3, 5)))
    with pytest.raises(RepresentationByLaw):
        await house.end(child, reference)
    assert await house.may(parent, Action.READ_APPOINTMENTS, child.person_id)
    await house.end(parent, reference)
    assert not await house.may(parent, Action.READ_APPOINTMENTS, child.person_id)


@pytest.mark.parametrize(("born", "refused"), [(date(2008, 11, 23), True), (date(2008, 11, 22), False)])
async def test_only_adults_trust_each_other(house: Household, born: date, refused: bool) -> None:
    anna, young = await house.add(1), await house.add(2, birth_date=born)

    async def attempt(work: object) -> type[FamilyRefusal] | None:
        try:
            await work  # type: ignore[misc] # an awaitable
        except FamilyRefusal as refusal:
            return type(refusal)
        return None

    expected = AdultsOnly if refused else None
    assert await attempt(house.grant(young, (READ, DAY))) is expected
    offer = await house.family.grants.grant(
        anna,
        grantee=Grantee(Phone("+79110000002"), None, born),
        rights=[(READ, NOW + DAY)],
        idempotency_key=uuid7(),
    )
    assert await attempt(house.open(young, offer.value.code)) is expected


async def test_a_refused_grant_leaves_nothing(house: Household) -> None:
    anna = await house.add(1)
    with pytest.raises(GrantTermInvalid):
        await house.grant(anna, (READ, 366 * DAY))
    assert await invitations(house) == []
    assert await house.told() == []


async def test_unanswered_invitations_are_counted(house: Household) -> None:
    anna = await house.add(1)
    for _ in range(MOST_INVITATIONS):
        await house.grant(anna, (READ, DAY))
    with pytest.raises(TooManyInvitations):
        await house.grant(anna, (READ, DAY))
    house.clock.advance(DAY)
    await house.grant(anna, (READ, DAY))
