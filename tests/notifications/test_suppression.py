"""Addresses that take nothing more: they are left alone, whoever has them, and nobody can read them from the list."""

from datetime import timedelta

import pytest
from sqlmodel import select
from uuid_utils.compat import uuid7

from backend.database import Database
from notifications.channels.port import Address, AddressKind, Channel, Outcome, Verdict
from notifications.delivery_tables import DeliveryState
from notifications.messages import MessageKind
from notifications.ports import Contact
from notifications.preference_tables import RefusalReason, SuppressedAddressRow
from notifications.suppression import KEPT_FOR, AddressHashes, Listed, Refusal, forget, lift, listed, suppress
from tests.factories.deliveries import PHONE, SECRET, Post, RememberingSender
from tests.factories.people import NOW

BOOKED = MessageKind.APPOINTMENT_CANCELLED
HASHES = AddressHashes(SECRET)
REFUSES = Outcome(Verdict.RECIPIENT_REFUSES, "subscriber_refuses")


def hash_of(kind: AddressKind, value: str, hashes: AddressHashes = HASHES) -> str:
    found = hashes.hash(Address(kind, value))
    assert found is not None
    return found


def test_a_mailbox_is_the_same_in_capitals_and_a_hash_needs_the_key() -> None:
    mail = hash_of(AddressKind.EMAIL, "Anna@Example.org ")
    assert mail == hash_of(AddressKind.EMAIL, "anna@example.org")
    assert mail != hash_of(AddressKind.PHONE, "anna@example.org")
    assert mail != hash_of(AddressKind.EMAIL, "anna@example.org", AddressHashes(b"another"))
    assert HASHES.hash(Address(AddressKind.TOKEN, "token")) is None


@pytest.mark.parametrize(
    ("channel", "verdict", "reason"),
    [
        (Channel.SMS, Verdict.RECIPIENT_REFUSES, RefusalReason.REFUSES),
        (Channel.SMS, Verdict.ADDRESS_DEAD, RefusalReason.DEAD),
        (Channel.EMAIL, Verdict.ADDRESS_DEAD, RefusalReason.DEAD),
    ],
)
async def test_an_address_that_refuses_is_asked_once_for_everybody_who_has_it(
    database: Database, channel: Channel, verdict: Verdict, reason: RefusalReason
) -> None:
    post, sender = Post(database), RememberingSender(answers=[Outcome(verdict)])
    for _ in range(2):
        kind = BOOKED if channel is Channel.SMS else MessageKind.PRESCRIPTION_ISSUED
        await post.put(uuid7(), channel, kind=kind)
        await post.courier(sender, channel=channel).deliver_due()
    assert [(row.state, row.reason) for row in await post.rows(channel)] == [
        (DeliveryState.FAILED, verdict.value),
        (DeliveryState.SUPPRESSED, f"address_{reason}"),
    ]
    assert len(sender.parcels) == 1
    async with database.reading() as session:
        (row,) = await session.exec(select(SuppressedAddressRow))
    value = PHONE if channel is Channel.SMS else "anna@example.org"
    kind_of_address = AddressKind.PHONE if channel is Channel.SMS else AddressKind.EMAIL
    assert (row.address_hash, row.reason, row.since) == (hash_of(kind_of_address, value), reason, NOW)


async def test_a_new_number_is_not_on_the_list(database: Database) -> None:
    post, sender, person = Post(database), RememberingSender(answers=[REFUSES]), uuid7()
    await post.put(person, Channel.SMS, kind=BOOKED)
    await post.courier(sender).deliver_due()
    post.book.contact = Contact("+79000000002", None, "Europe/Moscow")
    await post.put(person, Channel.SMS, kind=BOOKED)
    await post.courier(sender).deliver_due()
    assert [row.state for row in await post.rows()] == [DeliveryState.FAILED, DeliveryState.SENT]


async def test_what_is_critical_is_tried_all_the_same(database: Database) -> None:
    post, sender, person = Post(database), RememberingSender(answers=[REFUSES]), uuid7()
    await post.put(person, Channel.SMS, kind=BOOKED)
    await post.courier(sender).deliver_due()
    await post.tell(person)
    await post.courier(sender).deliver_due()
    assert [row.state for row in await post.rows()] == [DeliveryState.FAILED, DeliveryState.SENT]


async def test_what_passes_by_itself_puts_nobody_on_the_list(database: Database) -> None:
    answers = [Outcome(Verdict.RETRY), Outcome(Verdict.UNCLEAR), Outcome(Verdict.PROVIDER_UNUSABLE)]
    post = Post(database)
    for answer in answers:
        await post.put(uuid7(), Channel.SMS, kind=BOOKED)
        await post.courier(RememberingSender(answers=[answer])).deliver_due()
    async with database.reading() as session:
        assert list(await session.exec(select(SuppressedAddressRow))) == []


async def test_the_list_forgets_and_the_newest_word_stands(database: Database) -> None:
    one, other = "a" * 64, "b" * 64
    later = NOW + timedelta(days=1)
    async with database.transaction() as session:
        await suppress(session, [Refusal(one, RefusalReason.DEAD), Refusal(other, RefusalReason.DEAD)], now=NOW)
        await suppress(session, [Refusal(one, RefusalReason.REFUSES)], now=later)
        assert await listed(session, [one, other, "c" * 64], now=later) == {
            one: Listed(RefusalReason.REFUSES, later),
            other: Listed(RefusalReason.DEAD, NOW),
        }
        assert (await listed(session, [one, other], now=NOW + KEPT_FOR)).keys() == {one}
        assert await forget(session, NOW + KEPT_FOR) == 1
        assert await lift(session, one)
        assert not await lift(session, one)
