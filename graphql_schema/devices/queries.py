"""Reading one's devices."""

from uuid import UUID

from backend.devices.values import Device as DeviceValue
from graphql_schema.context import Context
from graphql_schema.devices.inputs import PushProvider
from graphql_schema.devices.types import Device
from graphql_schema.node import encode_id
from identity.access import Action, require_signed_in
from identity.principal import PersonId


async def list_devices(context: Context, person_id: PersonId) -> list[Device]:
    """Return a person's devices that can be woken; raises as `DeviceService.list_devices` does."""
    found = await context.services.devices.list_devices(context.principal, person_id)
    return [to_device(one, context) for one in found]


async def load_device(context: Context, uuid: UUID) -> Device | None:
    """Return a device by the UUID of the global id; None for a missing, a retired and another's alike (S36).

    Raises:
        NotSignedIn: Nobody is signed in.
        AccessRefused: Not in this capacity.
    """
    actor = require_signed_in(context.principal, Action.READ_DEVICES)
    found = await context.services.devices.list_devices(actor, actor.person_id)
    return next((to_device(one, context) for one in found if one.id == uuid), None)


def to_device(device: DeviceValue, context: Context) -> Device:
    """Write a device for its person."""
    principal = context.principal
    return Device(
        id=encode_id("Device", device.id),
        provider=PushProvider(device.provider.value),
        app_name=context.services.sign_ins.name_of(device.app),
        app_version=device.app_version,
        locale=device.locale,
        time_zone=device.time_zone,
        is_encrypted=device.is_encrypted,
        is_current=principal is not None and principal.session_id == device.session_id,
        registered_at=device.registered_at,
        last_seen_at=device.last_seen_at,
    )
