"""S44: what no law keeps is erased once the waiting is over, and what stays is named with its law."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from backend.booking.states import BOOKED_STATUSES, AppointmentStatus
from backend.database import Database
from backend.entrypoints.migrations.tables import METADATA
from backend.errors import NotFound
from backend.rights.errors import DownloadLinkInvalid, ErasureInProgress, ErasureNotWaiting
from backend.rights.holdings import ELSEWHERE, HOLDINGS
from backend.rights.retention import Erase, Keep
from backend.rights.values import Erasure, ErasureItem, ErasureState, ExportState, Treatment
from identity.errors import AccessRefused, AccountNotConfirmed, IdentityRefusal, NotSignedIn
from identity.principal import ActorKind, Assurance, PersonId, Principal
from tests.factories.people import NOW, make_principal
from tests.factories.rights import RECEIPTS, Planting, RightsHouse, texts_of_database

WAITING = timedelta(days=14)
GONE = sorted(name for name, holding in HOLDINGS.items() if isinstance(holding.retention, Erase))
STAYS = sorted(name for name, one in HOLDINGS.items() if isinstance(one.retention, Keep) and one.retention.only is None)
OVER: dict[str, Any] = {
    "appointments__status": AppointmentStatus.CONFIRMED,
    "appointments__ends_at": NOW + timedelta(hours=2),
}
COMING: dict[str, Any] = {
    "appointments__status": AppointmentStatus.CONFIRMED,
    "appointments__ends_at": NOW + timedelta(days=20),
}


async def ask(house: RightsHouse, actor: Principal) -> Erasure:
    outcome = await house.erasures.request_erasure(actor, person_id=actor.person_id, idempotency_key=uuid7())
    return outcome.value


async def executed(house: RightsHouse, actor: Principal) -> Erasure:
    """Ask, wait, and return the request as its receipt shows it."""
    asked = await ask(house, actor)
    house.clock.advance(WAITING)
    assert await house.erasures.run_due() == 1
    return await house.erasures.by_receipt(asked.receipt)


def treated(items: tuple[ErasureItem, ...], treatment: Treatment) -> dict[str, int]:
    return {item.table: item.rows for item in items if item.treatment is treatment and item.table not in ELSEWHERE}


async def counts(connection: AsyncConnection, person_id: PersonId) -> dict[str, int]:
    """Return how many rows of each table are the person's."""
    found = {}
    for name, holding in HOLDINGS.items():
        table = METADATA.tables[name]
        statement = select(func.count()).select_from(table).where(holding.rows_of(table, person_id))
        found[name] = int((await connection.execute(statement)).scalar_one())
    return {name: count for name, count in found.items() if count}


async def test_a_request_says_what_goes_what_stays_and_under_which_law(house: RightsHouse) -> None:
    anna = make_principal()
    await Planting(house.database).plant(anna.person_id, "annaA", **COMING)
    asked = await ask(house, anna)
    assert (asked.state, asked.erases_at) == (ErasureState.WAITING, NOW + WAITING)
    kept = treated(asked.items, Treatment.KEPT)
    assert {name: kept[name] for name in ("appointments", "audit_entries")} == {"appointments": 1, "audit_entries": 1}
    assert treated(asked.items, Treatment.REDUCED) == {"persons": 1}
    assert {"accounts", "notifications", "policy_snapshots", "sessions", "refresh_tokens"} <= treated(
        asked.items, Treatment.ERASED
    ).keys()
    assert [item.law is None for item in asked.items] == [item.treatment is Treatment.ERASED for item in asked.items], (
        "whatever stays has a law"
    )
    others = [item for item in asked.items if item.table in ELSEWHERE]
    assert {item.law.act.ru for item in others if item.law} == {"323-ФЗ, ст. 22 и 79", "59-ФЗ, ст. 10 и 11"}
    assert house.published == [anna.person_id]
    before = await texts_of_database(house.database)
    assert await house.erasures.plan(anna, anna.person_id) != ()
    assert await texts_of_database(house.database) == before, "looking changes nothing"


async def test_nothing_happens_before_the_waiting_is_over(house: RightsHouse) -> None:
    anna = make_principal()
    await Planting(house.database).plant(anna.person_id, "annaA")
    await ask(house, anna)
    before = await texts_of_database(house.database)
    house.clock.advance(WAITING - timedelta(seconds=1))
    assert await house.erasures.run_due() == 0
    assert await texts_of_database(house.database) == before
    house.clock.advance(timedelta(seconds=1))
    assert await house.erasures.run_due() == 1


