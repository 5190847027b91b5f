"""The words for what can be done; who may do it is said in `identity.access`."""

from enum import StrEnum


class Action(StrEnum):
    """Everything that can be done, one word a right."""

    READ_REFERENCE = "read_reference"
    READ_PROFILE = "read_profile"
    READ_POLICY = "read_policy"
    READ_APPOINTMENTS = "read_appointments"
    HOLD_SLOT = "hold_slot"
    BOOK_APPOINTMENT = "book_appointment"
    CANCEL_APPOINTMENT = "cancel_appointment"
    READ_INBOX = "read_inbox"
    MARK_NOTIFICATION_SEEN = "mark_notification_seen"
    READ_ACCESS_LOG = "read_access_log"
    REPORT_ACCESS = "report_access"
    READ_REPRESENTATION = "read_representation"
    CONFIRM_CHILD = "confirm_child"
    GRANT_REPRESENTATION = "grant_representation"
    ANSWER_REPRESENTATION = "answer_representation"
    END_REPRESENTATION = "end_representation"
    CHECK_REPRESENTATION = "check_representation"
    READ_CONSENTS = "read_consents"
    GIVE_CONSENT = "give_consent"
    WITHDRAW_CONSENT = "withdraw_consent"
    EXPORT_DATA = "export_data"
    REQUEST_ERASURE = "request_erasure"
    HANDLE_CALL = "handle_call"
    BREAK_GLASS = "break_glass"
    READ_REVIEW_QUEUE = "read_review_queue"
    SETTLE_REVIEW = "settle_review"
