"""The list of addresses that take nothing more: telephones and mailboxes, by a keyed hash, of whomever they are.

It is about the address: who changes their number is not on it, and it forgets an address after a while, because
mailboxes come back and operators' bans are lifted without a word to us.
"""

import hashlib
import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from notifications.channels.port import Address, AddressKind, Verdict
from notifications.inserts import insert_into
from notifications.preference_tables import RefusalReason, SuppressedAddressRow

KEPT_FOR = timedelta(days=180)
"""How long an address is left alone before it is tried once more. Ours (config of a release)."""

_REASONS: Mapping[Verdict, RefusalReason] = {
    Verdict.ADDRESS_DEAD: RefusalReason.DEAD,
    Verdict.RECIPIENT_REFUSES: RefusalReason.REFUSES,
}
_LISTED = frozenset({AddressKind.PHONE, AddressKind.EMAIL})
"""A push token that is dead is retired with its device."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An address, by its hash, that has refused."""

    address_hash: str
    reason: RefusalReason


@dataclass(frozen=True, slots=True)
class Listed:
    """What the list says of an address."""

    reason: RefusalReason
    since: datetime


class AddressHashes:
    """Hashes addresses by one key, the same in every process: without it nobody can try all telephone numbers."""

    def __init__(self, key: bytes) -> None:
        """Take a secret key; after a change of it the list begins anew."""
        self._key = key

    def hash(self, address: Address) -> str | None:
        """Return what the list keeps of an address, in hex; None for one that is never on it."""
        if address.kind not in _LISTED:
            return None
        value = address.value.strip().lower() if address.kind is AddressKind.EMAIL else address.value
        return hmac.digest(self._key, f"{address.kind.value}:{value}".encode(), hashlib.sha256).hex()


def refusal_of(address_hash: str | None, verdict: Verdict) -> Refusal | None:
    """Return what a verdict adds to the list, if anything."""
    reason = _REASONS.get(verdict)
    return None if address_hash is None or reason is None else Refusal(address_hash, reason)


async def listed(session: AsyncSession, address_hashes: Collection[str], *, now: datetime) -> dict[str, Listed]:
    """Return what is said of those of the addresses that are on the list now, by hash."""
    if not address_hashes:
        return {}
    query = select(SuppressedAddressRow).where(
        col(SuppressedAddressRow.address_hash).in_(address_hashes), col(SuppressedAddressRow.since) > now - KEPT_FOR
    )
    return {row.address_hash: Listed(row.reason, row.since) for row in await session.exec(query)}


async def suppress(session: AsyncSession, refusals: Collection[Refusal], *, now: datetime) -> None:
    """Put addresses on the list; the newest word stands."""
    newest = {one.address_hash: one for one in refusals}
    if not newest:
        return
    rows = [
        SuppressedAddressRow(address_hash=one.address_hash, reason=one.reason, since=now).model_dump()
        for one in sorted(
            newest.values(), key=lambda one: one.address_hash
        )  # in one order, so that none waits in a ring
    ]
    insert = insert_into(session, SuppressedAddressRow).values(rows)
    changed = {"reason": insert.excluded.reason, "since": insert.excluded.since}
    await session.exec(insert.on_conflict_do_update(index_elements=["address_hash"], set_=changed))


async def lift(session: AsyncSession, address_hash: str) -> bool:
    """Take an address off the list; returns whether it was on it."""
    lifted = await session.exec(
        delete(SuppressedAddressRow).where(col(SuppressedAddressRow.address_hash) == address_hash)
    )
    return bool(lifted.rowcount)


async def forget(session: AsyncSession, now: datetime) -> int:
    """Take off the list what was on it for long enough; returns how many there were."""
    old = delete(SuppressedAddressRow).where(col(SuppressedAddressRow.since) <= now - KEPT_FOR)
    return (await session.exec(old)).rowcount
