"""Copies of one's data and requests for erasure, as values."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, NewType
from uuid import UUID

from identity.principal import PersonId

ExportId = NewType("ExportId", UUID)
ErasureId = NewType("ErasureId", UUID)
Language = Literal["ru", "en"]


class ExportState(StrEnum):
    """Where a copy stands."""

    QUEUED = "queued"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"
    EXPIRED = "expired"


ACTIVE_EXPORTS = (ExportState.QUEUED, ExportState.RUNNING)
"""Those that a worker has to do with; a person has one at most."""


class ErasureState(StrEnum):
    """Where a request for erasure stands."""

    WAITING = "waiting"
    CANCELLED = "cancelled"
    ERASED = "erased"


class Treatment(StrEnum):
    """What becomes of rows when their person is erased."""

    ERASED = "erased"
    KEPT = "kept"
    REDUCED = "reduced"


@dataclass(frozen=True, slots=True)
class Told:
    """A text in both languages."""

    ru: str
    en: str

    def written_in(self, language: Language) -> str:
        """Return it in one of them."""
        return self.ru if language == "ru" else self.en


@dataclass(frozen=True, slots=True)
class Law:
    """Why something stays: the reason, the act it stands in, and for how long."""

    reason: Told
    act: Told
    until: Told


@dataclass(frozen=True, slots=True)
class ExportStatus:
    """How a copy stands; instants are aware UTC. `failure` is a code of the error catalogue."""

    id: ExportId
    person_id: PersonId
    state: ExportState
    progress_percent: int
    requested_at: datetime
    ready_at: datetime | None
    expires_at: datetime | None
    size_bytes: int | None
    failure: str | None


@dataclass(frozen=True, slots=True)
class ErasureItem:
    """What becomes, or became, of one kind of data: so many rows, and under which law where they stay."""

    table: str
    title: Told
    treatment: Treatment
    rows: int
    law: Law | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as the statement keeps it: without any value of the person's."""
        law = self.law and {
            name: {"ru": told.ru, "en": told.en}
            for name, told in (("reason", self.law.reason), ("act", self.law.act), ("until", self.law.until))
        }
        return {
            "table": self.table,
            "title": {"ru": self.title.ru, "en": self.title.en},
            "treatment": self.treatment.value,
            "rows": self.rows,
            "law": law,
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "ErasureItem":
        """Read what `to_json` wrote."""
        law = kept["law"] and Law(**{name: Told(**told) for name, told in kept["law"].items()})
        return cls(kept["table"], Told(**kept["title"]), Treatment(kept["treatment"]), kept["rows"], law)


@dataclass(frozen=True, slots=True)
class Erasure:
    """How a request for erasure stands; `items` are the plan while it waits, afterwards the statement.

    `erases_at` is when the waiting ends, `receipt` opens the page about it for as long as its row is kept.
    """

    id: ErasureId
    state: ErasureState
    requested_at: datetime
    erases_at: datetime
    cancelled_at: datetime | None
    erased_at: datetime | None
    items: tuple[ErasureItem, ...]
    receipt: str = field(repr=False)
