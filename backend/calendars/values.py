"""The words of calendars."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from identity.language import Language
from identity.principal import PersonId

FeedId = NewType("FeedId", UUID)


class Detail(StrEnum):
    """How much a calendar tells; calendars are shared with families, employers and their keepers."""

    PLAIN = "plain"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Feed:
    """An open feed of a person's appointments, as whoever opened it sees it; instants are UTC."""

    id: FeedId
    person_id: PersonId
    actor_id: PersonId
    detail: Detail
    language: Language
    created_at: datetime
    last_read_at: datetime | None


@dataclass(frozen=True, slots=True)
class OpenedFeed:
    """A feed and its address; `url` is None for whoever was given it before."""

    feed: Feed
    url: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class CalendarText:
    """What a feed answers: an RFC 5545 text, and a tag that changes with it."""

    body: bytes = field(repr=False)
    etag: str
