"""Messages as clients see them."""

from enum import Enum
from uuid import UUID

import strawberry
from strawberry.dataloader import DataLoader

from graphql_schema.errors import UserError
from graphql_schema.fields import field
from graphql_schema.node import Node
from graphql_schema.scalars import DateTime, SyncCursor


@strawberry.enum(description="What a message is about. New kinds may appear: show an unknown one by its texts.")
class NotificationKind(Enum):
    """Kind."""

    ACCESS_REVIEW_SETTLED = strawberry.enum_value(
        "access_review_settled", description="An officer has settled what the person reported, or an emergency."
    )
    AMBULANCE_ARRIVED = strawberry.enum_value("ambulance_arrived", description="The ambulance crew is on the scene.")
    AMBULANCE_ASSIGNED = strawberry.enum_value("ambulance_assigned", description="An ambulance crew is on its way.")
    AMBULANCE_NEAR = strawberry.enum_value("ambulance_near", description="The ambulance crew is a few minutes away.")
    APPOINTMENT_BOOKED = strawberry.enum_value("appointment_booked", description="An appointment was booked.")
    APPOINTMENT_CANCELLED = strawberry.enum_value("appointment_cancelled", description="An appointment was cancelled.")
    APPOINTMENT_MOVED = strawberry.enum_value(
        "appointment_moved", description="An appointment has another time or place."
    )
    APPOINTMENT_NOT_CONFIRMED = strawberry.enum_value(
        "appointment_not_confirmed", description="The clinic that was asked has not booked the appointment."
    )
    APPOINTMENT_REMINDER = strawberry.enum_value("appointment_reminder", description="An appointment comes near.")
    APPOINTMENT_REPLACEMENT_OFFERED = strawberry.enum_value(
        "appointment_replacement_offered",
        description="The clinic cancelled an appointment and offers another, kept until a term ends.",
    )
    CALL_BACK_REQUESTED = strawberry.enum_value(
        "call_back_requested", description="The person, or who acts for them, is to be called back by 122."
    )
    CALL_BACK_UNREACHED = strawberry.enum_value(
        "call_back_unreached", description="122 will not call back: nobody answered, or nobody called in time."
    )
    CALLER_CODE = strawberry.enum_value(
        "caller_code", description="A code to tell an operator of 122 whom the person has called."
    )
    CHECKUP_DUE = strawberry.enum_value("checkup_due", description="A check-up is due.")
    CHECKUP_PLAN_READY = strawberry.enum_value(
        "checkup_plan_ready", description="The examinations of a check-up are planned."
    )
    CHECKUP_RESULT_READY = strawberry.enum_value(
        "checkup_result_ready", description="A check-up is complete and its results are there."
    )
    COMPLAINT_ANSWERED = strawberry.enum_value("complaint_answered", description="A complaint is answered.")
    COMPLAINT_EXTENDED = strawberry.enum_value(
        "complaint_extended", description="The answer to a complaint takes longer; it can be extended once."
    )
    COMPLAINT_REGISTERED = strawberry.enum_value("complaint_registered", description="A complaint is registered.")
    DEVICE_MOVED = strawberry.enum_value(
        "device_moved", description="A phone that got the person's messages gets those of another account now."
    )
    DOCUMENT_ARRIVED = strawberry.enum_value("document_arrived", description="A medical document came in.")
    DOCUMENT_OPENED = strawberry.enum_value("document_opened", description="Somebody opened a document of the person.")
    DOCUMENT_SHARED = strawberry.enum_value(
        "document_shared", description="The person gave somebody access to a document."
    )
    EMERGENCY_ACCESS = strawberry.enum_value(
        "emergency_access", description="Somebody opened the person's data as an emergency."
    )
    EMERGENCY_ACCESS_OF_WARD = strawberry.enum_value(
        "emergency_access_of_ward", description="The same of somebody whom the person represents."
    )
    ERASURE_CANCELLED = strawberry.enum_value("erasure_cancelled", description="A request for erasure was taken back.")
    ERASURE_REQUESTED = strawberry.enum_value(
        "erasure_requested", description="A request for erasure waits; it can be taken back."
    )
    EXPORT_FAILED = strawberry.enum_value("export_failed", description="A copy of one's data could not be made.")
    EXPORT_READY = strawberry.enum_value("export_ready", description="A copy of one's data can be taken.")
    GUARDIANSHIP_REFUSED = strawberry.enum_value(
        "guardianship_refused", description="An officer did not accept the document of a guardianship."
    )
    INVITATION_TO_CHECKUP = strawberry.enum_value(
        "invitation_to_checkup", description="The insurer invites to a check-up (dispensarisation)."
    )
    INVITATION_TO_IN_DEPTH_CHECKUP = strawberry.enum_value(
        "invitation_to_in_depth_checkup", description="The insurer invites to an in-depth check-up."
    )
    INVITATION_TO_OBSERVATION = strawberry.enum_value(
        "invitation_to_observation", description="The insurer invites to a dispensary observation."
    )
    INVITATION_TO_PREVENTIVE_EXAM = strawberry.enum_value(
        "invitation_to_preventive_exam", description="The insurer invites to a preventive exam."
    )
    POLICY_CHANGED = strawberry.enum_value(
        "policy_changed", description="The register of insured people tells something new about the policy."
    )
    PRESCRIPTION_DEFERRED_DEADLINE = strawberry.enum_value(
        "prescription_deferred_deadline",
        description="By when a pharmacy has to provide for a prescription in deferred service.",
    )
    PRESCRIPTION_EXPIRING = strawberry.enum_value(
        "prescription_expiring", description="A prescription ends in some days."
    )
    PRESCRIPTION_IN_STOCK = strawberry.enum_value(
        "prescription_in_stock", description="A pharmacy has what the person waits for, as of some time."
    )
    PRESCRIPTION_ISSUED = strawberry.enum_value("prescription_issued", description="A prescription was issued.")
    RELEASE_QUEUE_OVER = strawberry.enum_value(
        "release_queue_over", description="A queue for a doctor's times has ended, and nothing was left for the person."
    )
    RELEASE_QUEUE_TURN = strawberry.enum_value(
        "release_queue_turn", description="It is the person's turn in a queue for a doctor's times, until a term ends."
    )
    REPRESENTATION_BEGUN = strawberry.enum_value(
        "representation_begun", description="Somebody acts for somebody from now on; both are told."
    )
    REPRESENTATION_DECLINED = strawberry.enum_value(
        "representation_declined", description="An invitation to act for the person was declined."
    )
    REPRESENTATION_ENDED = strawberry.enum_value(
        "representation_ended", description="Somebody does not act for somebody any more; both are told."
    )
    REPRESENTATION_EXPIRING = strawberry.enum_value(
        "representation_expiring", description="That somebody acts for somebody ends within a week; both are told."
    )
    REPRESENTATION_OFFERED = strawberry.enum_value(
        "representation_offered", description="An invitation to act for somebody; both are told."
    )
    SIGN_IN_FROM_NEW_DEVICE = strawberry.enum_value(
        "sign_in_from_new_device", description="Somebody signed in on a device that the account did not have."
    )
    WAITING_LIST_OFFERED = strawberry.enum_value(
        "waiting_list_offered", description="A slot has become free and is kept for the person until a term ends."
    )
    WELCOME = strawberry.enum_value("welcome", description="The first message of an inbox.")


