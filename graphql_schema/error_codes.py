"""The codes of refusals that a payload may hold."""

from enum import Enum

import strawberry


@strawberry.enum(
    description="Why a mutation was refused. New codes may appear: treat an unknown one as a plain refusal."
)
class UserErrorCode(Enum):
    """Every refusal code that may stand in a payload, sorted; each has its row in the error catalogue."""

    ACCESS_REFUSED = strawberry.enum_value(
        "ACCESS_REFUSED", description="The signed-in person has no right to do this for this person."
    )
    ACCOUNT_NOT_CONFIRMED = strawberry.enum_value(
        "ACCOUNT_NOT_CONFIRMED", description="The ESIA account is not confirmed, so medical data are closed."
    )
    ADULTS_ONLY = strawberry.enum_value("ADULTS_ONLY", description="Only adults trust each other with this.")
    AGE_NOT_ALLOWED = strawberry.enum_value(
        "AGE_NOT_ALLOWED", description="The clinic or the specialty does not see people of this age."
    )
    ALREADY_CANCELLED = strawberry.enum_value("ALREADY_CANCELLED", description="The appointment was given up before.")
    APPEAL_NOT_POSSIBLE = strawberry.enum_value(
        "APPEAL_NOT_POSSIBLE", description="The visit is no no-show, was appealed before, or no appeal waits."
    )
    APPEAL_TEXT_REFUSED = strawberry.enum_value(
        "APPEAL_TEXT_REFUSED", description="An appeal says something, in 1,000 characters at most."
    )
    APPOINTMENT_NOT_FOUND = strawberry.enum_value(
        "APPOINTMENT_NOT_FOUND", description="No such appointment, or not the person's own."
    )
    APPOINTMENT_UNSETTLED = strawberry.enum_value(
        "APPOINTMENT_UNSETTLED",
        description="The clinic is being asked; until it has answered nothing else can be done with the appointment.",
    )
    CALLER_ANSWER_INVALID = strawberry.enum_value(
        "CALLER_ANSWER_INVALID",
        description="Not exactly one answer: four digits of the policy, or six of the code. It counts as no try.",
    )
    CALLER_NOT_VERIFIED = strawberry.enum_value(
        "CALLER_NOT_VERIFIED",
        description="Nobody of this name and birth date or number, or a wrong answer; or nobody is verified yet.",
    )
    CALLER_NUMBER_INVALID = strawberry.enum_value(
        "CALLER_NUMBER_INVALID", description="Not a telephone number in E.164."
    )
    CALENDAR_FEED_NOT_FOUND = strawberry.enum_value(
        "CALENDAR_FEED_NOT_FOUND", description="No calendar follows these appointments."
    )
    CALL_ALREADY_OPEN = strawberry.enum_value(
        "CALL_ALREADY_OPEN", description="The operator has an open call in this session."
    )
    CALL_BACK_EXISTS = strawberry.enum_value(
        "CALL_BACK_EXISTS", description="The person is to be called back already: one open request of their own each."
    )
    CALL_BACK_NOT_FOUND = strawberry.enum_value(
        "CALL_BACK_NOT_FOUND", description="No such request to be called back, or not the person's own."
    )
    CALL_BACK_NOT_TAKEN = strawberry.enum_value(
        "CALL_BACK_NOT_TAKEN",
        description="The session has taken no such request, or it is its own no more.",
    )
    CALL_BACK_NUMBER_UNKNOWN = strawberry.enum_value(
        "CALL_BACK_NUMBER_UNKNOWN", description="No number was named, and none is registered that operators call."
    )
    CALL_BACK_OVER = strawberry.enum_value("CALL_BACK_OVER", description="The request to be called back is final.")
    CALL_BACK_UNSETTLED = strawberry.enum_value(
        "CALL_BACK_UNSETTLED", description="The operator's session has taken one that is not settled."
    )
    CALL_BACK_WINDOW_INVALID = strawberry.enum_value(
        "CALL_BACK_WINDOW_INVALID",
        description="The window is the wrong way round, short, over, too far, or outside the desk's hours.",
    )
    CALL_NOT_OPEN = strawberry.enum_value(
        "CALL_NOT_OPEN", description="No such call of this operator and session, or it has ended."
    )
    CALL_THROTTLED = strawberry.enum_value(
        "CALL_THROTTLED", description="Too many wrong tries, codes or call-backs; later, or in another call."
    )
    CALL_VERIFICATION_CLOSED = strawberry.enum_value(
        "CALL_VERIFICATION_CLOSED",
        description="The caller is known already, or there were too many wrong tries in this call.",
    )
    CANCEL_TOO_LATE = strawberry.enum_value("CANCEL_TOO_LATE", description="The appointment has begun.")
    CHANNEL_NOT_ALLOWED = strawberry.enum_value(
        "CHANNEL_NOT_ALLOWED", description="The slot is not given out through this door, or the person may not use it."
    )
    CHANNEL_QUOTA_USED_UP = strawberry.enum_value(
        "CHANNEL_QUOTA_USED_UP",
        description="The channel's share of this reception is given out; other channels may have some.",
    )
    CHECK_IN_CLOSED = strawberry.enum_value(
        "CHECK_IN_CLOSED", description="Nobody can check in to this appointment now."
    )
    CHILD_CHECK_LOCKED = strawberry.enum_value(
        "CHILD_CHECK_LOCKED", description="The document was another one too often; the next try waits a day."
    )
    CHILD_DOCUMENT_MISMATCH = strawberry.enum_value(
        "CHILD_DOCUMENT_MISMATCH", description="The document is not the one that Госуслуги know."
    )
    CHILD_DOCUMENT_UNKNOWN = strawberry.enum_value(
        "CHILD_DOCUMENT_UNKNOWN", description="Госуслуги know no certificate of birth to compare with."
    )
    CHILD_FACTS_INCOMPLETE = strawberry.enum_value(
        "CHILD_FACTS_INCOMPLETE", description="Госуслуги do not tell the SNILS, birth date or sex of the child."
    )
    CHILD_NOT_FOUND = strawberry.enum_value("CHILD_NOT_FOUND", description="No such child on the account.")
    CHILD_OF_AGE = strawberry.enum_value("CHILD_OF_AGE", description="The child is 18 or older.")
    CLINIC_KEPT_ELSEWHERE = strawberry.enum_value(
        "CLINIC_KEPT_ELSEWHERE", description="An outside registry keeps the clinic's slots."
    )
    COMMENT_REFUSED = strawberry.enum_value(
        "COMMENT_REFUSED", description="A comment or note is too long, or a note is empty."
    )
    CONSENT_RECIPIENT_INVALID = strawberry.enum_value(
        "CONSENT_RECIPIENT_INVALID", description="Nobody can be meant by this recipient."
    )
    CONSENT_RECIPIENT_NOT_ALLOWED = strawberry.enum_value(
        "CONSENT_RECIPIENT_NOT_ALLOWED", description="The text cannot be given to a recipient of this kind."
    )
    CONSENT_TERM_INVALID = strawberry.enum_value(
        "CONSENT_TERM_INVALID", description="The consent would end in the past, or last too long."
    )
    CONSENT_TEXT_OUTDATED = strawberry.enum_value(
        "CONSENT_TEXT_OUTDATED", description="Another version of the text is asked now."
    )
    CONSENT_TEXT_UNKNOWN = strawberry.enum_value("CONSENT_TEXT_UNKNOWN", description="There is no such text.")
    DATES_REFUSED = strawberry.enum_value(
        "DATES_REFUSED", description="The days make no range, or it is over, or too long."
    )
    DEVICE_ADDRESS_INVALID = strawberry.enum_value(
        "DEVICE_ADDRESS_INVALID", description="No provider gives such an address, or not of this kind."
    )
    DEVICE_KEY_INVALID = strawberry.enum_value(
        "DEVICE_KEY_INVALID", description="Not a public key of P-256 as a JWK, or one with its private part."
    )
    DEVICE_LOCALE_INVALID = strawberry.enum_value("DEVICE_LOCALE_INVALID", description="Not a language tag of BCP 47.")
    DEVICE_NOT_FOUND = strawberry.enum_value(
        "DEVICE_NOT_FOUND", description="No such device that can be woken, or not the person's own."
    )
    DEVICE_TIME_ZONE_INVALID = strawberry.enum_value(
        "DEVICE_TIME_ZONE_INVALID", description="No time zone of the IANA database."
    )
    DEVICE_VERSION_INVALID = strawberry.enum_value(
        "DEVICE_VERSION_INVALID", description="Not the version of an app, or too long."
    )
    DUPLICATE_SPECIALTY = strawberry.enum_value(
        "DUPLICATE_SPECIALTY", description="The person has a coming appointment of this specialty."
    )
    EMERGENCY_LIMIT_REACHED = strawberry.enum_value(
        "EMERGENCY_LIMIT_REACHED", description="Too many emergencies were opened today."
    )
    EMERGENCY_OF_ONESELF = strawberry.enum_value(
        "EMERGENCY_OF_ONESELF", description="Nobody breaks the glass to their own data."
    )
    EMERGENCY_REASON_INVALID = strawberry.enum_value(
        "EMERGENCY_REASON_INVALID", description="The reason is too short, too long, or says nothing."
    )
    EMERGENCY_STILL_OPEN = strawberry.enum_value(
        "EMERGENCY_STILL_OPEN", description="An emergency of this person is open; it is not extended."
    )
    ERASURE_IN_PROGRESS = strawberry.enum_value(
        "ERASURE_IN_PROGRESS", description="A request for erasure waits already."
    )
    ERASURE_NOT_WAITING = strawberry.enum_value(
        "ERASURE_NOT_WAITING", description="There is no request for erasure that could be taken back."
    )
    EXPORT_IN_PROGRESS = strawberry.enum_value(
        "EXPORT_IN_PROGRESS", description="A copy of these data is being made already."
    )
    EXPORT_LIMIT_REACHED = strawberry.enum_value(
        "EXPORT_LIMIT_REACHED", description="As many copies were asked for as are made in a day."
    )
    EXPORT_NOT_FOUND = strawberry.enum_value(
        "EXPORT_NOT_FOUND", description="No such copy, or not asked for by the signed-in person."
    )
    EXPORT_NOT_READY = strawberry.enum_value("EXPORT_NOT_READY", description="The copy is not ready, or not any more.")
    GRANTEE_UNCLEAR = strawberry.enum_value(
        "GRANTEE_UNCLEAR", description="The adult is named by a telephone or by a SNILS: by one of them."
    )
    GRANT_RIGHTS_INVALID = strawberry.enum_value("GRANT_RIGHTS_INVALID", description="No right is given, or one twice.")
    GRANT_TERM_INVALID = strawberry.enum_value(
        "GRANT_TERM_INVALID", description="A right would end in the past, or later than a year from now."
    )
    GUARDIANSHIP_DOCUMENT_INVALID = strawberry.enum_value(
        "GUARDIANSHIP_DOCUMENT_INVALID",
        description="A part of the document or of the ward's name is empty, too long or impossible.",
    )
    GUARDIANSHIP_NOT_FOUND = strawberry.enum_value(
        "GUARDIANSHIP_NOT_FOUND", description="No such guardianship waits for a check."
    )
    GUARDIANSHIP_TERM_INVALID = strawberry.enum_value(
        "GUARDIANSHIP_TERM_INVALID", description="The days of the document are out of order, over, or too many."
    )
    HANDOVER_CODE_INVALID = strawberry.enum_value(
        "HANDOVER_CODE_INVALID", description="The code is wrong, over, used or another person's."
    )
    HANDOVER_SUBJECT_NOT_FOUND = strawberry.enum_value(
        "HANDOVER_SUBJECT_NOT_FOUND", description="No such hold or appointment that stands, or not the person's own."
    )
    HOLD_EXPIRED = strawberry.enum_value("HOLD_EXPIRED", description="The hold ended before it was booked.")
    HOLD_NOT_EXTENDABLE = strawberry.enum_value(
        "HOLD_NOT_EXTENDABLE", description="The hold was extended once already."
    )
    HOLD_NOT_FOUND = strawberry.enum_value(
        "HOLD_NOT_FOUND", description="No such hold, not the person's own, or booked already."
    )
    IDEMPOTENCY_KEY_REUSED = strawberry.enum_value(
        "IDEMPOTENCY_KEY_REUSED", description="The idempotency key was already used with another input."
    )
    INVITATION_NOT_FOUND = strawberry.enum_value(
        "INVITATION_NOT_FOUND", description="No such invitation, not for this person, answered, or too old."
    )
    NOT_ATTACHED = strawberry.enum_value(
        "NOT_ATTACHED", description="The person is attached to another clinic, or to none."
    )
    NOT_FOUND = strawberry.enum_value(
        "NOT_FOUND", description="There is no such object, or the caller may not know of it."
    )
    NO_CALL_BACK_DUE = strawberry.enum_value("NO_CALL_BACK_DUE", description="Nobody is to be called back now.")
    NO_SHOW_BLOCKED = strawberry.enum_value(
        "NO_SHOW_BLOCKED", description="The person has missed too many visits to book through the app now."
    )
    OFFICER_NOTE_REFUSED = strawberry.enum_value(
        "OFFICER_NOTE_REFUSED", description="An officer's note is too long, or empty where one is needed."
    )
    OTHER_SPECIALTY = strawberry.enum_value(
        "OTHER_SPECIALTY", description="An appointment can be moved only to a time of the same specialty."
    )
    PATIENT_NOT_FOUND = strawberry.enum_value(
        "PATIENT_NOT_FOUND", description="The clinic's registry does not know the person."
    )
    PATIENT_NOT_REPRESENTED = strawberry.enum_value(
        "PATIENT_NOT_REPRESENTED",
        description="Nobody of this name and birth date or number, or nobody for whom the caller may act.",
    )
    PERSON_FACTS_CONFLICT = strawberry.enum_value(
        "PERSON_FACTS_CONFLICT", description="Under this SNILS somebody else is known."
    )
    PHONE_INVALID = strawberry.enum_value("PHONE_INVALID", description="Not a Russian telephone number.")
    PREFERENCES_UNCLEAR = strawberry.enum_value(
        "PREFERENCES_UNCLEAR", description="No change is named, or the same topic and channel twice."
    )
    PROPOSAL_OUTDATED = strawberry.enum_value(
        "PROPOSAL_OUTDATED", description="The proposal is too old, or there are appointments that it does not know."
    )
    QUEUE_TURN_NEEDED = strawberry.enum_value(
        "QUEUE_TURN_NEEDED",
        description="People queue for this slot, and it is not the person's turn, or not through this channel.",
    )
    QUIET_HOURS_INVALID = strawberry.enum_value(
        "QUIET_HOURS_INVALID", description="Not two hours on a clock, or they last too short or too long."
    )
    REFERRAL_EXPIRED = strawberry.enum_value(
        "REFERRAL_EXPIRED", description="The referral is over by the day of the visit."
    )
    REFERRAL_REQUIRED = strawberry.enum_value(
        "REFERRAL_REQUIRED", description="The specialty needs a referral, and none that fits was named."
    )
    REFERRAL_USED = strawberry.enum_value(
        "REFERRAL_USED", description="Another appointment was booked by the referral."
    )
    REPRESENTATION_BY_LAW = strawberry.enum_value(
        "REPRESENTATION_BY_LAW", description="A child or a ward cannot end what the law gives."
    )
    REPRESENTATION_ENDED = strawberry.enum_value("REPRESENTATION_ENDED", description="It is over already.")
    RELEASE_QUEUE_NOT_FOUND = strawberry.enum_value(
        "RELEASE_QUEUE_NOT_FOUND", description="No such release, or it is given out without a queue."
    )
    RELEASE_QUEUE_NOT_OPEN = strawberry.enum_value(
        "RELEASE_QUEUE_NOT_OPEN", description="Nobody can join yet: see `opensAt`."
    )
    RELEASE_QUEUE_OVER = strawberry.enum_value(
        "RELEASE_QUEUE_OVER", description="The queue has ended, or nothing of the release is left."
    )
    RELEASE_QUEUE_PLACE_EXISTS = strawberry.enum_value(
        "RELEASE_QUEUE_PLACE_EXISTS",
        description="The person has a place in this queue, has used their turn, or has joined it five times.",
    )
    RELEASE_QUEUE_PLACE_NOT_FOUND = strawberry.enum_value(
        "RELEASE_QUEUE_PLACE_NOT_FOUND", description="No such place in a queue, or not the person's own."
    )
    RELEASE_QUEUE_PLACE_OVER = strawberry.enum_value(
        "RELEASE_QUEUE_PLACE_OVER", description="The turn was used or missed, or the queue has ended."
    )
    REPRESENTATION_EXISTS = strawberry.enum_value(
        "REPRESENTATION_EXISTS", description="The one acts for the other already."
    )
    REPRESENTATION_NOT_FOUND = strawberry.enum_value(
        "REPRESENTATION_NOT_FOUND", description="No such representation of which the person is a side."
    )
    REVIEW_ALREADY_SETTLED = strawberry.enum_value("REVIEW_ALREADY_SETTLED", description="The review has its verdict.")
    SCHEDULE_TEMPLATE_OVERLAPS = strawberry.enum_value(
        "SCHEDULE_TEMPLATE_OVERLAPS", description="The post has another template for a part of that time."
    )
    SCHEDULE_TEMPLATE_REFUSED = strawberry.enum_value(
        "SCHEDULE_TEMPLATE_REFUSED", description="The template says something that cannot be."
    )
    SESSION_NOT_FOUND = strawberry.enum_value(
        "SESSION_NOT_FOUND", description="No such session, or not the person's own."
    )
    SEX_NOT_ALLOWED = strawberry.enum_value(
        "SEX_NOT_ALLOWED", description="The specialty does not see people of this sex."
    )
    SLOT_IN_PAST = strawberry.enum_value("SLOT_IN_PAST", description="The slot has begun.")
    SLOT_NOT_FOUND = strawberry.enum_value("SLOT_NOT_FOUND", description="No such slot.")
    SLOT_NOT_RELEASED = strawberry.enum_value(
        "SLOT_NOT_RELEASED", description="The slot is given out later: its release time has not come."
    )
    SLOT_TAKEN = strawberry.enum_value("SLOT_TAKEN", description="Somebody else keeps the slot.")
    SLOT_TOO_FAR = strawberry.enum_value(
        "SLOT_TOO_FAR", description="The slot lies further ahead than this door books."
    )
    SLOT_WITHDRAWN = strawberry.enum_value("SLOT_WITHDRAWN", description="The clinic gives the slot out no more.")
    SNILS_INVALID = strawberry.enum_value("SNILS_INVALID", description="Not a SNILS: 11 digits with a check number.")
    TIME_OVERLAP = strawberry.enum_value("TIME_OVERLAP", description="The person keeps another slot at this time.")
    TOO_MANY_ATTEMPTS = strawberry.enum_value(
        "TOO_MANY_ATTEMPTS", description="More attempts in a minute than anybody needs."
    )
    TOO_MANY_CALL_BACKS = strawberry.enum_value(
        "TOO_MANY_CALL_BACKS", description="As many requests to be called back as one may make within a day."
    )
    TOO_MANY_GUARDIANSHIPS = strawberry.enum_value(
        "TOO_MANY_GUARDIANSHIPS", description="Too many guardianships of one person wait for an officer."
    )
    TOO_MANY_IDS = strawberry.enum_value("TOO_MANY_IDS", description="A list of ids that is too long.")
    TOO_MANY_INVITATIONS = strawberry.enum_value(
        "TOO_MANY_INVITATIONS", description="Too many invitations are unanswered."
    )
    TOO_MANY_NOTIFICATIONS = strawberry.enum_value(
        "TOO_MANY_NOTIFICATIONS", description="More than 100 messages in one request."
    )
    TOO_MANY_RELEASE_QUEUE_PLACES = strawberry.enum_value(
        "TOO_MANY_RELEASE_QUEUE_PLACES", description="The person stands in as many queues as one may: five."
    )
    TOO_MANY_WAITING_LIST_ENTRIES = strawberry.enum_value(
        "TOO_MANY_WAITING_LIST_ENTRIES", description="The person waits for as much as one may: ten open entries."
    )
    TOPIC_STATUTORY = strawberry.enum_value(
        "TOPIC_STATUTORY", description="The topic cannot be switched off; the error says why."
    )
    WAITING_LIST_ENTRY_EXISTS = strawberry.enum_value(
        "WAITING_LIST_ENTRY_EXISTS", description="The person waits for this specialty already."
    )
    WAITING_LIST_ENTRY_NOT_FOUND = strawberry.enum_value(
        "WAITING_LIST_ENTRY_NOT_FOUND", description="No such entry of the waiting list, or not the person's own."
    )
    WAITING_LIST_ENTRY_OVER = strawberry.enum_value(
        "WAITING_LIST_ENTRY_OVER", description="The entry is booked, expired or given up."
    )
    WAITING_LIST_NOT_KEPT = strawberry.enum_value(
        "WAITING_LIST_NOT_KEPT",
        description="A clinic keeps its own registry, where nothing can be held for a waiting list.",
    )
    WAITING_LIST_OFFER_NOT_FOUND = strawberry.enum_value(
        "WAITING_LIST_OFFER_NOT_FOUND", description="Nothing is offered, or the offer is over."
    )
    WAITING_LIST_WISH_INVALID = strawberry.enum_value(
        "WAITING_LIST_WISH_INVALID", description="The days, hours, clinics or doctor make no wish that could come true."
    )
