"""The register of consents: what is written, what is refused, what can be read again."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import func, select
from uuid_utils.compat import uuid7

from backend.consents.errors import (
    ConsentRecipientNotAllowed,
    ConsentTermInvalid,
    ConsentTextOutdated,
    ConsentTextUnknown,
)
from backend.consents.service import Wish
from backend.consents.values import ConsentPosition
from backend.database import Database
from backend.errors import NotFound, Refusal
from backend.idempotency import IdempotencyKeyReused
from identity.capacities import Capacity
from identity.consent_tables import ConsentRow
from identity.consent_values import Consent, ConsentId, Recipient
from identity.consent_wordings import ConsentTexts
from identity.errors import AccessRefused, AccountNotConfirmed, IdentityRefusal, NotSignedIn
from identity.principal import ActorKind, Assurance, PersonId, Principal
from identity.queries import record_sign_in
from identity.tables import Session
from tests.factories.consents import (
    AMBULANCE_ACCESS,
    CLINICIAN_ACCESS,
    OGRN,
    OTHER_OGRN,
    Register,
    shipped,
    staff,
    widened,
)
from tests.factories.people import NOW, add_person, make_principal

YEAR = timedelta(days=365)
INSTANT = timedelta(microseconds=1)


@pytest.fixture
def register(database: Database) -> Register:
    return Register(database)


async def person_of(register: Register) -> Principal:
    return make_principal(await add_person(register.database))


async def count(register: Register) -> int:
    async with register.database.reading() as session:
        return (await session.exec(select(func.count()).select_from(ConsentRow))).one()


async def listed(register: Register, person: Principal) -> list[Consent]:
    return (await register.service.list_page(person, person.person_id, limit=100)).items


@pytest.mark.parametrize("language", ["ru", "en"])
async def test_the_register_keeps_the_very_text_and_how_it_was_signed(register: Register, language: str) -> None:
    person = await person_of(register)
    given = await register.give(person, register.wish(language=language, lasts=timedelta(days=7)))
    text = shipped()
    assert given.text_hash == text.wordings["en" if language == "en" else "ru"].hash
    assert (given.purpose, given.version, given.language) == (CLINICIAN_ACCESS, 1, language)
    assert (given.recipient, given.given_at, given.expires_at) == (
        Recipient.organization(OGRN),
        NOW,
        NOW + timedelta(days=7),
    )
    signature = given.signature
    assert (signature.by, signature.capacity, signature.assurance) == (
        person.person_id,
        Capacity.SELF,
        Assurance.CONFIRMED,
    )
    assert (signature.session_id, signature.authenticated_at) == (person.session_id, None)
    assert await listed(register, person) == [given]
    assert await register.service.by_ids(person, person.person_id, [given.id, uuid7()]) == {given.id: given}


async def test_it_keeps_when_the_person_last_proved_who_they_are(register: Register) -> None:
    person = await person_of(register)
    proven_at = NOW - timedelta(minutes=3)
    async with register.database.transaction() as session:
        await record_sign_in(
            session,
            candidate=person.person_id,
            issuer="esia",
            subject="1",
            assurance=Assurance.CONFIRMED,
            now=proven_at,
        )
        session.add(
            Session(
                person_id=person.person_id,
                id=person.session_id,
                client_id="ios",
                authenticated_at=proven_at,
                created_at=proven_at,
                expires_at=NOW + YEAR,
            )
        )
    assert (await register.give(person)).signature.authenticated_at == proven_at


async def test_without_a_term_it_holds_as_long_as_the_text_allows(register: Register) -> None:
    person = await person_of(register)
    assert (await register.give(person)).expires_at == NOW + YEAR


async def test_an_earlier_one_of_the_same_recipient_is_replaced(register: Register) -> None:
    person = await person_of(register)
    first = await register.give(person)
    elsewhere = await register.give(person, register.wish(Recipient.organization(OTHER_OGRN)))
    register.clock.advance(timedelta(days=1))
    second = await register.give(person)
    found = await listed(register, person)
    assert {one.id: one.replaced_at for one in found} == {
        first.id: NOW + timedelta(days=1),
        elsewhere.id: None,
        second.id: None,
    }
    assert await register.withdraw(person, first.id) == replace(first, replaced_at=NOW + timedelta(days=1))
    assert (await register.withdraw(person, second.id)).withdrawn_at == NOW + timedelta(days=1)


async def test_of_many_given_at_once_one_is_open(register: Register) -> None:
    person = await person_of(register)
    await asyncio.gather(*(register.give(person) for _ in range(6)))
    assert [one.replaced_at for one in await listed(register, person)].count(None) == 1
    assert await count(register) == 6


async def test_a_withdrawal_is_written_once_and_by_whom(register: Register) -> None:
    person = await person_of(register)
    given = await register.give(person)
    register.clock.advance(timedelta(hours=1))
    withdrawn = await register.withdraw(person, given.id)
    register.clock.advance(timedelta(hours=1))
    again = await register.withdraw(person, given.id)
    assert (withdrawn.withdrawn_at, withdrawn.withdrawn_by) == (NOW + timedelta(hours=1), person.person_id)
    assert again == withdrawn


async def test_a_repeated_key_returns_the_consent_as_it_stands(register: Register) -> None:
    person, key, wish = await person_of(register), uuid7(), register.wish()
    given = await register.give(person, wish, key=key)
    withdrawn = await register.withdraw(person, given.id)
    again = await register.service.give(person, person.person_id, wish, idempotency_key=key)
    assert (again.value, again.replayed) == (withdrawn, True)
    assert await count(register) == 1
    with pytest.raises(IdempotencyKeyReused):
        await register.give(person, register.wish(lasts=timedelta(days=1)), key=key)


async def test_a_text_that_is_superseded_is_not_signed_any_more(database: Database) -> None:
    first = shipped()
    second = widened(first, version=2, valid_from=NOW + timedelta(days=1))
    register = Register(database, ConsentTexts({(one.purpose, one.version): one for one in (first, second)}))
    person, key = await person_of(register), uuid7()
    with pytest.raises(ConsentTextOutdated):
        await register.give(person, register.wish(version=2))
    given = await register.give(person, register.wish(version=1))
    register.clock.advance(timedelta(days=1))
    for _ in range(2):
        with pytest.raises(ConsentTextOutdated):
            await register.give(person, register.wish(version=1), key=key)
    assert [text.version for text in await register.service.texts_now(None, CLINICIAN_ACCESS)] == [2]
    newer = await register.give(person)
    assert (newer.version, [one.version for one in await listed(register, person)]) == (2, [2, given.version])


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"text_hash": "0" * 64}, ConsentTextUnknown),
        ({"text_hash": ""}, ConsentTextUnknown),
        ({"purpose": "unknown"}, ConsentTextUnknown),
        ({"purpose": AMBULANCE_ACCESS}, ConsentTextUnknown),
        ({"recipient": Recipient.of_purpose()}, ConsentRecipientNotAllowed),
        ({"expires_at": NOW}, ConsentTermInvalid),
        ({"expires_at": NOW - INSTANT}, ConsentTermInvalid),
        ({"expires_at": NOW + YEAR + INSTANT}, ConsentTermInvalid),
    ],
    ids=["no such text", "none", "no such purpose", "another purpose", "nobody", "ended", "past", "too long"],
)
async def test_what_was_not_shown_so_is_not_signed(
    register: Register, change: dict[str, object], refusal: type[Refusal]
) -> None:
    person = await person_of(register)
    wish = register.wish()
    said = {
        "purpose": wish.purpose,
        "text_hash": wish.text_hash,
        "recipient": wish.recipient,
        "expires_at": wish.expires_at,
    }
    with pytest.raises(refusal):
        await register.give(person, Wish(**{**said, **change}))  # type: ignore[arg-type] # as given
    assert await count(register) == 0


async def test_at_its_very_bounds_a_term_is_good(register: Register) -> None:
    person = await person_of(register)
    for lasts in (INSTANT, YEAR):
        assert (await register.give(person, register.wish(lasts=lasts))).expires_at == NOW + lasts


async def test_nobody_consents_or_withdraws_for_another(register: Register) -> None:
    person = await person_of(register)
    given = await register.give(person)
    actors: list[tuple[Principal | None, type[Refusal | IdentityRefusal]]] = [
        (None, NotSignedIn),
        (make_principal(), AccessRefused),
        (replace(person, assurance=Assurance.STANDARD), AccountNotConfirmed),
        *((staff(kind), AccessRefused) for kind in ActorKind if kind is not ActorKind.CITIZEN),
        (replace(person, kind=ActorKind.KIOSK), AccessRefused),
    ]
    for actor, refusal in actors:
        with pytest.raises(refusal):
            await register.service.give(actor, person.person_id, register.wish(), idempotency_key=uuid7())
        with pytest.raises(refusal):
            await register.service.withdraw(actor, person.person_id, given.id, idempotency_key=uuid7())
        if refusal is not AccountNotConfirmed:
            with pytest.raises(refusal):
                await register.service.list_page(actor, person.person_id, limit=1)
            with pytest.raises(refusal):
                await register.service.by_ids(actor, person.person_id, [given.id])
    assert await listed(register, person) == [given]


async def test_a_foreign_and_a_missing_consent_are_withdrawn_alike(register: Register) -> None:
    """S36."""
    person, other = await person_of(register), await person_of(register)
    foreign = await register.give(other)
    for wrong in (foreign.id, ConsentId(uuid7())):
        key = uuid7()
        for _ in range(2):
            with pytest.raises(NotFound):
                await register.withdraw(person, wrong, key=key)
    assert await listed(register, other) == [foreign]


async def test_the_register_is_paged_newest_first(register: Register) -> None:
    person = await person_of(register)
    for number in range(5):
        await register.give(person, register.wish(Recipient.clinician(PersonId(uuid7()))))
        register.clock.advance(timedelta(minutes=number % 2))
    seen: list[ConsentId] = []
    after: ConsentPosition | None = None
    while True:
        page = await register.service.list_page(person, person.person_id, limit=2, after=after)
        seen += [one.id for one in page.items]
        if not page.has_next:
            break
        after = ConsentPosition(page.items[-1].given_at, page.items[-1].id)
    assert seen == [one.id for one in await listed(register, person)]
    assert len(set(seen)) == 5


async def test_texts_are_open_to_everybody(register: Register) -> None:
    assert [text.purpose for text in await register.service.texts_now(None)] == list(register.texts.purposes)
    assert await register.service.texts_now(None, "unknown") == []
