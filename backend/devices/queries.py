"""Reads of devices, always by `person_id`."""

from uuid import UUID

from sqlalchemy import Uuid, bindparam
from sqlmodel import col

from backend.devices.values import Device, DeviceId
from backend.reading import Rows, Statement
from backend.shapes import Shape
from notifications.delivery_tables import DeviceRow
from notifications.registration import MOST_DEVICES

_DEVICE = Shape(
    Device,
    col(DeviceRow.id),
    col(DeviceRow.session_id),
    col(DeviceRow.provider),
    col(DeviceRow.app),
    col(DeviceRow.app_version),
    col(DeviceRow.locale),
    col(DeviceRow.time_zone),
    col(DeviceRow.public_key).is_not(None),
    col(DeviceRow.registered_at),
    col(DeviceRow.last_seen_at),
)
_OWN = _DEVICE.select().where(col(DeviceRow.person_id) == bindparam("person_id", type_=Uuid()))
_LIVE = Statement(
    _OWN.where(col(DeviceRow.retired_at).is_(None))
    .order_by(col(DeviceRow.registered_at).desc(), col(DeviceRow.id).desc())
    .limit(MOST_DEVICES),
    _DEVICE,
)
_BY_ID = Statement(_OWN.where(col(DeviceRow.id) == bindparam("id", type_=Uuid())), _DEVICE)


async def list_devices(rows: Rows, person_id: UUID) -> list[Device]:
    """Return a person's devices that can be woken, the latest registered first, at most `MOST_DEVICES`."""
    return await rows.rows(_LIVE, person_id=person_id)


async def find_device(rows: Rows, person_id: UUID, device_id: DeviceId) -> Device | None:
    """Return a device of the person, retired or not."""
    return await rows.row(_BY_ID, person_id=person_id, id=device_id)
