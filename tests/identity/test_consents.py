"""Consents as the door to somebody's data (S39)."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from uuid_utils.compat import uuid7

from backend.database import Database
from identity import consents
from identity.access import Action
from identity.audit_tables import AuditOutcome
from identity.capacities import Capacity, Grounds
from identity.consent_errors import ConsentRecipientInvalid
from identity.consent_values import Recipient
from identity.consent_wordings import ConsentTexts
from identity.errors import AccessRefused
from identity.principal import ActorKind, PersonId, Principal
from tests.factories.access import entries_of
from tests.factories.consents import (
    AMBULANCE_ACCESS,
    OGRN,
    OTHER_OGRN,
    Register,
    clinician,
    shipped,
    staff,
    widened,
)
from tests.factories.people import NOW, add_person, make_principal

READ = Action.READ_APPOINTMENTS


@pytest.fixture
def register(database: Database) -> Register:
    return Register(database)


async def signed_in_person(register: Register) -> Principal:
    return replace(make_principal(await add_person(register.database)), expires_at=NOW + timedelta(days=4_000))


async def may_read(register: Register, actor: Principal, person_id: PersonId, action: Action = READ) -> bool:
    try:
        await register.access.admit(actor, action, person_id)
    except AccessRefused:
        return False
    return True


@pytest.mark.parametrize(
    "ogrn", ["1027700132195", "1187746123454", "1205000999994", "1027700000020", "304500116000157"]
)
def test_an_organisation_is_named_by_its_ogrn(ogrn: str) -> None:
    assert Recipient.organization(ogrn).id == ogrn
    for place, digit in enumerate(ogrn):
        wrong = ogrn[:place] + str((int(digit) + 1) % 10) + ogrn[place + 1 :]
        if int(wrong[:-1]) % (len(ogrn) - 2) % 10 != int(wrong[-1]):
            with pytest.raises(ConsentRecipientInvalid):
                Recipient.organization(wrong)


@pytest.mark.parametrize(
    "wrong", ["", "1027700132196", "102770013219", "10277001321950", "١٠٢٧٧٠٠١٣٢١٩٥", "1027700132195\n"]
)
def test_what_is_no_ogrn_is_refused(wrong: str) -> None:
    with pytest.raises(ConsentRecipientInvalid):
        Recipient.organization(wrong)


async def test_a_consent_opens_what_its_text_says_to_whom_it_names(register: Register) -> None:
    person, doctor = await signed_in_person(register), clinician()
    given = await register.give(person)
    grounds = await register.access.admit(doctor, READ, person.person_id)
    assert isinstance(grounds, Grounds)
    assert grounds.capacity is Capacity.CLINICIAN_BY_CONSENT
    assert grounds.mandate is not None
    assert (grounds.mandate.reference, grounds.mandate.until) == (given.id, NOW + timedelta(days=365))
    assert grounds.mandate.rights == frozenset({READ, Action.READ_POLICY, Action.READ_PROFILE})
    (entry,) = await entries_of(register.database, person.person_id)
    assert (entry.outcome, entry.reference, entry.organization) == (AuditOutcome.ALLOWED, given.id, OGRN)


async def test_it_opens_nothing_to_anybody_else(register: Register) -> None:
    person, other = await signed_in_person(register), await signed_in_person(register)
    await register.give(person)
    assert not await may_read(register, clinician(OTHER_OGRN), person.person_id)
    assert not await may_read(register, clinician(None), person.person_id)
    assert not await may_read(register, staff(ActorKind.AMBULANCE_CREW), person.person_id)
    assert not await may_read(register, make_principal(), person.person_id)
    assert not await may_read(register, clinician(), other.person_id)
    assert not await may_read(register, clinician(), person.person_id, Action.BOOK_APPOINTMENT)
    assert not await may_read(register, clinician(), person.person_id, Action.READ_INBOX)


async def test_one_clinician_is_not_their_organisation(register: Register) -> None:
    person, doctor = await signed_in_person(register), clinician()
    await register.give(person, register.wish(Recipient.clinician(doctor.person_id)))
    assert await may_read(register, doctor, person.person_id)
    assert await may_read(register, replace(doctor, organization=OTHER_OGRN), person.person_id)
    assert not await may_read(register, replace(doctor, kind=ActorKind.CITIZEN), person.person_id)
    assert not await may_read(register, clinician(), person.person_id)


async def test_every_crew_is_let_in_by_a_consent_to_the_ambulance(register: Register) -> None:
    person = await signed_in_person(register)
    await register.give(person, register.wish(purpose=AMBULANCE_ACCESS))
    for organization in (OGRN, OTHER_OGRN):
        assert await may_read(register, staff(ActorKind.AMBULANCE_CREW, organization), person.person_id)
    assert not await may_read(register, clinician(), person.person_id)


async def test_it_ends_at_its_term_to_the_instant(register: Register) -> None:
    person, doctor = await signed_in_person(register), clinician()
    await register.give(person, register.wish(lasts=timedelta(days=7)))
    register.clock.advance(timedelta(days=7) - timedelta(microseconds=1))
    assert await may_read(register, doctor, person.person_id)
    register.clock.advance(timedelta(microseconds=1))
    assert not await may_read(register, doctor, person.person_id)


async def test_a_withdrawn_consent_denies_the_next_request(register: Register) -> None:
    """S39, and the refusal stands in the person's log."""
    person, doctor = await signed_in_person(register), clinician()
    given = await register.give(person)
    assert await may_read(register, doctor, person.person_id)
    await register.withdraw(person, given.id)
    assert not await may_read(register, doctor, person.person_id)
    outcomes = [entry.outcome for entry in await entries_of(register.database, person.person_id)]
    assert outcomes == [AuditOutcome.ALLOWED, AuditOutcome.DENIED]


