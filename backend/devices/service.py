"""Use-cases of devices that can be woken."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.clock import Clock
from backend.database import Database
from backend.devices import messages
from backend.devices.errors import BY_CODE, DeviceNotFound
from backend.devices.queries import find_device, list_devices
from backend.devices.values import Device, DeviceId, Install
from backend.errors import Refusal
from backend.idempotency import Facts, Outcome, Recorded, Request, run_once
from identity.access import Action, signed_in
from identity.access_control import AccessControl
from identity.errors import TokenRefused
from identity.ports import People
from identity.principal import PersonId, Principal
from identity.queries import lock_session
from notifications.delivery_tables import DeviceRow
from notifications.devices import retire_where
from notifications.outbox import enqueue
from notifications.registration import Registration, register_device

Work = Callable[[AsyncSession], Awaitable[Facts]]


class DeviceService:
    """A person's own devices; nobody registers one for somebody else."""

    def __init__(
        self,
        *,
        database: Database,
        access: AccessControl,
        clock: Clock,
        people: People,
        published: Callable[[PersonId], None],
    ) -> None:
        """`people` knows where somebody lives, `published` wakes who watches an inbox, after the commit."""
        self._database = database
        self._access = access
        self._clock = clock
        self._people = people
        self._published = published

    async def list_devices(self, actor: Principal | None, person_id: PersonId) -> list[Device]:
        """Return the person's devices that can be woken, the latest registered first.

        Raises:
            NotSignedIn: Nobody is signed in.
            AccessRefused: `actor` may not see this person's devices.
        """
        await self._access.admit(actor, Action.READ_DEVICES, person_id)
        return await list_devices(self._database.read, person_id)

    async def register(
        self, actor: Principal | None, install: Install, *, idempotency_key: UUID
    ) -> Outcome[Device | None]:
        """Let the device of the actor's session be woken, or tell what has changed of it.

        A session has one address: an earlier one is retired, and what waits for it goes to the new one. An address
        has one account: where another had it, that one is told, and is not woken there any more.

        Args:
            actor: Who is signed in, on that device.
            install: What the app tells of itself.
            idempotency_key: Repeating a key returns the first outcome.

        Returns:
            The device as it is now; None for a repeated key whose device is forgotten.

        Raises:
            TokenRefused: The session has ended meanwhile.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn: Nobody is signed in.
            AccessRefused: `actor` is nobody's phone.
        """
        known = signed_in(actor)
        told: list[PersonId] = []

        async def work(session: AsyncSession) -> Facts:
            now = self._clock()
            family = await lock_session(session, known.person_id, known.session_id)
            if family is None or family.revoked_at is not None or now >= family.expires_at:
                raise TokenRefused
            given = _registration(known, install, app=family.client_id)
            registered = await register_device(session, known.person_id, given, now=now)
            if registered.moved_from is not None:
                told.append(PersonId(registered.moved_from))
                await self._tell_moved(session, told[-1], registered.device_id)
            return {"device": str(registered.device_id)}

        inputs = {"session": str(known.session_id), **_inputs(install)}
        request = Request(known.person_id, "registerDevice", idempotency_key, inputs)
        recorded = await self._once(known, Action.REGISTER_DEVICE, request, work)
        for one in told:
            self._published(one)
        device_id = DeviceId(UUID(recorded.facts["device"]))
        return Outcome(await find_device(self._database.read, known.person_id, device_id), recorded.replayed)

    async def unregister(self, actor: Principal | None, device_id: DeviceId, *, idempotency_key: UUID) -> Outcome[None]:
        """Wake a device of the actor no more, until it registers again.

        Raises:
            DeviceNotFound: No such device that can be woken, or another person's (S36).
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn: Nobody is signed in.
            AccessRefused: `actor` is nobody's phone.
        """
        known = signed_in(actor)

        async def work(session: AsyncSession) -> Facts:
            this = (col(DeviceRow.person_id) == known.person_id) & (col(DeviceRow.id) == device_id)
            if not await retire_where(session, this, reason="unregistered", now=self._clock()):
                raise DeviceNotFound
            return {}

        request = Request(known.person_id, "unregisterDevice", idempotency_key, {"device": str(device_id)})
        recorded = await self._once(known, Action.UNREGISTER_DEVICE, request, work)
        return Outcome(None, recorded.replayed)

    async def _tell_moved(self, session: AsyncSession, person_id: PersonId, device_id: UUID) -> None:
        birth = await self._people.birth_of(session, person_id)
        if birth is not None:
            now = self._clock()
            await enqueue(session, messages.moved(person_id, device_id, now=now, zone=birth.time_zone), now=now)

    async def _once(self, actor: Principal, action: Action, request: Request, work: Work) -> Recorded:
        async with self._access.writing(actor, action, actor.person_id) as (session, _):
            recorded = await run_once(
                session, request, now=self._clock(), work=lambda: work(session), explain=_no_facts
            )
        if recorded.refused is not None:
            raise BY_CODE[recorded.refused](replayed=recorded.replayed)
        return recorded


def _registration(actor: Principal, install: Install, *, app: str) -> Registration:
    return Registration(
        session_id=actor.session_id,
        provider=install.provider,
        address_kind=install.address_kind,
        address=install.address,
        app=app,
        app_version=install.app_version,
        locale=install.locale,
        time_zone=install.time_zone,
        public_key=install.public_key,
    )


def _inputs(install: Install) -> Facts:
    """Return what decides, for the hash of the request; nothing of it is kept there."""
    return {
        "provider": install.provider.value,
        "address_kind": install.address_kind.value,
        "address": install.address,
        "app_version": install.app_version,
        "locale": install.locale,
        "time_zone": install.time_zone,
        "public_key": install.public_key,
    }


async def _no_facts(_refusal: Refusal) -> Facts:
    return {}
