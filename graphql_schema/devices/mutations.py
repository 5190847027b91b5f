"""Registering devices."""

from types import MappingProxyType
from typing import Annotated

import strawberry

from backend.devices.errors import DeviceNotFound
from backend.devices.values import DeviceId, Install
from graphql_schema.context import Context, Info
from graphql_schema.devices.inputs import RegisterDeviceInput, UnregisterDeviceInput
from graphql_schema.devices.queries import list_devices, to_device
from graphql_schema.devices.types import RegisterDevicePayload, UnregisterDevicePayload
from graphql_schema.errors import REFUSALS, user_errors
from graphql_schema.fields import mutation
from graphql_schema.node import decode_id
from identity.access import Action, require_signed_in
from notifications.channels.port import AddressKind, Provider

_FIELDS = MappingProxyType(
    {
        "DEVICE_ADDRESS_INVALID": "address",
        "DEVICE_KEY_INVALID": "publicKey",
        "DEVICE_LOCALE_INVALID": "locale",
        "DEVICE_NOT_FOUND": "deviceId",
        "DEVICE_TIME_ZONE_INVALID": "timeZone",
        "DEVICE_VERSION_INVALID": "appVersion",
    }
)


@strawberry.type(description="Changes of devices.")
class DeviceMutations:
    """Joined into the root of changes."""

    @mutation(
        description="Let pushes wake the device of this session, or tell what has changed of it. One address belongs "
        "to one account: where another had it, that one is told and is not woken there any more."
    )
    async def register_device(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 # the one argument's public name
            RegisterDeviceInput, strawberry.argument(description="The app and its device.")
        ],
    ) -> RegisterDevicePayload | None:
        """Register the device of the own session."""
        try:
            return await _register(info.context, input)
        except REFUSALS as refusal:
            return RegisterDevicePayload(errors=user_errors(info.context, refusal, _FIELDS))

    @mutation(description="Let pushes wake one of the own devices no more, until it is registered again.")
    async def unregister_device(
        self,
        info: Info,
        input: Annotated[UnregisterDeviceInput, strawberry.argument(description="Which.")],  # noqa: A002 # public name
    ) -> UnregisterDevicePayload | None:
        """Unregister one of the own devices."""
        try:
            return await _unregister(info.context, input)
        except REFUSALS as refusal:
            return UnregisterDevicePayload(errors=user_errors(info.context, refusal, _FIELDS))


async def _register(context: Context, given: RegisterDeviceInput) -> RegisterDevicePayload:
    actor = require_signed_in(context.principal, Action.REGISTER_DEVICE)
    install = Install(
        provider=Provider(str(given.provider.value)),
        address_kind=AddressKind(str(given.address_kind.value)),
        address=given.address,
        app_version=given.app_version,
        locale=given.locale,
        time_zone=given.time_zone,
        public_key=given.public_key,
    )
    outcome = await context.services.devices.register(actor, install, idempotency_key=given.idempotency_key)
    context.mark_replay(replayed=outcome.replayed)
    device = outcome.value
    return RegisterDevicePayload(device=None if device is None else to_device(device, context))


async def _unregister(context: Context, given: UnregisterDeviceInput) -> UnregisterDevicePayload:
    actor = require_signed_in(context.principal, Action.UNREGISTER_DEVICE)
    device_id = DeviceId(decode_id(given.device_id, "Device", missing=DeviceNotFound))
    outcome = await context.services.devices.unregister(actor, device_id, idempotency_key=given.idempotency_key)
    context.mark_replay(replayed=outcome.replayed)
    return UnregisterDevicePayload(devices=await list_devices(context, actor.person_id))