async def watch(register: Register, actor: Principal, person_id: PersonId) -> AsyncIterator[int]:
    """Follow a person's data as every stream of ours does: the right is asked for at each tick."""
    tick = 0
    while True:
        await register.access.admit(actor, READ, person_id)
        yield tick
        tick += 1


async def test_a_withdrawn_consent_ends_a_stream_at_its_next_tick(register: Register) -> None:
    """S39."""
    person, doctor = await signed_in_person(register), clinician()
    given = await register.give(person)
    ticks = watch(register, doctor, person.person_id)
    assert [await anext(ticks), await anext(ticks)] == [0, 1]
    await register.withdraw(person, given.id)
    with pytest.raises(AccessRefused):
        await anext(ticks)


async def test_a_withdrawn_consent_stops_the_scheduled_send(register: Register) -> None:
    """S39: who sends asks the door in the transaction of the sending."""
    person, purpose = await signed_in_person(register), "insurance_informing"

    async def may_send(recipient: Recipient | None = None, of: str = purpose) -> bool:
        async with register.database.transaction() as session:
            return await consents.is_given(
                session, person.person_id, of, recipient or Recipient.of_purpose(), register.clock()
            )

    assert not await may_send()
    given = await register.give(person, register.wish(purpose=purpose, lasts=timedelta(days=30)))
    assert await may_send()
    assert not await may_send(of="notifications_sensitive")
    assert not await may_send(Recipient.organization(OGRN))
    await register.withdraw(person, given.id)
    assert not await may_send()
    await register.give(person, register.wish(purpose=purpose, lasts=timedelta(days=30)))
    assert await may_send()
    register.clock.advance(timedelta(days=30))
    assert not await may_send()


async def test_a_superseded_text_still_opens_what_it_said_and_nothing_more(database: Database) -> None:
    first = replace(shipped(), rights=frozenset({Action.READ_PROFILE}))
    wider = widened(first, version=2, valid_from=NOW + timedelta(days=1), rights=frozenset({Action.READ_PROFILE, READ}))
    register = Register(database, ConsentTexts({(one.purpose, one.version): one for one in (first, wider)}))
    person, doctor = await signed_in_person(register), clinician()
    await register.give(person)
    register.clock.advance(timedelta(days=2))
    assert await may_read(register, doctor, person.person_id, Action.READ_PROFILE)
    assert not await may_read(register, doctor, person.person_id, READ)
    await register.give(person)
    assert await may_read(register, doctor, person.person_id, READ)


async def test_a_consent_to_a_text_that_is_gone_opens_nothing(database: Database) -> None:
    register = Register(database)
    person, doctor = await signed_in_person(register), clinician()
    await register.give(person)
    empty = Register(database, ConsentTexts({}))
    assert not await may_read(empty, doctor, person.person_id)
    assert ConsentTexts({}).purposes == ()


async def test_consents_of_another_person_are_not_found(register: Register) -> None:
    person = await signed_in_person(register)
    given = await register.give(person)
    async with register.database.transaction() as session:
        stranger = PersonId(uuid7())
        assert await consents.withdraw(session, stranger, given.id, by=stranger, now=NOW) is None
        assert await consents.find(session, stranger, given.id) is None
        assert await consents.find(session, person.person_id, given.id) == given
