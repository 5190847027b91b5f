"""S44, S51: a copy holds everything of one person and nothing of another's, and only its asker takes it."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from backend.database import Database
from backend.entrypoints.migrations.tables import METADATA
from backend.idempotency import IdempotencyKeyReused
from backend.rights.errors import (
    DownloadLinkInvalid,
    ExportInProgress,
    ExportLimitReached,
    ExportNotFound,
    ExportNotReady,
)
from backend.rights.export_queries import expire
from backend.rights.holdings import HOLDINGS
from backend.rights.ports import Document
from backend.rights.values import ExportId, ExportState, Told
from backend.settings import RightsSettings
from identity.access import Action
from identity.audit_tables import AuditEntryRow
from identity.capacities import Capacity, Category, Mandate
from identity.errors import AccessRefused, AccountNotConfirmed, IdentityRefusal, NotSignedIn
from identity.principal import ActorKind, Assurance, PersonId, Principal
from notifications.tables import NotificationRow
from tests.factories.people import NOW, add_person, make_principal
from tests.factories.rights import OWN_TABLES, Copy, Planting, RightsHouse, secret_columns


@dataclass
class Relations:
    """A source of mandates that says what it is told to."""

    mandates: list[Mandate] = field(default_factory=list)
    kinds: frozenset[ActorKind] = frozenset(ActorKind)

    async def find(
        self, _session: AsyncSession, _actor: Principal, _person_id: PersonId, _now: datetime
    ) -> Sequence[Mandate]:
        return list(self.mandates)


async def test_a_copy_holds_every_text_of_its_person_and_none_of_another(house: RightsHouse) -> None:
    planting, anna, boris = Planting(house.database), make_principal(), make_principal()
    of_anna = await planting.plant(anna.person_id, "annaA", other=boris.person_id)
    of_boris = await planting.plant(boris.person_id, "borsB", other=anna.person_id)
    secrets = secret_columns()
    left_out = {name for name, holding in HOLDINGS.items() if holding.left_out is not None}
    assert len(of_anna) >= 30
    copy = await house.copy_of(anna)
    for canary in of_anna:
        is_anothers = canary.column in HOLDINGS[canary.table].whose  # the row says so: `other`
        is_hidden = (canary.table, canary.column) in secrets or canary.table in left_out or is_anothers
        assert (canary.text in copy.everything) is not is_hidden, canary
    shared = {"call_backs", "family_links", "representations"}  # these belong to both of them
    assert [one for one in of_boris if one.text in copy.everything and one.table not in shared] == []
    assert {one.table for one in of_anna} | OWN_TABLES | {"audit_heads", "audit_anchored_heads"} <= HOLDINGS.keys()
    assert {f"data/{name}.json" for name in HOLDINGS.keys() - left_out} | {"index.html"} == copy.files.keys()


async def test_each_file_says_what_its_fields_mean_and_what_is_hidden(house: RightsHouse) -> None:
    anna = make_principal()
    await Planting(house.database).plant(anna.person_id, "annaA")
    copy = await house.copy_of(anna)
    tokens = copy.table("refresh_tokens")
    assert tokens["about"] == {"ru": "Продления сеансов", "en": "Renewals of sessions"}
    assert tokens["fields"]["issued_at"] == {"ru": "когда выдано", "en": "when it was issued"}
    assert tokens["fieldsLeftOut"]["names"] == ["token_hash", "successor_salt"]
    assert set(tokens["rows"][0]) == set(tokens["fields"])
    assert tokens["rows"][0]["issued_at"] == (NOW + timedelta(hours=1)).isoformat()
    assert "Продления сеансов" in copy.files["data/refresh_tokens.json"].decode()
    assert copy.table("erasure_requests")["rows"] == []
    page = copy.files["index.html"].decode()
    assert "Контрольные числа журнала, в них нет сведений о вас." in page
    assert "These are another person&#39;s data" in page


async def test_many_rows_are_all_there(house: RightsHouse) -> None:
    anna = make_principal()
    async with house.database.transaction() as session:
        await (await session.connection()).execute(
            METADATA.tables["notifications"].insert(),
            [
                {
                    "id": uuid7(),
                    "person_id": anna.person_id,
                    "dedupe_key": str(number),
                    "kind": "welcome",
                    "severity": "campaign",
                    "parameters": {},
                    "template_version": 1,
                    "created_at": NOW,
                }
                for number in range(1_201)
            ],
        )
    rows = (await house.copy_of(anna)).table("notifications")["rows"]
    assert {row["dedupe_key"] for row in rows} == {str(number) for number in range(1_201)}


async def test_the_file_alone_tells_nothing(house: RightsHouse) -> None:
    anna = make_principal()
    await Planting(house.database).plant(anna.person_id, "annaA")
    await house.copy_of(anna)
    (kept,) = house.folder.iterdir()
    assert b"annaA" not in kept.read_bytes()
    assert b"PK\x03\x04" not in kept.read_bytes()


async def test_a_copy_is_queued_made_told_and_over(house: RightsHouse) -> None:
    anna = make_principal()
    export_id = await house.ask(anna)
    queued = await house.status(anna)
    assert (queued.id, queued.state, queued.progress_percent, queued.size_bytes) == (
        export_id,
        ExportState.QUEUED,
        0,
        None,
    )
    with pytest.raises(ExportNotReady):
        await house.token(anna, export_id)
    house.clock.advance(timedelta(minutes=1))
    assert await house.worker.run_one()
    ready = await house.status(anna)
    assert (ready.state, ready.progress_percent, ready.ready_at) == (ExportState.READY, 100, house.clock())
    assert ready.expires_at == house.clock() + timedelta(days=7)
    assert ready.size_bytes == len(await house.download(await house.token(anna, export_id)))
    assert house.published == [anna.person_id]
    async with house.database.reading() as session:
        told = (await session.exec(select(NotificationRow))).all()
    assert [(one.person_id, one.kind.value, one.parameters) for one in told] == [(anna.person_id, "export_ready", {})]
    assert await house.worker.run_one() is False
    token = await house.token(anna, export_id)
    house.clock.advance(timedelta(days=7))
    with pytest.raises(DownloadLinkInvalid):
        await house.downloads.open(token)
    async with house.database.transaction() as session:
        assert await expire(session, house.clock()) == 1
    assert (await house.status(anna)).state is ExportState.EXPIRED
    assert await house.worker.sweep_orphans() == 1
    assert list(house.folder.iterdir()) == []


async def test_one_copy_at_a_time_and_three_a_day(house: RightsHouse) -> None:
    anna = make_principal()
    for _ in range(3):
        await house.ask(anna)
        with pytest.raises(ExportInProgress):
            await house.ask(anna)
        await house.worker.run_one()
        house.clock.advance(timedelta(hours=1))
    with pytest.raises(ExportLimitReached):
        await house.ask(anna)
    await house.ask(make_principal())
    house.clock.set(NOW + timedelta(days=1, seconds=-1))
    with pytest.raises(ExportLimitReached):
        await house.ask(anna)
    house.clock.set(NOW + timedelta(days=1))
    await house.ask(anna)


async def test_a_repeated_key_is_the_same_copy_and_the_same_refusal(house: RightsHouse) -> None:
    anna, first, second = make_principal(), uuid7(), uuid7()
    made = await house.exports.request_export(anna, person_id=anna.person_id, idempotency_key=first)
    again = await house.exports.request_export(anna, person_id=anna.person_id, idempotency_key=first)
    assert (again.value, again.replayed) == (made.value, True)
    for is_replayed in (False, True):
        with pytest.raises(ExportInProgress) as refused:
            await house.exports.request_export(anna, person_id=anna.person_id, idempotency_key=second)
        assert refused.value.replayed is is_replayed
        await house.worker.run_due()
    with pytest.raises((IdempotencyKeyReused, AccessRefused)):
        await house.exports.request_export(anna, person_id=PersonId(uuid7()), idempotency_key=first)


@pytest.mark.parametrize(
    ("actor", "refusal"),
    [
        (None, NotSignedIn),
        (make_principal(), AccessRefused),
        (make_principal(assurance=Assurance.STANDARD), AccountNotConfirmed),
        (make_principal(kind=ActorKind.AUDITOR), AccessRefused),
    ],
)
async def test_nobody_else_asks_sees_takes_or_deletes(
    house: RightsHouse, actor: Principal | None, refusal: type[IdentityRefusal]
) -> None:
    anna = make_principal()
    whose = actor.person_id if refusal is AccountNotConfirmed and actor else anna.person_id
    export_id = await house.ask(anna)
    await house.worker.run_due()
    with pytest.raises(refusal):
        await house.exports.request_export(actor, person_id=whose, idempotency_key=uuid7())
    with pytest.raises(refusal):
        await house.exports.list_exports(actor, whose)
    with pytest.raises(refusal):
        await house.exports.download_url(actor, whose, export_id)
    with pytest.raises(refusal):
        await house.exports.delete_export(actor, person_id=whose, export_id=export_id, idempotency_key=uuid7())
    assert (await house.status(anna)).state is ExportState.READY


async def test_a_link_is_good_for_five_minutes_and_for_its_sign_in(house: RightsHouse) -> None:
    anna = make_principal()
    export_id = await house.ask(anna)
    await house.worker.run_due()
    token = await house.token(anna, export_id)
    house.clock.advance(timedelta(seconds=299))
    assert (await house.downloads.open(token)).link.export_id == export_id
    house.sessions.ended.add(anna.session_id)
    with pytest.raises(DownloadLinkInvalid):
        await house.downloads.open(token)
    house.sessions.ended.clear()
    house.clock.advance(timedelta(seconds=1))
    with pytest.raises(DownloadLinkInvalid):
        await house.downloads.open(token)


async def test_a_deleted_copy_takes_its_links_along(house: RightsHouse) -> None:
    anna = make_principal()
    export_id = await house.ask(anna)
    await house.worker.run_due()
    token = await house.token(anna, export_id)
    deleted = await house.exports.delete_export(
        anna, person_id=anna.person_id, export_id=export_id, idempotency_key=uuid7()
    )
    assert deleted.value.state is ExportState.EXPIRED
    with pytest.raises(DownloadLinkInvalid):
        await house.downloads.open(token)
    with pytest.raises(ExportNotReady):
        await house.token(anna, export_id)
    with pytest.raises(ExportNotFound):
        await house.exports.delete_export(
            anna,
            person_id=anna.person_id,
            export_id=ExportId(uuid7()),
            idempotency_key=uuid7(),
        )
    assert await house.worker.sweep_orphans() == 1


async def test_a_parent_takes_a_childs_copy_while_the_mandate_holds_and_the_audit_has_it(
    database: Database, tmp_path: Path
) -> None:
    relations = Relations([Mandate(Capacity.PARENT_OF_CHILD)])
    house = RightsHouse(database, tmp_path / "exports", sources=(relations,))
    child, parent = await add_person(database), make_principal()
    export_id = await house.ask(parent, child)
    await house.worker.run_due()
    token = await house.token(parent, export_id, child)
    assert "Соколова" in Copy(await house.download(token)).everything
    assert house.published == [parent.person_id]
    with pytest.raises(ExportNotFound):
        await house.exports.download_url(make_principal(child), child, export_id)
    assert await house.exports.list_exports(make_principal(child), child) == []
    relations.mandates.clear()
    with pytest.raises(DownloadLinkInvalid):
        await house.downloads.open(token)
    async with database.reading() as session:
        entries = (
            await session.exec(
                select(AuditEntryRow).where(col(AuditEntryRow.person_id) == child).order_by(col(AuditEntryRow.sequence))
            )
        ).all()
    told = [(Action(one.actions), one.outcome.value) for one in entries]
    assert told == [
        (Action.EXPORT_DATA, "allowed"),
        (Action.EXPORT_DATA, "allowed"),
        (Action.DOWNLOAD_EXPORT, "allowed"),
        (Action.DOWNLOAD_EXPORT, "denied"),
    ]


async def test_what_is_withheld_from_the_asker_is_not_in_the_copy(database: Database, tmp_path: Path) -> None:
    relations = Relations([Mandate(Capacity.GUARDIAN, withheld=frozenset({Category.HIV}))])
    house = RightsHouse(database, tmp_path / "exports", sources=(relations,))
    ward, guardian = PersonId(uuid7()), make_principal()
    canaries = await Planting(database).plant(ward, "wardW")
    copy = await house.copy_of(guardian, ward)
    revealing = {name for name, holding in HOLDINGS.items() if holding.reveals_care}
    booked = {"appointment_events", "appointment_sets", "appointments", "referrals", "portal_outcomes"}
    booked |= {"cancellation_items", "no_show_appeals"}
    waited = {"waiting_list_clinics", "waiting_list_entries", "waiting_list_offers", "release_queue_places"}
    assert revealing == {*booked, *waited, "deliveries", "notifications", "planned_messages", "receipts"}
    assert [one for one in canaries if one.table in revealing and one.text in copy.everything] == []
    assert "data/appointments.json" not in copy.files
    assert "Сведения о приёмах подростка закрыты" in copy.files["index.html"].decode()
    assert "data/persons.json" in copy.files


@dataclass
class Vault:
    """A source of documents."""

    content: bytes

    async def documents_of(self, _person_id: PersonId) -> AsyncIterator[Document]:
        yield Document("analysis-1.pdf", Told("Анализ", "Analysis"), self._chunks())

    async def _chunks(self) -> AsyncIterator[bytes]:
        for begin in range(0, len(self.content), 50_000):
            yield self.content[begin : begin + 50_000]


async def test_documents_are_in_the_copy_and_on_its_page(database: Database, tmp_path: Path) -> None:
    content = bytes(range(256)) * 1_000
    house = RightsHouse(database, tmp_path / "exports", documents=(Vault(content),))
    copy = await house.copy_of(make_principal())
    assert copy.files["documents/analysis-1.pdf"] == content
    assert 'href="documents/analysis-1.pdf"' in copy.files["index.html"].decode()


async def test_more_than_a_copy_may_hold_is_said_at_once(database: Database, tmp_path: Path) -> None:
    house = RightsHouse(database, tmp_path / "exports", settings=RightsSettings(export_most_bytes=2_000))
    anna = make_principal()
    await house.ask(anna)
    assert await house.worker.run_due() == 1
    status = await house.status(anna)
    assert (status.state, status.failure) == (ExportState.FAILED, "EXPORT_TOO_LARGE")
    assert list(house.folder.iterdir()) == []
    async with database.reading() as session:
        assert [one.kind.value for one in (await session.exec(select(NotificationRow))).all()] == ["export_failed"]
    await house.ask(anna)
