"""What phones tell of messages: kept once, seen in the inbox, and nothing more is sent."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import select
from uuid_utils.compat import uuid7

from backend.database import Database
from backend.idempotency import IdempotencyKeyReused
from backend.inbox.acknowledgements import Acknowledged, Acknowledgements
from backend.inbox.errors import TooManyNotifications
from identity.errors import AccessRefused, AccountNotConfirmed, NotSignedIn
from identity.principal import ActorKind, Assurance, Principal
from notifications.delivery_tables import DeliveryRow, DeliveryState, ReceiptKind, ReceiptRow
from notifications.messages import MessageKind
from notifications.tables import NotificationRow
from tests.factories.access import access_control
from tests.factories.people import NOW, make_principal
from tests.factories.registered import Phones, in_background

RECEIVED, SEEN, ACTED = ReceiptKind.DEVICE_RECEIVED, ReceiptKind.SEEN, ReceiptKind.ACTED
CODE: dict[str, Any] = {"kind": MessageKind.CALLER_CODE, "parameters": {"code": "123456"}}


class Telling(Phones):
    """Phones that tell."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        access = access_control(database, self.clock)
        self.service = Acknowledgements(access=access, clock=self.clock, published=self.told.append)

    async def acknowledge(
        self, actor: Principal | None, *told: tuple[UUID, ReceiptKind], key: UUID | None = None
    ) -> Acknowledged:
        return (await self.service.acknowledge(actor, told, idempotency_key=key or uuid4())).value

    async def receipts(self) -> set[tuple[UUID, UUID, ReceiptKind]]:
        async with self.database.reading() as session:
            rows = (await session.exec(select(ReceiptRow))).all()
        return {(row.notification_id, row.source_id, row.kind) for row in rows}

    async def seen(self) -> set[UUID]:
        async with self.database.reading() as session:
            rows = (await session.exec(select(NotificationRow))).all()
        return {row.id for row in rows if row.seen_at == NOW}

    async def states(self) -> list[DeliveryState]:
        async with self.database.reading() as session:
            return [row.state for row in await session.exec(select(DeliveryRow))]


@pytest.fixture
def phones(database: Database) -> Telling:
    return Telling(database)


async def test_each_kind_leaves_its_receipt_of_the_device(phones: Telling) -> None:
    anna = await phones.add()
    device = await phones.register(anna)
    ids = [await phones.tell(anna.person_id, key) for key in "abc"]
    kinds = (RECEIVED, SEEN, ACTED)
    told = await phones.acknowledge(anna, *zip(ids, kinds, strict=True))
    assert told == Acknowledged(unread_count=1, unknown=frozenset())
    assert await phones.receipts() == {(one, device, kind) for one, kind in zip(ids, kinds, strict=True)}
    assert await phones.seen() == {ids[1], ids[2]}
    assert phones.told == [anna.person_id]


async def test_the_background_tells_too_and_an_unregistered_phone_is_known_by_its_session(phones: Telling) -> None:
    anna = await phones.add()
    told = await phones.tell(anna.person_id)
    await phones.acknowledge(in_background(anna), (told, RECEIVED))
    assert await phones.receipts() == {(told, anna.session_id, RECEIVED)}
    assert await phones.seen() == set()
    assert phones.told == []  # nothing that an inbox shows has changed


async def test_told_twice_it_is_kept_once(phones: Telling) -> None:
    anna = await phones.add()
    told = await phones.tell(anna.person_id)
    for _ in range(2):
        assert (await phones.acknowledge(anna, (told, SEEN), (told, RECEIVED), (told, SEEN))).unread_count == 0
    assert await phones.receipts() == {(told, anna.session_id, kind) for kind in (RECEIVED, SEEN)}
    assert phones.told == [anna.person_id]


@pytest.mark.parametrize("kind", [SEEN, ACTED])
async def test_what_was_seen_is_sent_no_further(phones: Telling, kind: ReceiptKind) -> None:
    anna = await phones.add()
    await phones.register(anna)
    told = await phones.tell(anna.person_id, **CODE)
    assert await phones.states() == [DeliveryState.WAITING] * 2  # a push, and an SMS that waits for nothing
    await phones.acknowledge(anna, (told, RECEIVED))
    assert await phones.states() == [DeliveryState.WAITING] * 2
    await phones.acknowledge(anna, (told, kind))
    assert await phones.states() == [DeliveryState.CANCELLED] * 2


async def test_unknown_and_foreign_ids_are_said_and_the_rest_is_kept(phones: Telling) -> None:
    """S36."""
    anna, boris = await phones.add(), await phones.add()
    own, foreign, unknown = await phones.tell(anna.person_id), await phones.tell(boris.person_id), uuid7()
    told = await phones.acknowledge(anna, (foreign, SEEN), (own, SEEN), (unknown, ACTED))
    assert told == Acknowledged(unread_count=0, unknown=frozenset({foreign, unknown}))
    assert await phones.receipts() == {(own, anna.session_id, SEEN)}
    assert await phones.seen() == {own}


async def test_a_key_answers_as_it_did_and_only_for_the_same(phones: Telling) -> None:
    anna = await phones.add()
    first, second = [await phones.tell(anna.person_id, key) for key in "ab"]
    key = uuid4()
    before = await phones.service.acknowledge(anna, [(first, SEEN)], idempotency_key=key)
    await phones.acknowledge(anna, (second, SEEN))
    again = await phones.service.acknowledge(anna, [(first, SEEN)], idempotency_key=key)
    assert (before.replayed, again.replayed, again.value) == (False, True, before.value)
    with pytest.raises(IdempotencyKeyReused):
        await phones.acknowledge(anna, (first, RECEIVED), key=key)


async def test_more_than_a_hundred_keep_nothing(phones: Telling) -> None:
    anna = await phones.add()
    own = await phones.tell(anna.person_id)
    with pytest.raises(TooManyNotifications):
        await phones.acknowledge(anna, (own, SEEN), *((uuid7(), SEEN) for _ in range(100)))
    assert await phones.receipts() == set()
    assert await phones.seen() == set()


async def test_only_ones_own_phone_tells(phones: Telling) -> None:
    anna = await phones.add()
    own = await phones.tell(anna.person_id)
    with pytest.raises(NotSignedIn):
        await phones.acknowledge(None, (own, SEEN))
    with pytest.raises(AccountNotConfirmed):
        await phones.acknowledge(make_principal(anna.person_id, assurance=Assurance.STANDARD), (own, SEEN))
    for kind in set(ActorKind) - {ActorKind.CITIZEN, ActorKind.DEVICE}:
        with pytest.raises(AccessRefused):
            await phones.acknowledge(make_principal(anna.person_id, kind=kind), (own, SEEN))
    assert await phones.receipts() == set()