@strawberry.enum(description="How hard a message presses.")
class NotificationSeverity(Enum):
    """Severity."""

    CAMPAIGN = strawberry.enum_value("campaign", description="An invitation; may wait.")
    CRITICAL = strawberry.enum_value("critical", description="To be read at once.")
    TRANSACTIONAL = strawberry.enum_value("transactional", description="About something the person did or waits for.")


@strawberry.type(description="One message in a person's inbox.")
class Notification(Node):
    """A message, written in the reader's language."""

    kind: NotificationKind = strawberry.field(description="What it is about.")
    severity: NotificationSeverity = strawberry.field(description="How hard it presses.")
    title: str = strawberry.field(description="One line, in the language of `Accept-Language`.")
    body: str = strawberry.field(
        description="The whole text, in the language of `Accept-Language`; times are the clinic's own, the place named."
    )
    created_at: DateTime = strawberry.field(description="When it was written.")
    seen_at: DateTime | None = strawberry.field(description="When the person first saw it; null while unread.")
    subject_id: strawberry.Private[UUID | None]
    subjects: strawberry.Private[DataLoader[UUID, Node | None]]

    @field(description="What it is about, as an Appointment; null when about nothing, or when that is gone.")
    async def subject(self) -> Node | None:
        """Return the thing itself; those of one page are read together."""
        return await self.subjects.load(self.subject_id) if self.subject_id else None


@strawberry.type(description="The state of an inbox: a whole one each time, so that a missed update does no harm.")
class InboxUpdate:
    """What a badge shows."""

    unread_count: int = strawberry.field(description="How many messages are unread.")
    latest: Notification | None = strawberry.field(description="The newest message; null in an empty inbox.")


@strawberry.type(description="What came of marking messages as seen.")
class MarkNotificationsSeenPayload:
    """All were marked, or none and `errors` says why."""

    notifications: list[Notification] | None = strawberry.field(
        default=None,
        description="The messages as they are now, in the order of the input; null when refused, empty for a device "
        "that marks in the background.",
    )
    unread_count: int | None = strawberry.field(
        default=None, description="How many messages were unread afterwards; null when refused."
    )
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why nothing was marked; empty when all went well."
    )


@strawberry.type(description="What came of telling what has become of messages.")
class AcknowledgeNotificationsPayload:
    """All that is known was kept, or nothing and `errors` says why."""

    unread_count: int | None = strawberry.field(
        default=None, description="How many messages were unread afterwards; null when refused."
    )
    unknown_ids: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description="Those of the ids that are no message of the person's, in the order of the input: drop them. Null "
        "when refused.",
    )
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why nothing was kept; empty when all went well."
    )


@strawberry.type(
    description="A part of what a phone's copy of an inbox lacks. Add `nodes`, remove `tombstones`, keep `nextCursor`, "
    "and go on from it while `hasNext`."
)
class NotificationChanges:
    """Changes since a cursor."""

    nodes: list[Notification] = strawberry.field(
        description="Messages that are new or changed, as they are now; one that the copy has is replaced."
    )
    tombstones: list[strawberry.ID] = strawberry.field(
        description="Ids of messages that are not there any more; one that the copy never had is passed over."
    )
    next_cursor: SyncCursor | None = strawberry.field(
        description="How far the copy goes now: give it as `since` the next time. Null with `resyncRequired`."
    )
    has_next: bool = strawberry.field(description="Whether more is known already.")
    resync_required: bool = strawberry.field(
        description="True: the copy is worth nothing any more. Drop it, and begin anew without `since`."
    )
