"""Every table of the application: importing this module makes the metadata whole."""

from sqlalchemy import MetaData
from sqlmodel import SQLModel

import backend.booking.appointment_tables
import backend.booking.entitlement_tables
import backend.booking.no_show_tables
import backend.booking.profile_tables
import backend.booking.release_tables
import backend.booking.tables
import backend.calendars.tables
import backend.call_backs.tables
import backend.idempotency
import backend.policy.tables
import backend.portal.tables
import backend.profile.tables
import backend.reception.tables
import backend.rights.tables
import backend.waiting_list.tables
import identity.audit_tables
import identity.call_tables
import identity.consent_tables
import identity.emergency_tables
import identity.handover_tables
import identity.representation_tables
import identity.seen_tables
import identity.tables
import notifications.delivery_tables
import notifications.preference_tables
import notifications.tables

OWNERS = (
    backend.booking.profile_tables,
    backend.booking.appointment_tables,
    backend.booking.entitlement_tables,
    backend.booking.no_show_tables,
    backend.booking.release_tables,
    backend.booking.tables,
    backend.calendars.tables,
    backend.call_backs.tables,
    backend.idempotency,
    backend.policy.tables,
    backend.portal.tables,
    backend.profile.tables,
    backend.reception.tables,
    backend.rights.tables,
    backend.waiting_list.tables,
    identity.audit_tables,
    identity.call_tables,
    identity.consent_tables,
    identity.emergency_tables,
    identity.handover_tables,
    identity.representation_tables,
    identity.seen_tables,
    identity.tables,
    notifications.delivery_tables,
    notifications.preference_tables,
    notifications.tables,
)
"""The modules that own tables; a guard test finds one that is missing here."""

METADATA: MetaData = SQLModel.metadata
