"""Rows of queues for releases: who wants what a post begins to give out at one instant. Instants are UTC."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, PrimaryKeyConstraint, UniqueConstraint, text
from sqlmodel import Field, SQLModel
from uuid_utils.compat import uuid7

from backend.booking.states import COMPETING_PLACES, KEPT_PLACES, PlaceState
from backend.booking.values import Channel
from identity.columns import choice


def _among(states: tuple[PlaceState, ...]) -> str:
    return f"state IN ({', '.join(repr(state.value) for state in states)})"


NOT_ENDED = text("ended_at IS NULL")
COMPETING = text(_among(COMPETING_PLACES))
KEPT = text(_among(KEPT_PLACES))


def _instant(*, nullable: bool = False) -> Column[datetime]:
    return Column(DateTime(timezone=True), nullable=nullable)


class ReleaseQueueRow(SQLModel, table=True):
    """The queue for all slots of a post that are given out from `released_at` on; made when the first one joins.

    `drawn_at` is when the order of those who joined before was drawn, `ends_at` when it ends at the latest, `ended_at`
    when it did.
    """

    __tablename__ = "release_queues"
    __table_args__ = (
        UniqueConstraint("post_id", "released_at", name="release_queues_post_released_at"),
        Index("release_queues_not_ended", "released_at", postgresql_where=NOT_ENDED, sqlite_where=NOT_ENDED),
        CheckConstraint("ends_at > released_at", name="release_queues_ends_after_release"),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    post_id: UUID = Field(foreign_key="posts.id")
    released_at: datetime = Field(sa_column=_instant())
    ends_at: datetime = Field(sa_column=_instant())
    drawn_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    ended_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))


class ReleaseQueuePlaceRow(SQLModel, table=True):
    """Somebody's place in a queue; `place` is null until the draw, and never changes after it."""

    __tablename__ = "release_queue_places"
    __table_args__ = (
        PrimaryKeyConstraint("person_id", "id", name="release_queue_places_pk"),
        Index(
            "release_queue_places_one_a_person",
            "person_id",
            "queue_id",
            unique=True,
            postgresql_where=KEPT,
            sqlite_where=KEPT,
        ),
        Index("release_queue_places_order", "queue_id", "place", unique=True),
        Index(
            "release_queue_places_competing",
            "queue_id",
            "state",
            "place",
            postgresql_where=COMPETING,
            sqlite_where=COMPETING,
        ),
        CheckConstraint("state <> 'turn' OR turn_until IS NOT NULL", name="release_queue_places_turn_until"),
    )

    person_id: UUID
    id: UUID = Field(default_factory=uuid7)
    actor_id: UUID
    queue_id: UUID = Field(foreign_key="release_queues.id")
    channel: Channel = Field(
        sa_column=Column(choice(Channel, "release_queue_places_channel", checked=False), nullable=False)
    )
    referral_id: UUID | None = None
    state: PlaceState = Field(
        sa_column=Column(choice(PlaceState, "release_queue_places_state", checked=False), nullable=False)
    )
    place: int | None = None
    joined_at: datetime = Field(sa_column=_instant())
    turn_until: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    ended_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
