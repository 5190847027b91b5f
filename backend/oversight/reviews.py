"""What is to be reviewed: "this wasn't right" by the person, and the officer's queue."""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.clock import Clock
from backend.database import Database
from backend.errors import NotFound, Refusal
from backend.idempotency import Facts, Outcome, Request, run_once
from backend.oversight import messages
from backend.oversight.errors import CommentRefused, ReviewSettled
from backend.oversight.queries import find_entries, find_review, list_queue
from backend.oversight.values import QueuePage, QueuePosition, ReviewItem
from backend.reading import within
from identity import emergencies, reviews
from identity.access import Action, signed_in
from identity.access_control import AccessControl
from identity.errors import AccessRefused
from identity.principal import PersonId, Principal
from identity.review_values import LONGEST_NOTE, ReviewId, ReviewState, Verdict
from identity.reviews import Review
from notifications.outbox import enqueue

_BY_CODE: Mapping[str, type[Refusal]] = {kind.code: kind for kind in (NotFound, ReviewSettled)}


class ReviewService:
    """Use-cases of reviews; every change is made once, however often it is asked (R56)."""

    def __init__(
        self, *, database: Database, access: AccessControl, clock: Clock, published: Callable[[PersonId], None]
    ) -> None:
        """Take the queue's database, who may change it, and what wakes an inbox after the commit."""
        self._database = database
        self._access = access
        self._clock = clock
        self._published = published

    async def report(
        self, actor: Principal | None, person_id: PersonId, sequence: int, *, comment: str | None, idempotency_key: UUID
    ) -> Outcome[int]:
        """Put an entry of a person's log into the officer's queue, once an entry.

        Args:
            actor: Who says that it was not right: the person, or who represents them.
            person_id: Whose log.
            sequence: The entry.
            comment: What they say, 1,000 characters at most; shown to officers, never logged.
            idempotency_key: Repeating a key returns the first outcome.

        Returns:
            The sequence of the entry, whose report can now be read in the log.

        Raises:
            NotFound: No such entry in this log.
            CommentRefused: The comment is too long.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not report for this person.
        """
        acting, now = signed_in(actor), self._clock()
        async with self._access.writing(acting, Action.REPORT_ACCESS, person_id) as (session, _):
            said = _comment(comment)
            inputs = {"person": str(person_id), "entry": sequence, "comment": said}
            request = Request(actor_id=acting.person_id, operation="reportAccess", key=idempotency_key, inputs=inputs)

            async def change() -> Facts:
                if not await find_entries(within(session), person_id, [sequence]):
                    raise NotFound
                await reviews.ask_about_entry(session, person_id, sequence, by=acting.person_id, comment=said, now=now)
                return {"entry": sequence}

            recorded = await run_once(session, request, now=now, work=change, explain=_no_facts)
        if recorded.refused is not None:
            raise _BY_CODE[recorded.refused]
        return Outcome(recorded.facts["entry"], recorded.replayed)

    async def list_queue(
        self, actor: Principal | None, *, state: ReviewState, limit: int, after: QueuePosition | None = None
    ) -> QueuePage:
        """Return at most `limit` reviews in a state, oldest first; that the officer saw them is in each one's log.

        Raises:
            NotSignedIn, AccessRefused: `actor` is no officer.
        """
        await self._access.admit(actor, Action.READ_REVIEW_QUEUE, None)
        found = await list_queue(self._database.read, state, limit=limit + 1, after=after)
        shown = found[:limit]
        await self._access.admit_to_each(actor, Action.READ_REVIEW_QUEUE, {one.person_id for one in shown})
        return QueuePage(shown, has_next=len(found) > limit)

    async def settle(
        self, actor: Principal | None, review_id: ReviewId, *, verdict: Verdict, note: str, idempotency_key: UUID
    ) -> Outcome[ReviewItem]:
        """Write what an officer found, and tell the person; an unjustified emergency that is still open ends.

        Args:
            actor: An officer, who is neither the person nor the one whose deed it is.
            review_id: The review.
            verdict: NEEDS_MORE keeps it in the queue; nobody is told of that.
            note: Why, 1 to 1,000 characters; for officers.
            idempotency_key: Repeating a key returns the first outcome, as it stands then.

        Raises:
            NotFound: No such review.
            ReviewSettled: It has its verdict.
            CommentRefused: The note is empty or too long.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused: `actor` is no officer, or it is about themselves.
        """
        acting = signed_in(actor)
        await self._access.admit(acting, Action.SETTLE_REVIEW, None)
        said = _comment(note)
        if said is None:
            raise CommentRefused
        async with self._database.reading() as session:
            person_id = await reviews.find_person(session, review_id)
        if person_id is None:
            raise NotFound
        if person_id == acting.person_id:
            raise AccessRefused
        inputs = {"review": str(review_id), "verdict": verdict.value, "note": said}
        request = Request(actor_id=acting.person_id, operation="settleReview", key=idempotency_key, inputs=inputs)
        told: list[PersonId] = []
        now = self._clock()
        async with self._access.writing(acting, Action.SETTLE_REVIEW, person_id) as (session, _):
            item = await _item(session, person_id, review_id)
            if _deed_of(item) == acting.person_id:
                raise AccessRefused

            async def change() -> Facts:
                settled = await reviews.settle(
                    session, person_id, review_id, verdict=verdict, note=said, by=acting.person_id, now=now
                )
                if settled is None:
                    raise ReviewSettled
                told.extend(await _conclude(session, settled, now))
                return {}

            recorded = await run_once(session, request, now=now, work=change, explain=_no_facts)
            item = await _item(session, person_id, review_id)
        if recorded.refused is not None:
            raise _BY_CODE[recorded.refused]
        for one in told:
            self._published(one)
        return Outcome(item, recorded.replayed)


async def _conclude(session: AsyncSession, review: Review, now: datetime) -> list[PersonId]:
    """Do what follows from a verdict; return whose inboxes have a message."""
    if review.verdict is Verdict.UNJUSTIFIED and review.emergency_id is not None:
        await emergencies.end(session, review.person_id, review.emergency_id, now)
    if review.state is not ReviewState.SETTLED:
        return []
    told = {review.person_id} if review.emergency_id is not None else {review.person_id, review.opened_by}
    for one in sorted(told):
        await enqueue(session, messages.settled(review, one), now=now)
    return sorted(told)


async def _item(session: AsyncSession, person_id: PersonId, review_id: ReviewId) -> ReviewItem:
    found = await find_review(within(session), person_id, review_id)
    if found is None:
        raise NotFound
    return found


def _deed_of(item: ReviewItem) -> PersonId | None:
    """Return whose deed is reviewed."""
    deed = item.emergency or item.entry
    return deed.actor_id if deed else None


def _comment(text: str | None) -> str | None:
    """Return what was typed without the spaces around it; None where nothing was.

    Raises:
        CommentRefused: Above 1,000 characters.
    """
    said = (text or "").strip()
    if len(said) > LONGEST_NOTE:
        raise CommentRefused
    return said or None


async def _no_facts(_refusal: Refusal) -> Facts:
    return {}
