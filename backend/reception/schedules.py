"""Schedules of a clinic: templates, the receptions and slots made of them, and closing what was made."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.errors import NotFound
from backend.idempotency import Facts, Outcome
from backend.reading import Rows, within
from backend.reception import schedule_queries
from backend.reception.desk import Desk
from backend.reception.errors import DatesRefused
from backend.reception.planning import (
    check_days,
    check_no_overlap,
    check_range,
    check_template,
    compare,
    plan_receptions,
)
from backend.reception.values import (
    Closure,
    DeskPost,
    PostId,
    Publication,
    ReceptionPlan,
    StoredTemplate,
    Template,
    TemplateId,
)
from identity.principal import Principal


class ScheduleDesk:
    """Use-cases of schedules; every change is made once, however often it is asked (R56)."""

    def __init__(self, desk: Desk) -> None:
        """Work at `desk`."""
        self._desk = desk

    async def templates(self, actor: Principal | None, *, post_id: PostId) -> Sequence[StoredTemplate]:
        """Return the templates of a post, by weekday and hour.

        Raises:
            NotFound: No such post, or another organisation's.
            NotSignedIn, AccessRefused: `actor` works at no clinic's desk.
        """
        known = await self._desk.admit(actor)
        rows = self._desk.database.read
        return await schedule_queries.templates_of(rows, (await self._desk.post(rows, known, post_id)).id)

    async def add_template(
        self, actor: Principal | None, *, post_id: PostId, template: Template, idempotency_key: UUID
    ) -> Outcome[TemplateId]:
        """Add a template to a post; nothing is made of it until its days are published.

        Raises:
            NotFound: No such post, or another organisation's.
            KeptElsewhere: An outside registry keeps the clinic's slots.
            TemplateRefused: It says what cannot be.
            TemplateOverlaps: The post has another one for a part of that time.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused: `actor` works at no clinic's desk.
        """
        known = await self._desk.admit(actor)

        async def add(session: AsyncSession) -> Facts:
            check_template(template)
            post = await self._own_post(session, known, post_id)
            others = await schedule_queries.templates_of(within(session), post.id)
            check_no_overlap(template, (one.template for one in others))
            return {"template": str(await schedule_queries.add_template(session, post.id, template, now=self._now()))}

        inputs = {"post": str(post_id), "template": _facts_of(template)}
        done = await self._desk.do_once(known, "addScheduleTemplate", idempotency_key, inputs, add)
        return Outcome(TemplateId(UUID(done.value["template"])), done.replayed)

    async def end_template(
        self, actor: Principal | None, *, template_id: TemplateId, last: date, idempotency_key: UUID
    ) -> Outcome[TemplateId]:
        """Let a template make nothing after the day `last`; what was published of later days stays.

        Raises:
            NotFound: No such template, or another organisation's.
            DatesRefused: It begins only after `last`, or ends before.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused: `actor` works at no clinic's desk.
        """
        known = await self._desk.admit(actor)

        async def end(session: AsyncSession) -> Facts:
            found = await schedule_queries.find_template(within(session), template_id)
            if found is None:
                raise NotFound
            await self._own_post(session, known, found.post_id)
            ends = found.template.valid_to
            if last < found.template.valid_from or (ends is not None and last > ends):
                raise DatesRefused
            await schedule_queries.end_template(session, template_id, last)
            return {"template": str(template_id)}

        inputs = {"template": str(template_id), "last": last.isoformat()}
        done = await self._desk.do_once(known, "endScheduleTemplate", idempotency_key, inputs, end)
        return Outcome(TemplateId(UUID(done.value["template"])), done.replayed)

    async def preview(
        self, actor: Principal | None, *, post_id: PostId, first: date, last: date
    ) -> Sequence[ReceptionPlan]:
        """Return what publishing these days would make, reception by reception; changes nothing.

        Args:
            actor: Who asks.
            post_id: Whose days.
            first: The first day, by the clinic's calendar; today or later.
            last: The last one, inclusive.

        Raises:
            NotFound: No such post, or another organisation's.
            DatesRefused: Past days, or too many.
            NotSignedIn, AccessRefused: `actor` works at no clinic's desk.
        """
        known = await self._desk.admit(actor)
        rows = self._desk.database.read
        return await self._plan(rows, await self._desk.post(rows, known, post_id), first, last)

    async def publish(
        self, actor: Principal | None, *, post_id: PostId, first: date, last: date, idempotency_key: UUID
    ) -> Outcome[Publication]:
        """Make receptions and slots of the post's templates; what is there already stays as it is.

        Publishing the same days again adds only what is missing: a slot that was withdrawn stays withdrawn, and one
        that would share a moment with another of the doctor's is left out.

        Raises:
            NotFound: No such post, or another organisation's.
            KeptElsewhere: An outside registry keeps the clinic's slots.
            DatesRefused: Past days, or too many.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused: `actor` works at no clinic's desk.

        Source: issue "Booking over every channel", item 6.
        """
        known = await self._desk.admit(actor)

        async def make(session: AsyncSession) -> Facts:
            post = await self._own_post(session, known, post_id)
            plans = await self._plan(within(session), post, first, last)
            made = [await schedule_queries.add_reception(session, post, plan) for plan in plans]
            return {
                "receptions": len(plans),
                "made": sum(made),
                "there": sum(plan.there for plan in plans),
                "overlapping": sum(plan.overlapping for plan in plans),
            }

        inputs = {"post": str(post_id), "first": first.isoformat(), "last": last.isoformat()}
        done = await self._desk.do_once(known, "publishSchedule", idempotency_key, inputs, make)
        return Outcome(Publication(**done.value), done.replayed)

    async def close(
        self,
        actor: Principal | None,
        *,
        post_id: PostId,
        starts_from: datetime,
        starts_before: datetime,
        idempotency_key: UUID,
    ) -> Outcome[Closure]:
        """Withdraw the free slots of a post that begin in a range; what people hold or have booked they keep.

        Args:
            actor: Who asks.
            post_id: Whose slots.
            starts_from: The range begins, inclusive.
            starts_before: It ends, exclusive.
            idempotency_key: Repeating a key returns the first outcome.

        Raises:
            NotFound: No such post, or another organisation's.
            KeptElsewhere: An outside registry keeps the clinic's slots.
            DatesRefused: No range, over, or too long.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused: `actor` works at no clinic's desk.
        """
        known = await self._desk.admit(actor)

        async def close(session: AsyncSession) -> Facts:
            check_range(starts_from, starts_before, now=self._now())
            post = await self._own_post(session, known, post_id)
            slot_ids = await schedule_queries.lock_slots(
                session,
                clinic_id=post.clinic_id,
                doctor_id=post.doctor_id,
                post_id=post.id,
                starts_from=starts_from,
                starts_before=starts_before,
            )
            claimed = await schedule_queries.claimed_among(session, slot_ids, now=self._now())
            free = [one for one in slot_ids if one not in claimed]
            return {"withdrawn": await schedule_queries.withdraw(session, free), "claimed": len(claimed)}

        inputs = {"post": str(post_id), "from": starts_from.isoformat(), "before": starts_before.isoformat()}
        done = await self._desk.do_once(known, "closeReception", idempotency_key, inputs, close)
        return Outcome(Closure(**done.value), done.replayed)

    async def set_release_queue(
        self, actor: Principal | None, *, post_id: PostId, is_on: bool, idempotency_key: UUID
    ) -> Outcome[PostId]:
        """Let people queue for what a post begins to give out, or no more; queues that somebody has joined go on.

        Raises:
            NotFound: No such post, or another organisation's.
            KeptElsewhere: An outside registry keeps the clinic's slots.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused: `actor` works at no clinic's desk.
        """
        known = await self._desk.admit(actor)

        async def change(session: AsyncSession) -> Facts:
            post = await self._own_post(session, known, post_id)
            await schedule_queries.set_release_queue(session, post.id, is_on=is_on)
            return {"post": str(post.id)}

        inputs = {"post": str(post_id), "on": is_on}
        done = await self._desk.do_once(known, "setReleaseQueue", idempotency_key, inputs, change)
        return Outcome(PostId(UUID(done.value["post"])), done.replayed)

    def _now(self) -> datetime:
        return self._desk.clock()

    async def _own_post(self, session: AsyncSession, actor: Principal, post_id: UUID) -> DeskPost:
        """Return a post that the desk may change, its doctor's schedule locked."""
        rows = within(session)
        post = await self._desk.post(rows, actor, post_id)
        await self._desk.check_kept_here(rows, post.clinic_id)
        await schedule_queries.lock_doctor(session, post.doctor_id)
        return post

    async def _plan(self, rows: Rows, post: DeskPost, first: date, last: date) -> list[ReceptionPlan]:
        today = self._now().astimezone(ZoneInfo(post.time_zone)).date()
        check_days(first, last, today=today)
        stored = await schedule_queries.templates_of(rows, post.id)
        receptions = plan_receptions((one.template for one in stored), first=first, last=last, time_zone=post.time_zone)
        times = [one for reception in receptions for one in reception.times]
        if not times:
            return compare(receptions, [])
        starts_from = min(start for start, _ in times) - timedelta(hours=12)
        ends = max(end for _, end in times)
        taken = await schedule_queries.taken_by_doctor(
            rows, post.doctor_id, starts_from=starts_from, starts_before=ends
        )
        return compare(receptions, taken)


def _facts_of(template: Template) -> Facts:
    released = template.release
    return {
        "weekday": template.weekday,
        "opens": template.opens.isoformat(),
        "closes": template.closes.isoformat(),
        "minutes": template.slot_minutes,
        "channels": sorted(channel.value for channel in template.channels),
        "quotas": {channel.value: most for channel, most in sorted(template.quotas.items())},
        "release": [released.days_before, released.at.isoformat()] if released else None,
        "from": template.valid_from.isoformat(),
        "to": template.valid_to.isoformat() if template.valid_to else None,
    }
