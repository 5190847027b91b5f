"""Words of the access log as clients see them; a test keeps them whole when capacities and actions are added."""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

import strawberry

from graphql_schema.catalogue import Language
from identity.access import RULES, Action


@strawberry.enum(description="As what somebody was signed in. New kinds may appear: show an unknown one as it is.")
class ActorKind(Enum):
    """Kind of a sign-in."""

    AMBULANCE_CREW = strawberry.enum_value("ambulance_crew", description="An ambulance crew.")
    AUDITOR = strawberry.enum_value("auditor", description="The officer for data protection.")
    CITIZEN = strawberry.enum_value("citizen", description="The person, or another citizen.")
    CLINICIAN = strawberry.enum_value("clinician", description="A clinician of a medical organisation.")
    DEVICE = strawberry.enum_value("device", description="A device of the person.")
    INSURANCE_REPRESENTATIVE = strawberry.enum_value(
        "insurance_representative", description="A representative of an insurance company."
    )
    KIOSK = strawberry.enum_value("kiosk", description="A kiosk in a clinic.")
    OPERATOR = strawberry.enum_value("operator", description="An operator of the 122 service.")
    SERVICE = strawberry.enum_value("service", description="Another system.")


@strawberry.enum(description="What the actor was to the person. New ones may appear: show an unknown one as it is.")
class AccessRole(Enum):
    """Capacity."""

    AT_KIOSK = strawberry.enum_value("at_kiosk", description="The person, at a kiosk.")
    AUDITOR_DESK = strawberry.enum_value("auditor_desk", description="The officer for data protection, at work.")
    BY_DEVICE = strawberry.enum_value("by_device", description="A device of the person.")
    CLINICIAN_BY_CONSENT = strawberry.enum_value(
        "clinician_by_consent", description="A clinician, by the person's consent."
    )
    CLINICIAN_DESK = strawberry.enum_value("clinician_desk", description="A clinician, at work.")
    CLINICIAN_IN_EMERGENCY = strawberry.enum_value(
        "clinician_in_emergency", description="A clinician, in an emergency."
    )
    CREW_BY_CONSENT = strawberry.enum_value(
        "crew_by_consent", description="An ambulance crew, by the person's consent."
    )
    CREW_DESK = strawberry.enum_value("crew_desk", description="An ambulance crew, at work.")
    CREW_IN_EMERGENCY = strawberry.enum_value("crew_in_emergency", description="An ambulance crew, in an emergency.")
    GUARDIAN = strawberry.enum_value("guardian", description="The person's guardian.")
    INSURER_DESK = strawberry.enum_value("insurer_desk", description="An insurance representative, at work.")
    INSURER_OF_PERSON = strawberry.enum_value("insurer_of_person", description="The company that insures the person.")
    OPERATOR_DESK = strawberry.enum_value("operator_desk", description="An operator of 122, at work.")
    OPERATOR_ON_CALL = strawberry.enum_value("operator_on_call", description="An operator of 122, in a call.")
    PARENT_OF_CHILD = strawberry.enum_value("parent_of_child", description="A parent of a child under 15.")
    PARENT_OF_TEENAGER = strawberry.enum_value("parent_of_teenager", description="A parent of a teenager of 15 to 17.")
    PORTAL = strawberry.enum_value(
        "portal", description="A public services portal, such as Gosuslugi, by which the person books."
    )
    SELF = strawberry.enum_value("self", description="The person.")
    SERVICE_DESK = strawberry.enum_value("service_desk", description="Another system.")
    STAFF_SELF = strawberry.enum_value("staff_self", description="Staff, about their own account.")
    TRUSTED_ADULT = strawberry.enum_value("trusted_adult", description="An adult whom the person trusts.")


@strawberry.enum(description="What for. New purposes may appear: show an unknown one as it is.")
class AccessPurpose(Enum):
    """Purpose."""

    CALL = strawberry.enum_value("call", description="A call to 122.")
    CARE = strawberry.enum_value("care", description="Medical care.")
    EMERGENCY = strawberry.enum_value("emergency", description="An emergency.")
    FAMILY = strawberry.enum_value("family", description="Care for one's family.")
    INSURANCE = strawberry.enum_value("insurance", description="Insurance.")
    OVERSIGHT = strawberry.enum_value("oversight", description="Oversight of who looks at data.")
    OWN = strawberry.enum_value("own", description="The person's own use.")
    SERVICE = strawberry.enum_value("service", description="Exchange with another system.")


@strawberry.enum(description="How an access ended.")
class AccessOutcome(Enum):
    """Outcome."""

    ALLOWED = strawberry.enum_value("allowed", description="It was allowed.")
    DENIED = strawberry.enum_value("denied", description="It was denied: nothing was seen or changed.")


@strawberry.enum(description="What kind of emergency.")
class EmergencyCategory(Enum):
    """Category."""

    CANNOT_COMMUNICATE = strawberry.enum_value(
        "cannot_communicate", description="The person cannot make themself understood."
    )
    CHILD_ALONE = strawberry.enum_value("child_alone", description="A child without an adult.")
    OTHER = strawberry.enum_value("other", description="Another one; the reason says which.")
    THREAT_TO_LIFE = strawberry.enum_value("threat_to_life", description="A threat to life.")
    UNCONSCIOUS = strawberry.enum_value("unconscious", description="The person is unconscious.")


@strawberry.enum(description="Why something is to be reviewed.")
class ReviewSource(Enum):
    """Source."""

    EMERGENCY = strawberry.enum_value("emergency", description="Somebody broke the glass.")
    REPORT = strawberry.enum_value("report", description="The person says that an access was not right.")


