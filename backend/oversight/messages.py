"""What people are told about oversight: nothing on a lock screen says what, where or why."""

from identity.emergency_values import Emergency
from identity.principal import PersonId
from identity.reviews import Review
from notifications.messages import Message, MessageKind, Severity


def opened(emergency: Emergency) -> Message:
    """Return what the person is told at once; it passes quiet hours."""
    return Message(
        kind=MessageKind.EMERGENCY_ACCESS,
        person_id=emergency.person_id,
        dedupe_key=f"emergency:{emergency.id}",
        parameters={},
        severity=Severity.CRITICAL,
    )


def opened_of_ward(emergency: Emergency, representative: PersonId) -> Message:
    """Return what somebody who represents the person is told at once."""
    return Message(
        kind=MessageKind.EMERGENCY_ACCESS_OF_WARD,
        person_id=representative,
        dedupe_key=f"emergency:{emergency.id}",
        parameters={},
        severity=Severity.CRITICAL,
    )


def settled(review: Review, person_id: PersonId) -> Message:
    """Return what the person, and who reported it for them, is told when an officer has settled a review."""
    return Message(
        kind=MessageKind.ACCESS_REVIEW_SETTLED,
        person_id=person_id,
        dedupe_key=f"review_settled:{review.id}",
        parameters={},
    )
