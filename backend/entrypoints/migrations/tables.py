"""Every table of the application: importing this module makes the metadata whole."""

from sqlalchemy import MetaData
from sqlmodel import SQLModel

import backend.booking.tables
import backend.idempotency
import backend.policy.tables
import backend.profile.tables
import identity.audit_tables
import identity.call_tables
import identity.tables
import notifications.tables

OWNERS = (
    backend.booking.tables,
    backend.idempotency,
    backend.policy.tables,
    backend.profile.tables,
    identity.audit_tables,
    identity.call_tables,
    identity.tables,
    notifications.tables,
)
"""The modules that own tables; a guard test finds one that is missing here."""

METADATA: MetaData = SQLModel.metadata
