"""The one table of access: every field of the schema has a policy here, and a guard test walks the whole schema.

Nothing here decides: `identity.access.require` does, once a service call. The table says which right that call asks
for, so that a field without one cannot appear unnoticed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema, GraphQLUnionType

from identity.access import Action


@dataclass(frozen=True, slots=True)
class Public:
    """Open to everybody: reference data, or a shape without data of its own."""


@dataclass(frozen=True, slots=True)
class Asks:
    """Its resolver calls a service that asks for this right."""

    action: Action


@dataclass(frozen=True, slots=True)
class Behind:
    """Reached only through a service call that asked for one of these rights."""

    actions: frozenset[Action]


Policy = Public | Asks | Behind
PUBLIC = Public()


def behind(*actions: Action) -> Behind:
    """Say which rights were asked for before a value of the type can be met."""
    return Behind(frozenset(actions))


_CONSENTS = (Action.READ_CONSENTS, Action.GIVE_CONSENT, Action.WITHDRAW_CONSENT)
_LOG = (Action.READ_ACCESS_LOG, Action.REPORT_ACCESS)
_PREFERENCES = (Action.READ_PREFERENCES, Action.CHANGE_PREFERENCES)
_REVIEWS = (Action.READ_REVIEW_QUEUE, Action.SETTLE_REVIEW)

TYPE_POLICIES: Mapping[str, Policy] = MappingProxyType(
    {
        "AcceptRepresentationPayload": behind(Action.ANSWER_REPRESENTATION),
        "AcceptHandoverPayload": behind(Action.ACCEPT_HANDOVER),
        "AccessAction": behind(*_LOG, *_REVIEWS),
        "AccessActor": behind(*_LOG),
        "AccessLogEntry": behind(*_LOG),
        "AccessOrganization": behind(*_LOG),
        "AccessReport": behind(*_LOG),
        "AcknowledgeNotificationsPayload": behind(Action.ACKNOWLEDGE_NOTIFICATIONS),
        "AddScheduleTemplatePayload": behind(Action.MANAGE_SCHEDULES),
        "AppealNoShowPayload": behind(Action.APPEAL_NO_SHOW),
        "Appointment": behind(
            Action.READ_APPOINTMENTS, Action.BOOK_APPOINTMENT, Action.CANCEL_APPOINTMENT, Action.ACCEPT_HANDOVER
        ),
        "AppointmentEvent": behind(Action.READ_APPOINTMENTS),
        "AppointmentSet": behind(Action.READ_APPOINTMENTS, Action.BOOK_APPOINTMENT),
        "BookAppointmentPayload": behind(Action.BOOK_APPOINTMENT),
        "BookAppointmentsPayload": behind(Action.BOOK_APPOINTMENT),
        "Call": behind(Action.HANDLE_CALL, Action.HANDLE_CALL_BACKS),
        "CallBack": behind(Action.READ_CALL_BACKS, Action.CHANGE_CALL_BACKS),
        "CalendarFeed": behind(Action.READ_CALENDAR_FEED, Action.CHANGE_CALENDAR_FEED),
        "CancelAppointmentPayload": behind(Action.CANCEL_APPOINTMENT),
        "CancelCallBackPayload": behind(Action.CHANGE_CALL_BACKS),
        "CancelErasurePayload": behind(Action.CANCEL_ERASURE),
        "ChangeCalendarFeedPayload": behind(Action.CHANGE_CALENDAR_FEED),
        "CancellationItem": behind(Action.MANAGE_SCHEDULES),
        "CancellationProposal": behind(Action.MANAGE_SCHEDULES),
        "CheckIn": behind(
            Action.READ_APPOINTMENTS, Action.BOOK_APPOINTMENT, Action.CANCEL_APPOINTMENT, Action.ACCEPT_HANDOVER
        ),
        "CheckInPayload": behind(Action.BOOK_APPOINTMENT),
        "ChildCandidate": behind(Action.READ_REPRESENTATION),
        "ChoosePatientPayload": behind(Action.HANDLE_CALL),
        "Clinic": PUBLIC,
        "ClinicCount": PUBLIC,
        "ClinicPhone": PUBLIC,
        "ClinicProfile": PUBLIC,
        "CloseCallPayload": behind(Action.HANDLE_CALL),
        "CloseReceptionPayload": behind(Action.MANAGE_SCHEDULES),
        "CloseVisitPayload": behind(Action.CLOSE_VISIT),
        "ConfirmCancellationPayload": behind(Action.MANAGE_SCHEDULES),
        "ConfirmChildPayload": behind(Action.CONFIRM_CHILD),
        "Consent": behind(*_CONSENTS),
        "ConsentRecipient": behind(*_CONSENTS),
        "ConsentSection": PUBLIC,
        "ConsentSignature": behind(*_CONSENTS),
        "ConsentText": PUBLIC,
        "CreateCalendarFeedPayload": behind(Action.CHANGE_CALENDAR_FEED),
        "CreateCallHandoverPayload": behind(Action.HAND_OVER_CALL),
        "CreateHandoverPayload": behind(Action.CREATE_HANDOVER),
        "DataExport": behind(Action.READ_EXPORTS, Action.EXPORT_DATA, Action.DELETE_EXPORT),
        "DeclineRepresentationPayload": behind(Action.ANSWER_REPRESENTATION),
        "DeclineWaitingListOfferPayload": behind(Action.CHANGE_WAITING_LIST),
        "DeleteExportPayload": behind(Action.DELETE_EXPORT),
        "DeskPost": behind(Action.MANAGE_SCHEDULES),
        "Device": behind(Action.READ_DEVICES, Action.REGISTER_DEVICE, Action.UNREGISTER_DEVICE),
        "DayCount": PUBLIC,
        "Doctor": PUBLIC,
        "DoctorProfile": PUBLIC,
        "Education": PUBLIC,
        "EmergencyAccess": behind(Action.BREAK_GLASS),
        "EndRepresentationByLawPayload": behind(Action.CHECK_REPRESENTATION),
        "EndRepresentationPayload": behind(Action.END_REPRESENTATION),
        "EndScheduleTemplatePayload": behind(Action.MANAGE_SCHEDULES),
        "Erasure": behind(Action.READ_ERASURE, Action.REQUEST_ERASURE, Action.CANCEL_ERASURE),
        "ErasureItem": behind(Action.READ_ERASURE, Action.REQUEST_ERASURE, Action.CANCEL_ERASURE),
        "ExtendHoldPayload": behind(Action.HOLD_SLOT),
        "GeoPoint": PUBLIC,
        "GiveConsentPayload": behind(Action.GIVE_CONSENT),
        "GivenRight": behind(Action.READ_REPRESENTATION, Action.GRANT_REPRESENTATION, Action.ANSWER_REPRESENTATION),
        "GrantRepresentationPayload": behind(Action.GRANT_REPRESENTATION),
        "Guardianship": behind(Action.READ_REPRESENTATION, Action.CONFIRM_CHILD),
        "GuardianshipCheck": behind(Action.CHECK_REPRESENTATION),
        "Handover": behind(Action.CREATE_HANDOVER, Action.HAND_OVER_CALL),
        "HoldExpiredError": behind(Action.BOOK_APPOINTMENT),
        "HoldSlotPayload": behind(Action.HOLD_SLOT),
        "InboxUpdate": behind(Action.READ_INBOX),
        "Insurer": behind(Action.READ_POLICY),
        "JoinReleaseQueuePayload": behind(Action.CHANGE_WAITING_LIST),
        "JoinWaitingListPayload": behind(Action.CHANGE_WAITING_LIST),
        "LeaveReleaseQueuePayload": behind(Action.CHANGE_WAITING_LIST),
        "LeaveWaitingListPayload": behind(Action.CHANGE_WAITING_LIST),
        "ListedCallBack": behind(Action.HANDLE_CALL_BACKS),
        "LiftChannelRefusalPayload": behind(Action.CHANGE_PREFERENCES),
        "MarkNotificationsSeenPayload": behind(Action.MARK_NOTIFICATION_SEEN),
        "MedicalOrganisation": PUBLIC,
        "MissedVisit": behind(Action.READ_APPOINTMENTS, Action.APPEAL_NO_SHOW),
        "Node": PUBLIC,
        "NoShowAppeal": behind(Action.SETTLE_APPEAL),
        "NoShowRule": behind(Action.READ_APPOINTMENTS, Action.APPEAL_NO_SHOW),
        "Notification": behind(Action.READ_INBOX, Action.MARK_NOTIFICATION_SEEN),
        "NotificationChanges": behind(Action.READ_INBOX),
        "NotificationChannelPreference": behind(*_PREFERENCES),
        "NotificationChannelState": behind(*_PREFERENCES),
        "NotificationPreferences": behind(*_PREFERENCES),
        "NotificationTopicPreference": behind(*_PREFERENCES),
        "OpeningHours": PUBLIC,
        "OpenCallPayload": behind(Action.HANDLE_CALL),
        "OpenEmergencyAccessPayload": behind(Action.BREAK_GLASS),
        "OpenInvitationPayload": behind(Action.ANSWER_REPRESENTATION),
        "OwnAccess": behind(Action.READ_ACCESS_LOG),
        "PageInfo": PUBLIC,
        "PauseWaitingListEntryPayload": behind(Action.CHANGE_WAITING_LIST),
        "Person": behind(Action.READ_PROFILE),
        "PlannedReception": behind(Action.MANAGE_SCHEDULES),
        "Policy": behind(Action.READ_POLICY),
        "ProposeCancellationPayload": behind(Action.MANAGE_SCHEDULES),
        "PublishSchedulePayload": behind(Action.MANAGE_SCHEDULES),
        "QuietHours": behind(*_PREFERENCES),
        "ReceptionClosure": behind(Action.MANAGE_SCHEDULES),
        "Referral": behind(Action.READ_APPOINTMENTS),
        "RefusedError": PUBLIC,
        "RegisterDevicePayload": behind(Action.REGISTER_DEVICE),
        "RegisterGuardianshipPayload": behind(Action.CONFIRM_CHILD),
        "RelatedPerson": behind(Action.READ_REPRESENTATION, Action.ANSWER_REPRESENTATION, Action.CHECK_REPRESENTATION),
        "ReleaseHoldPayload": behind(Action.HOLD_SLOT),
        "RevokeCalendarFeedPayload": behind(Action.CHANGE_CALENDAR_FEED),
        "ReportAccessPayload": behind(Action.REPORT_ACCESS),
        "Representation": behind(Action.READ_REPRESENTATION),
        "RepresentationInvitation": behind(
            Action.READ_REPRESENTATION, Action.GRANT_REPRESENTATION, Action.ANSWER_REPRESENTATION
        ),
        "RequestCallBackPayload": behind(Action.CHANGE_CALL_BACKS),
        "RequestErasurePayload": behind(Action.REQUEST_ERASURE),
        "RequestExportPayload": behind(Action.EXPORT_DATA),
        "RescheduleAppointmentPayload": behind(Action.BOOK_APPOINTMENT),
        "ReleaseQueue": PUBLIC,
        "ReleaseQueuePlace": behind(Action.READ_APPOINTMENTS, Action.CHANGE_WAITING_LIST),
        "ResumeWaitingListEntryPayload": behind(Action.CHANGE_WAITING_LIST),
        "RetentionLaw": PUBLIC,
        "Review": behind(*_REVIEWS),
        "ReviewedEmergency": behind(*_REVIEWS),
        "ReviewedEntry": behind(*_REVIEWS),
        "SchedulePublication": behind(Action.MANAGE_SCHEDULES),
        "ScheduleQuota": behind(Action.MANAGE_SCHEDULES),
        "ScheduleTemplate": behind(Action.MANAGE_SCHEDULES),
        "SendCallerCodePayload": behind(Action.HANDLE_CALL),
        "Session": behind(Action.READ_SESSIONS, Action.END_SESSION),
        "SetNotificationPreferencesPayload": behind(Action.CHANGE_PREFERENCES),
        "SetQuietHoursPayload": behind(Action.CHANGE_PREFERENCES),
        "SettleCallBackPayload": behind(Action.HANDLE_CALL_BACKS),
        "SettleGuardianshipPayload": behind(Action.CHECK_REPRESENTATION),
        "SettleNoShowAppealPayload": behind(Action.SETTLE_APPEAL),
        "SettleReviewPayload": behind(Action.SETTLE_REVIEW),
        "SetReleaseQueuePayload": behind(Action.MANAGE_SCHEDULES),
        "SignOutDevicePayload": behind(Action.END_SESSION),
        "SignOutEverywherePayload": behind(Action.END_SESSION),
        "SignOutPayload": behind(Action.END_SESSION),
        "Slot": PUBLIC,
        "SlotAbsence": behind(Action.READ_REFERENCE, Action.HOLD_SLOT),
        "SlotFacets": PUBLIC,
        "SlotHold": behind(
            Action.HOLD_SLOT, Action.ACCEPT_HANDOVER, Action.READ_APPOINTMENTS, Action.CHANGE_WAITING_LIST
        ),
        "SlotSearch": behind(Action.READ_REFERENCE, Action.HOLD_SLOT),
        "SlotTakenError": behind(Action.HOLD_SLOT, Action.BOOK_APPOINTMENT),
        "TakeCallBackPayload": behind(Action.HANDLE_CALL_BACKS),
        "TakenCallBack": behind(Action.HANDLE_CALL_BACKS),
        "Specialty": PUBLIC,
        "SpecialtyCount": PUBLIC,
        "TownCount": PUBLIC,
        "UnregisterDevicePayload": behind(Action.UNREGISTER_DEVICE),
        "TopicStatutoryError": behind(Action.CHANGE_PREFERENCES),
        "UserError": PUBLIC,
        "VerifyCallerPayload": behind(Action.HANDLE_CALL),
        "WaitingListEntry": behind(Action.READ_APPOINTMENTS, Action.CHANGE_WAITING_LIST),
        "WaitingListOffer": behind(Action.READ_APPOINTMENTS, Action.CHANGE_WAITING_LIST),
        "WithdrawConsentPayload": behind(Action.WITHDRAW_CONSENT),
    }
)
"""By type: holds for every field of it. Root types are never here: their fields stand in `FIELD_POLICIES`."""

FIELD_POLICIES: Mapping[str, Policy] = MappingProxyType(
    {
        "Appointment.history": Asks(Action.READ_APPOINTMENTS),
        "Clinic.profile": Asks(Action.READ_REFERENCE),
        "DataExport.downloadUrl": Asks(Action.EXPORT_DATA),
        "Doctor.profile": Asks(Action.READ_REFERENCE),
        "Mutation.acceptHandover": Asks(Action.ACCEPT_HANDOVER),
        "Mutation.acceptRepresentation": Asks(Action.ANSWER_REPRESENTATION),
        "Mutation.acknowledgeNotifications": Asks(Action.ACKNOWLEDGE_NOTIFICATIONS),
        "Mutation.addScheduleTemplate": Asks(Action.MANAGE_SCHEDULES),
        "Mutation.appealNoShow": Asks(Action.APPEAL_NO_SHOW),
        "Mutation.bookAppointment": Asks(Action.BOOK_APPOINTMENT),
        "Mutation.bookAppointments": Asks(Action.BOOK_APPOINTMENT),
        "Mutation.cancelAppointment": Asks(Action.CANCEL_APPOINTMENT),
        "Mutation.cancelCallBack": Asks(Action.CHANGE_CALL_BACKS),
        "Mutation.cancelErasure": Asks(Action.CANCEL_ERASURE),
        "Mutation.checkIn": Asks(Action.BOOK_APPOINTMENT),
        "Mutation.choosePatient": Asks(Action.HANDLE_CALL),
        "Mutation.closeCall": Asks(Action.HANDLE_CALL),
        "Mutation.closeReception": Asks(Action.MANAGE_SCHEDULES),
        "Mutation.closeVisit": Asks(Action.CLOSE_VISIT),
        "Mutation.confirmCancellation": Asks(Action.MANAGE_SCHEDULES),
        "Mutation.confirmChild": Asks(Action.CONFIRM_CHILD),
        "Mutation.changeCalendarFeed": Asks(Action.CHANGE_CALENDAR_FEED),
        "Mutation.createCalendarFeed": Asks(Action.CHANGE_CALENDAR_FEED),
        "Mutation.revokeCalendarFeed": Asks(Action.CHANGE_CALENDAR_FEED),
        "Mutation.createCallHandover": Asks(Action.HAND_OVER_CALL),
        "Mutation.createHandover": Asks(Action.CREATE_HANDOVER),
        "Mutation.declineRepresentation": Asks(Action.ANSWER_REPRESENTATION),
        "Mutation.declineWaitingListOffer": Asks(Action.CHANGE_WAITING_LIST),
        "Mutation.deleteExport": Asks(Action.DELETE_EXPORT),
        "Mutation.endRepresentationByLaw": Asks(Action.CHECK_REPRESENTATION),
        "Mutation.endRepresentation": Asks(Action.END_REPRESENTATION),
        "Mutation.endScheduleTemplate": Asks(Action.MANAGE_SCHEDULES),
        "Mutation.extendHold": Asks(Action.HOLD_SLOT),
        "Mutation.giveConsent": Asks(Action.GIVE_CONSENT),
        "Mutation.grantRepresentation": Asks(Action.GRANT_REPRESENTATION),
        "Mutation.holdSlot": Asks(Action.HOLD_SLOT),
        "Mutation.joinReleaseQueue": Asks(Action.CHANGE_WAITING_LIST),
        "Mutation.joinWaitingList": Asks(Action.CHANGE_WAITING_LIST),
        "Mutation.leaveReleaseQueue": Asks(Action.CHANGE_WAITING_LIST),
        "Mutation.leaveWaitingList": Asks(Action.CHANGE_WAITING_LIST),
        "Mutation.liftChannelRefusal": Asks(Action.CHANGE_PREFERENCES),
        "Mutation.markNotificationsSeen": Asks(Action.MARK_NOTIFICATION_SEEN),
        "Mutation.openCall": Asks(Action.HANDLE_CALL),
        "Mutation.openEmergencyAccess": Asks(Action.BREAK_GLASS),
        "Mutation.openInvitation": Asks(Action.ANSWER_REPRESENTATION),
        "Mutation.pauseWaitingListEntry": Asks(Action.CHANGE_WAITING_LIST),
        "Mutation.proposeCancellation": Asks(Action.MANAGE_SCHEDULES),
        "Mutation.publishSchedule": Asks(Action.MANAGE_SCHEDULES),
        "Mutation.registerDevice": Asks(Action.REGISTER_DEVICE),
        "Mutation.registerGuardianship": Asks(Action.CONFIRM_CHILD),
        "Mutation.releaseHold": Asks(Action.HOLD_SLOT),
        "Mutation.reportAccess": Asks(Action.REPORT_ACCESS),
        "Mutation.requestCallBack": Asks(Action.CHANGE_CALL_BACKS),
        "Mutation.requestErasure": Asks(Action.REQUEST_ERASURE),
        "Mutation.requestExport": Asks(Action.EXPORT_DATA),
        "Mutation.rescheduleAppointment": Asks(Action.BOOK_APPOINTMENT),
        "Mutation.resumeWaitingListEntry": Asks(Action.CHANGE_WAITING_LIST),
        "Mutation.sendCallerCode": Asks(Action.HANDLE_CALL),
        "Mutation.setNotificationPreferences": Asks(Action.CHANGE_PREFERENCES),
        "Mutation.setQuietHours": Asks(Action.CHANGE_PREFERENCES),
        "Mutation.settleCallBack": Asks(Action.HANDLE_CALL_BACKS),
        "Mutation.setReleaseQueue": Asks(Action.MANAGE_SCHEDULES),
        "Mutation.settleGuardianship": Asks(Action.CHECK_REPRESENTATION),
        "Mutation.settleNoShowAppeal": Asks(Action.SETTLE_APPEAL),
        "Mutation.settleReview": Asks(Action.SETTLE_REVIEW),
        "Mutation.signOut": Asks(Action.END_SESSION),
        "Mutation.signOutDevice": Asks(Action.END_SESSION),
        "Mutation.signOutEverywhere": Asks(Action.END_SESSION),
        "Mutation.takeCallBack": Asks(Action.HANDLE_CALL_BACKS),
        "Mutation.unregisterDevice": Asks(Action.UNREGISTER_DEVICE),
        "Mutation.verifyCaller": Asks(Action.HANDLE_CALL),
        "Mutation.withdrawConsent": Asks(Action.WITHDRAW_CONSENT),
        "Notification.subject": Asks(Action.READ_APPOINTMENTS),
        "Query.actingFor": Asks(Action.READ_PROFILE),
        "Query.callBackList": Asks(Action.HANDLE_CALL_BACKS),
        "Query.cancellationProposal": Asks(Action.MANAGE_SCHEDULES),
        "Query.clinics": Asks(Action.READ_REFERENCE),
        "Query.consentTexts": Asks(Action.READ_REFERENCE),
        "Query.currentCall": Asks(Action.HANDLE_CALL),
        "Query.deskPosts": Asks(Action.MANAGE_SCHEDULES),
        "Query.guardianshipQueue": Asks(Action.CHECK_REPRESENTATION),
        "Query.node": PUBLIC,  # each loader asks for its own right
        "Query.noShowAppeals": Asks(Action.SETTLE_APPEAL),
        "Query.releaseQueues": Asks(Action.READ_REFERENCE),
        "Query.reviewQueue": Asks(Action.READ_REVIEW_QUEUE),
        "Query.schedulePreview": Asks(Action.MANAGE_SCHEDULES),
        "Query.scheduleTemplates": Asks(Action.MANAGE_SCHEDULES),
        "Query.serverTime": PUBLIC,
        "Query.takenCallBack": Asks(Action.HANDLE_CALL_BACKS),
        "Query.searchSlots": Asks(Action.READ_REFERENCE),  # and HOLD_SLOT where a person is named
        "Query.slots": Asks(Action.READ_REFERENCE),
        "Query.specialties": Asks(Action.READ_REFERENCE),
        "Query.towns": Asks(Action.READ_REFERENCE),
        "Query.viewer": Asks(Action.READ_PROFILE),
        "RepresentationOfViewer.actedForBy": Asks(Action.READ_REPRESENTATION),
        "RepresentationOfViewer.actsFor": Asks(Action.READ_REPRESENTATION),
        "RepresentationOfViewer.childCandidates": Asks(Action.READ_REPRESENTATION),
        "RepresentationOfViewer.guardianships": Asks(Action.READ_REPRESENTATION),
        "RepresentationOfViewer.invitations": Asks(Action.READ_REPRESENTATION),
        "Subscription.inboxChanged": Asks(Action.READ_INBOX),
        "Viewer.accessLog": Asks(Action.READ_ACCESS_LOG),
        "Viewer.appointmentSet": Asks(Action.READ_APPOINTMENTS),
        "Viewer.appointments": Asks(Action.READ_APPOINTMENTS),
        "Viewer.calendarFeed": Asks(Action.READ_CALENDAR_FEED),
        "Viewer.callBacks": Asks(Action.READ_CALL_BACKS),
        "Viewer.consents": Asks(Action.READ_CONSENTS),
        "Viewer.devices": Asks(Action.READ_DEVICES),
        "Viewer.erasure": Asks(Action.READ_ERASURE),
        "Viewer.erasurePlan": Asks(Action.READ_ERASURE),
        "Viewer.exports": Asks(Action.READ_EXPORTS),
        "Viewer.inbox": Asks(Action.READ_INBOX),
        "Viewer.noShowRule": Asks(Action.READ_APPOINTMENTS),
        "Viewer.notificationChanges": Asks(Action.READ_INBOX),
        "Viewer.notificationPreferences": Asks(Action.READ_PREFERENCES),
        "Viewer.ownAccesses": Asks(Action.READ_ACCESS_LOG),
        "Viewer.person": Asks(Action.READ_PROFILE),
        "Viewer.policy": Asks(Action.READ_POLICY),
        "Viewer.referrals": Asks(Action.READ_APPOINTMENTS),
        "Viewer.releaseQueuePlaces": Asks(Action.READ_APPOINTMENTS),
        "Viewer.replacementOffers": Asks(Action.READ_APPOINTMENTS),
        "Viewer.representation": Asks(Action.READ_REPRESENTATION),
        "Viewer.sessions": Asks(Action.READ_SESSIONS),
        "Viewer.unreadCount": Asks(Action.READ_INBOX),
        "Viewer.waitingList": Asks(Action.READ_APPOINTMENTS),
    }
)
"""By `Type.field`: every root field, and every field that asks a service of its own."""


def policy_of(type_name: str, field_name: str) -> Policy | None:
    """Return the policy of a field, or None where the table forgot it.

    A connection and its edges (`SlotConnection`, `SlotEdge`) hold what their node holds.
    """
    if (own := FIELD_POLICIES.get(f"{type_name}.{field_name}")) is not None:
        return own
    for name in (type_name, type_name.removesuffix("Connection"), type_name.removesuffix("Edge")):
        if (policy := TYPE_POLICIES.get(name)) is not None:
            return policy
    return None


def fields_without_policy(schema: GraphQLSchema) -> Iterator[str]:
    """Yield `Type.field` for every field the table forgot; introspection types are not ours."""
    for name, graphql_type in sorted(schema.type_map.items()):
        if name.startswith("__") or isinstance(graphql_type, GraphQLUnionType):
            continue
        if isinstance(graphql_type, GraphQLObjectType | GraphQLInterfaceType):
            yield from (f"{name}.{field}" for field in graphql_type.fields if policy_of(name, field) is None)
