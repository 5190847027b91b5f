"""The other side of a feed's address: nobody is signed in, the address says all."""

from datetime import datetime, timedelta

from backend.booking.rules import is_withheld
from backend.calendars.calendar_queries import appointments_since, feed_by_token, note_reading
from backend.calendars.errors import CalendarLinkInvalid
from backend.calendars.events import write_feed
from backend.calendars.values import CalendarText, Feed
from backend.clock import Clock
from backend.database import Database
from identity.access import Action
from identity.access_control import AccessControl
from identity.capacities import Grounds
from identity.errors import IdentityRefusal
from identity.opaque import digest
from identity.principal import ActorKind, Assurance, Principal, SessionId

SHOWS_PAST = timedelta(days=30)
"""How long a visit that is over, or was given up, stays in a feed."""

MOST_EVENTS = 500
NOTED_EVERY = timedelta(hours=1)
"""How exactly `last_read_at` is kept: calendars ask several times an hour."""

_LONGEST_TOKEN = 64


class CalendarReader:
    """Answers calendars. An address alone says nothing: feed and right are looked at anew each time it is read."""

    def __init__(self, *, database: Database, access: AccessControl, clock: Clock, domain: str) -> None:
        """End the UIDs of events with `domain`."""
        self._database = database
        self._access = access
        self._clock = clock
        self._domain = domain

    async def read(self, token: str) -> CalendarText:
        """Return what stands behind an address; the audit has it when this returns.

        Args:
            token: The last part of the address, without its ending.

        Returns:
            The coming appointments and those of the last `SHOWS_PAST`, soonest first, without what is withheld from
            whoever opened the feed; the latest `MOST_EVENTS` of them.

        Raises:
            CalendarLinkInvalid: For whatever reason.
            DatabaseBusy, DatabaseUnavailable: Nothing is known about it now.
        """
        feed = await self._find(token)
        now = self._clock()
        grounds = await self._admit(feed, now)
        found = await appointments_since(self._database.read, feed.person_id, now - SHOWS_PAST, limit=MOST_EVENTS)
        shown = [one for one in reversed(found) if not is_withheld(one.slot.specialty.code, grounds.withheld)]
        if feed.last_read_at is None or now - feed.last_read_at >= NOTED_EVERY:
            async with self._database.transaction() as session:
                await note_reading(session, feed.id, feed.person_id, now=now)
        return write_feed(shown, detail=feed.detail, language=feed.language, domain=self._domain)

    async def _find(self, token: str) -> Feed:
        if len(token) > _LONGEST_TOKEN or not token.isascii():
            raise CalendarLinkInvalid
        feed = await feed_by_token(self._database.read, digest(token))
        if feed is None:
            raise CalendarLinkInvalid
        return feed

    async def _admit(self, feed: Feed, now: datetime) -> Grounds:
        """Ask for the right as it is now; only confirmed citizens ever opened a feed (`Action.CHANGE_CALENDAR_FEED`).

        The feed stands where a session does: it is a sign-in of its own, good for this alone.
        """
        actor = Principal(
            ActorKind.CITIZEN, feed.actor_id, Assurance.CONFIRMED, SessionId(feed.id), expires_at=now + NOTED_EVERY
        )
        try:
            return await self._access.admit(actor, Action.FOLLOW_CALENDAR_FEED, feed.person_id)
        except IdentityRefusal as refusal:
            raise CalendarLinkInvalid from refusal
