"""Values of oversight turned into what clients see."""

from collections.abc import Iterable
from datetime import datetime

from backend.oversight import values
from backend.oversight.values import LogEntry, LogPage, OwnHour, ReviewItem
from graphql_schema.catalogue import Language
from graphql_schema.node import encode_id
from graphql_schema.oversight.types import (
    AccessAction,
    AccessActor,
    AccessLogEntry,
    AccessOrganization,
    AccessReport,
    EmergencyAccess,
    OwnAccess,
    Review,
    ReviewedEmergency,
    ReviewedEntry,
)
from graphql_schema.oversight.words import (
    AccessOutcome,
    AccessPurpose,
    AccessRole,
    ActorKind,
    EmergencyCategory,
    ReviewSource,
    ReviewState,
    ReviewVerdict,
    action_name,
)
from identity.access_log import entry_id
from identity.capacities import Capacity
from identity.emergency_values import Emergency
from identity.review_values import Verdict


class LogWriter:
    """Writes the entries of one page, with the names that the page found."""

    def __init__(self, page: LogPage, language: Language) -> None:
        """Write action names in `language`."""
        self._page = page
        self._language = language

    def entry(self, entry: LogEntry) -> AccessLogEntry:
        """Write an entry."""
        ogrn = entry.organization
        return AccessLogEntry(
            id=encode_id("AccessLogEntry", entry_id(entry.person_id, entry.sequence)),
            at=entry.at,
            actor=AccessActor(
                kind=ActorKind(entry.actor_kind.value),
                is_self=entry.actor_id == entry.person_id,
                name=self._page.names.get(entry.actor_id) if entry.is_actor_named else None,
            ),
            organization=AccessOrganization(ogrn=ogrn, name=self._page.organizations.get(ogrn)) if ogrn else None,
            clinic=self._page.clinics.get(entry.reference) if entry.reference else None,
            role=_role(entry.capacity),
            purpose=AccessPurpose(entry.purpose.value) if entry.purpose else None,
            on_behalf_of=self._page.names.get(entry.on_behalf_of) if entry.on_behalf_of else None,
            actions=to_actions(entry.actions.split(","), self._language),
            outcome=AccessOutcome(entry.outcome.value),
            times=entry.times,
            report=_report(entry.report) if entry.report else None,
        )


def to_actions(codes: Iterable[str], language: Language) -> list[AccessAction]:
    """Write actions, in their order."""
    return [AccessAction(code=code, name=action_name(code, language)) for code in codes]


def to_own_access(hour: OwnHour, language: Language) -> OwnAccess:
    """Write an hour of own use."""
    return OwnAccess(
        hour=hour.hour,
        kind=ActorKind(hour.actor_kind.value),
        clinic=hour.clinic,
        actions=to_actions(hour.actions, language),
        times=hour.times,
    )


def to_emergency(emergency: Emergency) -> EmergencyAccess:
    """Write an emergency for who opened it."""
    return EmergencyAccess(
        id=encode_id("EmergencyAccess", emergency.id),
        category=EmergencyCategory(emergency.reason.category.value),
        opened_at=emergency.opened_at,
        expires_at=emergency.expires_at,
    )


def to_review(item: ReviewItem, *, now: datetime, language: Language) -> Review:
    """Write a review for an officer."""
    deed = item.emergency or item.entry
    return Review(
        id=encode_id("Review", item.id),
        source=ReviewSource(item.source.value),
        state=ReviewState(item.state.value),
        opened_at=item.opened_at,
        due_at=item.due_at,
        is_overdue=item.is_overdue(now),
        person_id=encode_id("Person", item.person_id),
        actor_id=encode_id("Person", deed.actor_id) if deed else None,
        actor_kind=ActorKind(deed.actor_kind.value) if deed else None,
        organization=deed.organization if deed else None,
        emergency=_emergency(item.emergency) if item.emergency else None,
        entry=_entry(item.entry, language) if item.entry else None,
        comment=item.comment,
        verdict=_verdict(item.verdict),
        note=item.note,
        settled_at=item.settled_at,
    )


def _emergency(emergency: values.EmergencyReviewed) -> ReviewedEmergency:
    return ReviewedEmergency(
        category=EmergencyCategory(emergency.category.value),
        reason=emergency.reason,
        opened_at=emergency.opened_at,
        expires_at=emergency.expires_at,
    )


def _entry(entry: values.EntryReviewed, language: Language) -> ReviewedEntry:
    return ReviewedEntry(
        at=entry.at,
        role=_role(entry.capacity),
        actions=to_actions(entry.actions.split(","), language),
        outcome=AccessOutcome(entry.outcome.value),
        times=entry.times,
    )


def _report(report: values.Report) -> AccessReport:
    return AccessReport(
        reported_at=report.reported_at,
        state=ReviewState(report.state.value),
        verdict=_verdict(report.verdict),
        settled_at=report.settled_at,
    )


def _role(capacity: Capacity | None) -> AccessRole | None:
    return AccessRole(capacity.value) if capacity else None


def _verdict(verdict: Verdict | None) -> ReviewVerdict | None:
    return ReviewVerdict(verdict.value) if verdict else None