@strawberry.enum(description="Where a review stands.")
class ReviewState(Enum):
    """State."""

    NEEDS_MORE = strawberry.enum_value("needs_more", description="The officer is waiting for more.")
    OPEN = strawberry.enum_value("open", description="Nobody has looked yet.")
    SETTLED = strawberry.enum_value("settled", description="It has its verdict.")


@strawberry.enum(description="What the officer found.")
class ReviewVerdict(Enum):
    """Verdict."""

    JUSTIFIED = strawberry.enum_value("justified", description="The access was right.")
    NEEDS_MORE = strawberry.enum_value("needs_more", description="More must be asked first.")
    UNJUSTIFIED = strawberry.enum_value("unjustified", description="The access was not right.")


IN_RUSSIAN: Mapping[Action, str] = MappingProxyType(
    {
        Action.READ_REFERENCE: "смотреть клиники, врачей и свободное время",
        Action.READ_PROFILE: "узнать, кто этот человек",
        Action.READ_POLICY: "посмотреть полис",
        Action.READ_APPOINTMENTS: "посмотреть записи на приём",
        Action.HOLD_SLOT: "удержать время приёма",
        Action.BOOK_APPOINTMENT: "записать на приём",
        Action.CANCEL_APPOINTMENT: "отменить запись на приём",
        Action.CHANGE_WAITING_LIST: "изменить место в листе ожидания или в очереди",
        Action.MANAGE_SCHEDULES: "составлять расписание своей поликлиники, закрывать и отменять приёмы",
        Action.CLOSE_VISIT: "отметить, пришёл ли человек на приём в свою поликлинику",
        Action.APPEAL_NO_SHOW: "возразить против отметки о неявке",
        Action.SETTLE_APPEAL: "рассмотреть возражение против отметки о неявке",
        Action.READ_INBOX: "прочитать сообщения",
        Action.MARK_NOTIFICATION_SEEN: "отметить сообщения прочитанными",
        Action.READ_ACCESS_LOG: "посмотреть журнал доступа",
        Action.REPORT_ACCESS: "сообщить о неправильном доступе",
        Action.READ_REPRESENTATION: "посмотреть, кто за кого действует",
        Action.CONFIRM_CHILD: "начать действовать за ребёнка или подопечного",
        Action.GRANT_REPRESENTATION: "разрешить другому взрослому действовать за себя",
        Action.END_REPRESENTATION: "прекратить действие за другого",
        Action.READ_CONSENTS: "посмотреть согласия",
        Action.GIVE_CONSENT: "дать согласие",
        Action.WITHDRAW_CONSENT: "отозвать согласие",
        Action.EXPORT_DATA: "выгрузить все данные",
        Action.REQUEST_ERASURE: "попросить об удалении данных",
        Action.HANDLE_CALL: "принять звонок",
        Action.HAND_OVER_CALL: "передать начатое в звонке в приложение",
        Action.READ_CALL_BACKS: "узнать, когда перезвонят",
        Action.CHANGE_CALL_BACKS: "попросить перезвонить или не перезванивать",
        Action.HANDLE_CALL_BACKS: "взять заявку на обратный звонок и отметить его итог",
        Action.OPEN_PORTAL_SESSION: "записать на приём через портал и узнать направления",
        Action.BREAK_GLASS: "открыть данные в экстренном порядке",
        Action.READ_REVIEW_QUEUE: "посмотреть очередь проверок",
        Action.SETTLE_REVIEW: "завершить проверку",
        Action.READ_PREFERENCES: "посмотреть настройки уведомлений",
        Action.CHANGE_PREFERENCES: "изменить настройки уведомлений",
        Action.READ_SESSIONS: "посмотреть, где выполнен вход",
        Action.END_SESSION: "выйти здесь или на другом устройстве",
        Action.ANSWER_REPRESENTATION: "ответить на приглашение действовать за другого взрослого",
        Action.CHECK_REPRESENTATION: "проверить документы опекуна или прекратить действие по закону",
        Action.READ_EXPORTS: "посмотреть, готовы ли выгрузки данных",
        Action.DOWNLOAD_EXPORT: "скачать выгрузку по ссылке",
        Action.DELETE_EXPORT: "удалить выгрузку данных",
        Action.READ_ERASURE: "посмотреть, что удаление затронет и что оставит",
        Action.CANCEL_ERASURE: "отозвать просьбу об удалении",
        Action.READ_CALENDAR_FEED: "узнать, следит ли календарь за записями",
        Action.CHANGE_CALENDAR_FEED: "подключить или отключить календарь",
        Action.FOLLOW_CALENDAR_FEED: "прочитать записи из календаря по ссылке",
        Action.CREATE_HANDOVER: "передать начатое в инфомате на телефон",
        Action.ACCEPT_HANDOVER: "продолжить на телефоне начатое в инфомате",
        Action.ACKNOWLEDGE_NOTIFICATIONS: "сообщить, что стало с уведомлениями на устройстве",
        Action.READ_DEVICES: "посмотреть, на какие устройства приходят уведомления",
        Action.REGISTER_DEVICE: "включить уведомления на устройстве",
        Action.UNREGISTER_DEVICE: "выключить уведомления на устройстве",
    }
)
"""What each action is called; in English it is the rule's own `told`."""


def action_name(code: str, language: Language) -> str:
    """Return what an action is called; one that is no longer known is called by its code."""
    if code not in _KNOWN:
        return code
    action = Action(code)
    return IN_RUSSIAN.get(action, RULES[action].told) if language == "ru" else RULES[action].told


_KNOWN = frozenset(action.value for action in Action)
