"""Rows of policies."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, DateTime
from sqlmodel import Field, SQLModel


class PolicySnapshotRow(SQLModel, table=True):
    """The last answer of the register about one person: what it said as of when, and when we asked."""

    __tablename__ = "policy_snapshots"

    person_id: UUID = Field(primary_key=True)
    data: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    as_of: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    fetched_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