async def test_a_request_is_taken_back_until_it_is_carried_out(house: RightsHouse) -> None:
    anna = make_principal()
    canaries = await Planting(house.database).plant(anna.person_id, "annaA")
    first = await ask(house, anna)
    with pytest.raises(ErasureInProgress):
        await ask(house, anna)
    cancelled = await house.erasures.cancel_erasure(anna, person_id=anna.person_id, idempotency_key=uuid7())
    assert (cancelled.value.id, cancelled.value.state) == (first.id, ErasureState.CANCELLED)
    with pytest.raises(ErasureNotWaiting):
        await house.erasures.cancel_erasure(anna, person_id=anna.person_id, idempotency_key=uuid7())
    house.clock.advance(WAITING)
    assert await house.erasures.run_due() == 0
    held = "".join((await texts_of_database(house.database)).values())
    assert [one for one in canaries if one.text not in held] == []
    assert (await house.erasures.by_receipt(first.receipt)).state is ErasureState.CANCELLED
    second = await ask(house, anna)
    house.clock.advance(WAITING)
    assert await house.erasures.run_due() == 1
    with pytest.raises(ErasureNotWaiting):
        await house.erasures.cancel_erasure(anna, person_id=anna.person_id, idempotency_key=uuid7())
    assert (await house.erasures.by_receipt(second.receipt)).state is ErasureState.ERASED


async def test_what_is_erased_is_nowhere_and_another_person_keeps_everything(house: RightsHouse) -> None:
    anna, boris = make_principal(), make_principal()
    planting = Planting(house.database)
    of_anna = await planting.plant(anna.person_id, "annaA", **OVER)
    of_boris = await planting.plant(boris.person_id, "borsB", **COMING)
    house.clock.advance(timedelta(hours=3))
    done = await executed(house, anna)
    held = await texts_of_database(house.database)
    everything = "".join(held.values())
    assert [one for one in of_anna if one.table in {*GONE, "persons", "appointments"} and one.text in everything] == []
    assert [one for one in of_anna if one.table in STAYS and one.text not in held[one.table]] == []
    assert [one for one in of_boris if one.text not in held[one.table]] == []
    assert (done.state, done.erased_at) == (ErasureState.ERASED, house.clock())
    erased, kept = treated(done.items, Treatment.ERASED), treated(done.items, Treatment.KEPT)
    assert erased["persons"] == erased["appointments"] == erased["accounts"] == 1
    assert sorted(kept) == sorted({*STAYS})
    async with house.database.reading() as session:
        left = await counts(await session.connection(), anna.person_id)
    assert left == kept, "the statement names every row that is left, and no other"


async def test_a_coming_visit_keeps_its_booking_and_who_comes_until_it_is_over(house: RightsHouse) -> None:
    anna = make_principal()
    of_anna = await Planting(house.database).plant(anna.person_id, "annaA", **COMING)
    done = await executed(house, anna)
    held = await texts_of_database(house.database)
    of_person = {one.column: one.text for one in of_anna if one.table == "persons"}
    assert of_person["phone"] not in held["persons"]
    assert of_person["email"] not in held["persons"]
    assert of_person["snils"] in held["persons"]
    assert treated(done.items, Treatment.REDUCED) == {"persons": 1}
    assert treated(done.items, Treatment.KEPT)["appointments"] == 1
    house.clock.set(NOW + timedelta(days=20) - timedelta(seconds=1))
    assert await house.erasures.run_due() == 0
    house.clock.set(NOW + timedelta(days=20))
    assert await house.erasures.run_due() == 1
    assert await house.erasures.run_due() == 0
    held = await texts_of_database(house.database)
    assert [one for one in of_anna if one.table == "persons" and one.text in held["persons"]] == []
    async with house.database.reading() as session:
        left = await counts(await session.connection(), anna.person_id)
    assert sorted(left) == sorted(STAYS)


async def test_carrying_it_out_twice_takes_nothing_more(house: RightsHouse) -> None:
    anna = make_principal()
    await Planting(house.database).plant(anna.person_id, "annaA", **OVER)
    house.clock.advance(timedelta(hours=3))
    first = await executed(house, anna)
    held = await texts_of_database(house.database)
    async with house.database.transaction() as session:
        table = METADATA.tables["erasure_requests"]
        await (await session.connection()).execute(table.update().values(due_at=house.clock()))
    assert await house.erasures.run_due() == 1
    again = await house.erasures.by_receipt(first.receipt)
    assert treated(again.items, Treatment.ERASED) == treated(first.items, Treatment.ERASED)
    assert again.erased_at == first.erased_at
    after = await texts_of_database(house.database)
    assert {name for name in held if held[name] != after[name]} <= {"erasure_requests"}


async def test_sign_ins_copies_and_links_end_with_the_erasure(house: RightsHouse) -> None:
    anna = make_principal()
    await Planting(house.database).plant(anna.person_id, "annaA")
    await ask(house, anna)
    house.clock.advance(WAITING)
    export_id = await house.ask(anna)
    await house.worker.run_due()
    token = await house.token(anna, export_id)
    assert (await house.status(anna)).state is ExportState.READY
    assert await house.erasures.run_due() == 1
    with pytest.raises(DownloadLinkInvalid):
        await house.downloads.open(token)
    assert await house.worker.sweep_orphans() == 1
    async with house.database.reading() as session:
        left = await counts(await session.connection(), anna.person_id)
    assert not left.keys() & {"accounts", "sessions", "refresh_tokens", "authorization_codes", "data_exports"}


