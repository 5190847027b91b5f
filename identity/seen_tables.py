"""Rows of the devices that people have signed in on."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, DateTime
from sqlmodel import Field, SQLModel

from identity.tables import THUMBPRINT_LENGTH


class SeenDeviceRow(SQLModel, table=True):
    """A device, by its key, or an app without one, on which a person has signed in before; it outlives the sessions."""

    __tablename__ = "seen_devices"

    person_id: UUID = Field(primary_key=True)
    client_id: str = Field(primary_key=True, max_length=64)
    key_thumbprint: str = Field(primary_key=True, max_length=THUMBPRINT_LENGTH, description="Empty: bearer tokens.")
    first_seen_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
