"""The officer's queue, and what the person said was not right (S42)."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from uuid_utils.compat import uuid7

from backend.database import Database
from backend.errors import NotFound, Refusal
from backend.idempotency import IdempotencyKeyReused
from backend.oversight.errors import CommentRefused, ReviewSettled
from backend.oversight.values import LogEntry, QueuePosition, ReviewItem
from identity.access import Action
from identity.audit_tables import AuditOutcome
from identity.errors import AccessRefused, AccountNotConfirmed, IdentityRefusal, NotSignedIn
from identity.principal import ActorKind, Assurance, PersonId, Principal
from identity.review_values import ReviewId, ReviewSource, ReviewState, Verdict
from notifications.messages import MessageKind
from tests.factories.access import entries_of
from tests.factories.consents import clinician, staff
from tests.factories.oversight import REASON, Oversight
from tests.factories.people import NOW, add_person, make_principal

OFFICER = staff(ActorKind.AUDITOR)
DAY = timedelta(hours=24)


@pytest.fixture
def house(database: Database) -> Oversight:
    return Oversight(database)


async def settle(
    house: Oversight, item: ReviewItem, verdict: Verdict, *, officer: Principal = OFFICER, note: str = "Проверено"
) -> ReviewItem:
    outcome = await house.reviews.settle(officer, item.id, verdict=verdict, note=note, idempotency_key=uuid7())
    return outcome.value


async def looked_at(house: Oversight) -> tuple[Principal, int]:
    """Let a stranger be denied, and return the person and the sequence of the entry."""
    person = await add_person(house.database)
    with pytest.raises(AccessRefused):
        await house.access.admit(clinician(), Action.READ_POLICY, person)
    (entry,) = await entries_of(house.database, person)
    return make_principal(person), entry.sequence


async def report(house: Oversight, person: Principal, sequence: int, comment: str | None = None) -> None:
    await house.reviews.report(person, person.person_id, sequence, comment=comment, idempotency_key=uuid7())


async def first_entry(house: Oversight, person: Principal, sequence: int) -> LogEntry:
    page = await house.log.by_sequences(person, person.person_id, [sequence])
    return page.items[0]


async def test_an_emergency_is_in_the_queue_at_once(house: Oversight) -> None:
    person, doctor = await add_person(house.database), clinician()
    emergency = await house.break_glass(doctor, person)
    (item,) = await house.queue(OFFICER)
    assert (item.source, item.state, item.person_id, item.entry) == (
        ReviewSource.EMERGENCY,
        ReviewState.OPEN,
        person,
        None,
    )
    assert item.emergency is not None
    assert (item.emergency.id, item.emergency.actor_id, item.emergency.reason) == (
        emergency.id,
        doctor.person_id,
        REASON,
    )
    assert REASON not in repr(item)


async def test_it_is_overdue_after_a_day_to_the_instant(house: Oversight) -> None:
    await house.break_glass(clinician(), await add_person(house.database))
    (item,) = await house.queue(OFFICER)
    assert item.due_at == NOW + DAY
    assert not item.is_overdue(NOW + DAY - timedelta(microseconds=1))
    assert item.is_overdue(NOW + DAY)
    settled = await settle(house, item, Verdict.JUSTIFIED)
    assert not settled.is_overdue(NOW + DAY)


async def test_a_reported_entry_is_in_the_queue_once(house: Oversight) -> None:
    person, sequence = await looked_at(house)
    house.clock.advance(timedelta(hours=1))
    await asyncio.gather(*(report(house, person, sequence, f"Меня там не было {n}") for n in range(4)))
    (item,) = await house.queue(OFFICER)
    assert (item.source, item.person_id, item.emergency) == (ReviewSource.REPORT, person.person_id, None)
    assert item.entry is not None
    assert (item.entry.sequence, item.entry.outcome, item.entry.actions) == (
        sequence,
        AuditOutcome.DENIED,
        "read_policy",
    )
    assert item.comment is not None
    assert item.comment.startswith("Меня там не было")
    entry = await first_entry(house, person, sequence)
    assert entry.report is not None
    assert (entry.report.reported_at, entry.report.state, entry.report.verdict, entry.report.settled_at) == (
        NOW + timedelta(hours=1),
        ReviewState.OPEN,
        None,
        None,
    )


async def test_the_person_sees_the_verdict_and_is_told(house: Oversight) -> None:
    person, sequence = await looked_at(house)
    await report(house, person, sequence)
    (item,) = await house.queue(OFFICER)
    house.clock.advance(timedelta(hours=2))
    settled = await settle(house, item, Verdict.UNJUSTIFIED)
    assert (settled.state, settled.verdict, settled.note, settled.settled_at) == (
        ReviewState.SETTLED,
        Verdict.UNJUSTIFIED,
        "Проверено",
        NOW + timedelta(hours=2),
    )
    entry = await first_entry(house, person, sequence)
    assert entry.report is not None
    assert (entry.report.state, entry.report.verdict) == (ReviewState.SETTLED, Verdict.UNJUSTIFIED)
    assert [(one.person_id, one.kind) for one in await house.told()] == [
        (person.person_id, MessageKind.ACCESS_REVIEW_SETTLED)
    ]
    assert house.published == [person.person_id]
    assert await house.queue(OFFICER) == []
    assert [one.id for one in await house.queue(OFFICER, ReviewState.SETTLED)] == [item.id]


async def test_more_may_be_needed_before_a_verdict(house: Oversight) -> None:
    person, sequence = await looked_at(house)
    await report(house, person, sequence)
    (item,) = await house.queue(OFFICER)
    waiting = await settle(house, item, Verdict.NEEDS_MORE)
    assert (waiting.state, waiting.settled_at) == (ReviewState.NEEDS_MORE, None)
    assert await house.told() == []
    (again,) = await house.queue(OFFICER, ReviewState.NEEDS_MORE)
    assert again.is_overdue(NOW + DAY)
    assert (await settle(house, again, Verdict.JUSTIFIED)).state is ReviewState.SETTLED


async def test_a_verdict_is_given_once(house: Oversight) -> None:
    person, sequence = await looked_at(house)
    await report(house, person, sequence)
    (item,) = await house.queue(OFFICER)
    outcomes = await asyncio.gather(
        *(settle(house, item, verdict) for verdict in (Verdict.JUSTIFIED, Verdict.UNJUSTIFIED)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in outcomes) == ["ReviewItem", "ReviewSettled"]
    assert len(await house.told()) == 1
    with pytest.raises(ReviewSettled):
        await settle(house, item, Verdict.NEEDS_MORE)


async def test_an_unjustified_emergency_ends_at_once(house: Oversight) -> None:
    person, doctor = await add_person(house.database), clinician()
    await house.break_glass(doctor, person)
    await house.access.admit(doctor, Action.READ_POLICY, person)
    (item,) = await house.queue(OFFICER)
    house.clock.advance(timedelta(minutes=1))
    await settle(house, item, Verdict.UNJUSTIFIED)
    with pytest.raises(AccessRefused):
        await house.access.admit(doctor, Action.READ_POLICY, person)


async def test_a_repeated_key_settles_once(house: Oversight) -> None:
    person, sequence = await looked_at(house)
    await report(house, person, sequence)
    (item,) = await house.queue(OFFICER)
    key = uuid7()
    outcomes = [
        await house.reviews.settle(OFFICER, item.id, verdict=Verdict.JUSTIFIED, note="Да", idempotency_key=key)
        for _ in range(2)
    ]
    assert [one.replayed for one in outcomes] == [False, True]
    assert outcomes[0].value == outcomes[1].value
    with pytest.raises(IdempotencyKeyReused):
        await house.reviews.settle(OFFICER, item.id, verdict=Verdict.UNJUSTIFIED, note="Да", idempotency_key=key)
    assert len(await house.told()) == 1


async def test_what_the_officer_sees_and_does_stands_in_the_persons_log(house: Oversight) -> None:
    person, sequence = await looked_at(house)
    await report(house, person, sequence)
    (item,) = await house.queue(OFFICER)
    await settle(house, item, Verdict.JUSTIFIED)
    done = [(one.actor_id, one.actions) for one in await entries_of(house.database, person.person_id)][1:]
    assert done == [(OFFICER.person_id, "read_review_queue"), (OFFICER.person_id, "settle_review")]


async def test_nobody_reviews_themselves(house: Oversight) -> None:
    person, doctor = await add_person(house.database), clinician()
    await house.break_glass(doctor, person)
    (item,) = await house.queue(OFFICER)
    for own in (person, doctor.person_id):
        with pytest.raises(AccessRefused):
            await settle(house, item, Verdict.JUSTIFIED, officer=replace(OFFICER, person_id=own))
    assert [one.state for one in await house.queue(OFFICER)] == [ReviewState.OPEN]


@pytest.mark.parametrize("kind", sorted(set(ActorKind) - {ActorKind.AUDITOR}))
async def test_the_queue_is_the_officers_alone(house: Oversight, kind: ActorKind) -> None:
    person, sequence = await looked_at(house)
    await report(house, person, sequence)
    (item,) = await house.queue(OFFICER)
    with pytest.raises(AccessRefused):
        await house.queue(staff(kind))
    with pytest.raises(AccessRefused):
        await settle(house, item, Verdict.JUSTIFIED, officer=staff(kind))
    assert await house.told() == []


async def test_the_queue_is_paged_oldest_first(house: Oversight) -> None:
    people = []
    for number in range(5):
        people.append(await add_person(house.database))
        await house.break_glass(clinician(), people[number])
        house.clock.advance(timedelta(minutes=number % 2))
    seen: list[PersonId] = []
    after: QueuePosition | None = None
    while True:
        page = await house.reviews.list_queue(OFFICER, state=ReviewState.OPEN, limit=2, after=after)
        seen += [one.person_id for one in page.items]
        if not page.has_next:
            break
        after = QueuePosition(page.items[-1].opened_at, page.items[-1].id)
    assert seen == people


async def test_bad_input_changes_nothing(house: Oversight) -> None:
    person, sequence = await looked_at(house)
    stranger, _ = await looked_at(house)
    report_of = house.reviews.report
    refused: list[tuple[Principal | None, int, str | None, type[Refusal | IdentityRefusal]]] = [
        (None, sequence, None, NotSignedIn),
        (stranger, sequence, None, AccessRefused),
        (replace(person, assurance=Assurance.STANDARD), sequence, None, AccountNotConfirmed),
        (person, sequence + 100, None, NotFound),
        (person, sequence, "а" * 1_001, CommentRefused),
    ]
    for actor, entry, comment, refusal in refused:
        with pytest.raises(refusal):
            await report_of(actor, person.person_id, entry, comment=comment, idempotency_key=uuid7())
    assert await house.queue(OFFICER) == []
    await report(house, person, sequence)
    (item,) = await house.queue(OFFICER)
    for note in ("", "   ", "а" * 1_001):
        with pytest.raises(CommentRefused):
            await settle(house, item, Verdict.JUSTIFIED, note=note)
    with pytest.raises(NotFound):
        await settle(house, replace(item, id=ReviewId(uuid7())), Verdict.JUSTIFIED)
    assert [one.state for one in await house.queue(OFFICER)] == [ReviewState.OPEN]