@pytest.mark.parametrize(
    ("actor", "refusal"),
    [
        (None, NotSignedIn),
        (make_principal(), AccessRefused),
        (make_principal(kind=ActorKind.OPERATOR), AccessRefused),
    ],
)
async def test_nobody_else_asks_or_takes_back(
    house: RightsHouse, actor: Principal | None, refusal: type[IdentityRefusal]
) -> None:
    anna = make_principal()
    asked = await ask(house, anna)
    with pytest.raises(refusal):
        await house.erasures.request_erasure(actor, person_id=anna.person_id, idempotency_key=uuid7())
    with pytest.raises(refusal):
        await house.erasures.cancel_erasure(actor, person_id=anna.person_id, idempotency_key=uuid7())
    with pytest.raises(refusal):
        await house.erasures.plan(actor, anna.person_id)
    with pytest.raises(refusal):
        await house.erasures.newest(actor, anna.person_id)
    newest = await house.erasures.newest(anna, anna.person_id)
    assert newest is not None
    assert (newest.id, newest.state) == (asked.id, ErasureState.WAITING)


async def test_an_account_that_is_not_confirmed_asks_for_nothing(house: RightsHouse) -> None:
    actor = make_principal(assurance=Assurance.STANDARD)
    with pytest.raises(AccountNotConfirmed):
        await ask(house, actor)


async def test_a_receipt_opens_its_request_alone(house: RightsHouse) -> None:
    asked = await ask(house, make_principal())
    other = await ask(house, make_principal())
    assert house.erasures.receipt_url(asked) == f"{RECEIPTS}/{asked.receipt}"
    assert (await house.erasures.by_receipt(asked.receipt)).id == asked.id
    mixed = asked.receipt[:42] + other.receipt[42:]
    for wrong in ("", "x", asked.receipt[:-1], asked.receipt + "A", mixed, asked.receipt[:-1] + "!", "й" * 86):
        with pytest.raises(NotFound):
            await house.erasures.by_receipt(wrong)


async def test_a_failure_in_the_middle_erases_nothing(house: RightsHouse) -> None:
    anna = make_principal()
    await Planting(house.database).plant(anna.person_id, "annaA")
    await ask(house, anna)
    before = await texts_of_database(house.database)
    house.clock.advance(WAITING)
    broken = RightsHouse(house.database, house.folder, clock=house.clock)
    metadata = type(METADATA)()
    for name in METADATA.tables.keys() - {"accounts"}:
        METADATA.tables[name].to_metadata(metadata)
    broken.erasures._metadata = metadata
    with pytest.raises(KeyError):
        await broken.erasures.run_due()
    assert await texts_of_database(house.database) == before
    assert await house.erasures.run_due() == 1


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    statuses=st.lists(st.sampled_from(AppointmentStatus), min_size=1, max_size=3),
    hours=st.lists(st.integers(1, 24 * 40), min_size=3, max_size=3),
    erased=st.lists(st.booleans(), min_size=3, max_size=3),
)
async def test_whatever_there_is_the_statement_and_the_database_agree(
    database: Database,
    tmp_path: Path,
    statuses: list[AppointmentStatus],
    hours: list[int],
    erased: list[bool],
) -> None:
    """Of any people, whoever asks is erased to what the statement names, and whoever does not is not touched."""
    house = RightsHouse(database, tmp_path / "exports")
    house.clock.set(NOW)
    planting, people = Planting(database), []
    for number, status in enumerate(statuses):
        actor = make_principal()
        end = NOW + timedelta(hours=hours[number] + 1)
        canaries = await planting.plant(
            actor.person_id, f"p{uuid7().hex[-4:]}", appointments__status=status, appointments__ends_at=end
        )
        people.append((actor, canaries, erased[number], status, end))
    receipts = {actor.person_id: (await ask(house, actor)).receipt for actor, _, is_erased, _, _ in people if is_erased}
    house.clock.advance(WAITING)
    assert await house.erasures.run_due() == len(receipts)
    held = await texts_of_database(database)
    everything = "".join(held.values())
    for actor, canaries, is_erased, status, end in people:
        stays = status in BOOKED_STATUSES and end > house.clock()
        gone = {*GONE} if is_erased else set()
        assert [one for one in canaries if one.table in gone and one.text in everything] == []
        if not is_erased:
            assert [one for one in canaries if one.text not in held[one.table]] == []
            continue
        done = await house.erasures.by_receipt(receipts[actor.person_id])
        async with database.reading() as session:
            left = await counts(await session.connection(), actor.person_id)
        named = treated(done.items, Treatment.KEPT) | treated(done.items, Treatment.REDUCED)
        assert left == named
        assert ("appointments" in left, "persons" in left) == (stays, stays)
        assert all(item.law is not None for item in done.items if item.treatment is not Treatment.ERASED)
