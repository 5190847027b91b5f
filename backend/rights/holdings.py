"""Every table, and what it holds about people: the one place where copies and erasures learn what there is.

To add a table is to add a line; `backend.rights.coverage` finds one that is missing here, and a column that names a
person and is not said to.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import ColumnElement, Table, and_

from backend.booking.states import BOOKED_STATUSES
from backend.rights.laws import (
    ACT_OF_ERASURE,
    AUDIT,
    BOOKING_NOT_OVER,
    COMPLAINT,
    MEDICAL_RECORD,
    PROOF_OF_CONSENT,
    WHO_COMES,
)
from backend.rights.retention import Holding, Keep, Reduce, Trace
from backend.rights.values import Law, Told


def _not_over(appointments: Table, now: datetime) -> ColumnElement[bool]:
    return and_(appointments.c.status.in_(BOOKED_STATUSES), appointments.c.ends_at > now)


_OTHERS = Told(
    "Это данные другого человека: вы видите их, пока действуете за него.",
    "These are another person's data: you see them for as long as you act for that person.",
)
_STAFF = Told(
    "Сотрудник: это сведения о вас, а не о нём.",
    "Somebody at work: these data are about you, not about them.",
)
_CHECK_SUMS = Told(
    "Контрольные числа журнала, в них нет сведений о вас.",
    "Check sums of the audit; they say nothing about you.",
)

HOLDINGS: Mapping[str, Holding] = MappingProxyType(
    {
        "accounts": Holding(Told("Учётная запись для входа", "The account to sign in with")),
        "appointment_events": Holding(
            Told("Что происходило с вашими записями", "What happened to your appointments"),
            mentions={"actor_id": _OTHERS},
            reveals_care=True,
        ),
        "appointment_sets": Holding(
            Told("Записи, сделанные вместе", "Appointments that were booked together"), reveals_care=True
        ),
        "appointments": Holding(
            Told("Записи на приём", "Appointments"),
            retention=Keep(BOOKING_NOT_OVER, only=_not_over, ends="ends_at"),
            mentions={"actor_id": _OTHERS, "cancelled_by": _OTHERS},
            reveals_care=True,
        ),
        "attachments": Holding(Told("К кому вы прикреплены", "The organisation you are attached to")),
        "audit_anchored_heads": Holding(
            Told("Якоря журнала обращений", "Anchors of the audit"), retention=Keep(AUDIT), left_out=_CHECK_SUMS
        ),
        "audit_entries": Holding(
            Told("Журнал: кто обращался к вашим данным", "The audit: who looked at your data"),
            retention=Keep(AUDIT),
            mentions={"actor_id": _OTHERS, "on_behalf_of": _OTHERS},
        ),
        "audit_heads": Holding(
            Told("Концы журнала обращений", "Ends of the audit"), retention=Keep(AUDIT), left_out=_CHECK_SUMS
        ),
        "authorization_codes": Holding(Told("Одноразовые коды входа", "One-time codes of sign-ins")),
        "calendar_feeds": Holding(
            Told("Календари, которые следят за вашими записями", "Calendars that follow your appointments"),
            mentions={"actor_id": _OTHERS},
        ),
        "call_backs": Holding(
            Told("Заявки на обратный звонок 122", "Requests to be called back by 122"),
            owners=("person_id", "callee_id"),
            mentions={"actor_id": _OTHERS, "taken_by": _STAFF},
            whose={"called_number": "callee_id"},
            trace=Trace("call_tickets", ("operator_id", "id"), ("taken_by", "call_id"), "caller_number"),
        ),
        "call_tickets": Holding(
            Told("Ваши звонки в 122", "Your calls to 122"),
            owners=("caller_id",),
            mentions={"operator_id": _STAFF, "patient_id": _OTHERS, "code_person_id": _OTHERS},
        ),
        "campaign_slots": Holding(
            Told("Какие приглашения уже отправляются вам", "Which invitations are on their way to you")
        ),
        "child_checks": Holding(Told("Проверки свидетельств о рождении", "Checks of birth certificates")),
        "cancellation_items": Holding(
            Told("Ваши записи, приём по которым отменила поликлиника", "Your appointments that the clinic cancelled"),
            reveals_care=True,
        ),
        "cancellation_proposals": Holding(
            Told("Отмены приёма, которые вы готовили на работе", "Cancellations that you prepared at work"),
            owners=("created_by", "confirmed_by"),
            retention=Keep(AUDIT),
        ),
        "consents": Holding(
            Told("Согласия", "Consents"),
            retention=Keep(PROOF_OF_CONSENT),
            mentions={"given_by": _OTHERS, "withdrawn_by": _OTHERS},
        ),
        "data_exports": Holding(
            Told("Выгрузки ваших данных", "Copies of your data"), mentions={"requested_by": _OTHERS}
        ),
        "emergencies": Holding(
            Told("Экстренный доступ к вашим данным", "Emergency access to your data"),
            retention=Keep(AUDIT),
            mentions={"actor_id": _STAFF},
        ),
        "deliveries": Holding(
            Told("Отправка уведомлений: push, SMS, почта", "The sending of messages: push, SMS, mail"),
            reveals_care=True,
        ),
        "devices": Holding(Told("Ваши устройства для push", "Your devices that can be woken")),
        "emergency_counts": Holding(
            Told("Сколько раз вы открывали экстренный доступ", "How often you opened an emergency access"),
            owners=("actor_id",),
        ),
        "erasure_requests": Holding(
            Told("Просьбы об уничтожении данных", "Requests for erasure"), retention=Keep(ACT_OF_ERASURE)
        ),
        "family_links": Holding(Told("Родственные связи", "Family links"), owners=("person_id", "relative_id")),
        "guardianships": Holding(
            Told("Опека: ваши документы", "Guardianship: your documents"), mentions={"settled_by": _STAFF}
        ),
        "handovers": Holding(
            Told("Коды, чтобы продолжить на телефоне начатое в инфомате", "Codes to go on at your phone after a kiosk")
        ),
        "idempotency_keys": Holding(
            Told("Недавние действия, чтобы не повторить их дважды", "Recent acts, kept so that none is done twice"),
            owners=("actor_id",),
        ),
        "inbox_states": Holding(
            Told("До какого изменения пронумерованы ваши уведомления", "How far changes of your messages are numbered")
        ),
        "known_children": Holding(Told("Дети из вашей учётной записи ЕСИА", "Children on your ESIA account")),
        "message_preferences": Holding(
            Told("О чём и как вам сообщать", "What you want to be told, and over which channel")
        ),
        "no_show_appeals": Holding(
            Told("Ваши возражения против отметки о неявке", "What you said against a visit being called missed"),
            mentions={"settled_by": _STAFF},
            reveals_care=True,
        ),
        "notifications": Holding(Told("Уведомления", "Messages"), reveals_care=True),
        "own_accesses": Holding(
            Told("Ваши собственные обращения за последний час", "Your own accesses of the last hour"),
            retention=Keep(AUDIT),
        ),
        "persons": Holding(
            Told("Кто вы: имя, дата рождения, СНИЛС, контакты", "Who you are: name, birth date, SNILS, contacts"),
            owners=("id",),
            retention=Reduce(WHO_COMES, cleared=("phone", "email"), beside=("appointments",)),
        ),
        "planned_messages": Holding(
            Told("Уведомления, которые ещё будут", "Messages that are still to come"), reveals_care=True
        ),
        "policy_snapshots": Holding(Told("Полис ОМС", "The insurance policy")),
        "quiet_hours": Holding(Told("Ваши тихие часы", "Your quiet hours")),
        "receipts": Holding(
            Told("Отметки о получении уведомлений", "What came back about messages"), reveals_care=True
        ),
        "referrals": Holding(Told("Направления", "Referrals"), reveals_care=True),
        "portal_outcomes": Holding(
            Told("Записи через портал госуслуг", "Bookings through a public services portal"), reveals_care=True
        ),
        "portal_sessions": Holding(
            Told("Обращения портала госуслуг от вашего имени", "Sessions of a public services portal on your behalf")
        ),
        "refresh_tokens": Holding(Told("Продления сеансов", "Renewals of sessions")),
        "release_queue_places": Holding(
            Told("Ваши места в очередях на открытие времени у врача", "Your places in queues for a doctor's times"),
            mentions={"actor_id": _OTHERS},
            reveals_care=True,
        ),
        "representation_documents": Holding(
            Told("Документы, по которым вас представляют", "Documents by which others act for you"),
            mentions={"checked_by": _STAFF},
        ),
        "representation_invitations": Holding(
            Told("Приглашения представлять вас", "Invitations to act for you"), mentions={"representative_id": _OTHERS}
        ),
        "representations": Holding(
            Told("Кто кого представляет", "Who acts for whom"),
            owners=("person_id", "representative_id"),
            mentions={"ended_by": _OTHERS},
        ),
        "reviews": Holding(
            Told("Проверки обращений к вашим данным", "Reviews of accesses to your data"),
            retention=Keep(AUDIT),
            mentions={"opened_by": _OTHERS, "settled_by": _STAFF},
        ),
        "seen_devices": Holding(Told("Устройства, с которых вы входили", "Devices on which you have signed in")),
        "sessions": Holding(Told("Сеансы входа", "Sessions")),
        "waiting_list_clinics": Holding(
            Told("Поликлиники, в которых вы ждёте приёма", "The clinics in which you wait for a slot"),
            reveals_care=True,
        ),
        "waiting_list_entries": Holding(
            Told("Лист ожидания", "The waiting list"), mentions={"actor_id": _OTHERS}, reveals_care=True
        ),
        "waiting_list_offers": Holding(
            Told("Что вам предлагали из листа ожидания", "What the waiting list has offered you"), reveals_care=True
        ),
        "withdrawn_notifications": Holding(
            Told("Номера уведомлений, которых больше нет", "Ids of messages that are there no more")
        ),
    }
)
"""By the name of the table, sorted."""

NOBODYS: Mapping[str, str] = MappingProxyType(
    {
        "audit_anchors": "hashes over all people",
        "clinics": "reference data",
        "clinic_profiles": "reference data",
        "doctors": "reference data: who works where",
        "doctor_profiles": "reference data: what a clinic shows of who works there",
        "medical_organisations": "reference data",
        "parked_texts": "texts of ours that rest, of no person",
        "pending_sign_ins": "nobody is known yet, for ten minutes",
        "posts": "reference data",
        "release_queues": "of a doctor's times; who stands in them is in their places",
        "schedule_quotas": "reference data",
        "schedule_templates": "reference data",
        "schedules": "reference data",
        "slots": "reference data",
        "specialties": "reference data",
        "suppressed_addresses": "keyed hashes of addresses, of whomever: they name nobody, and fade",
    }
)
"""Tables that hold nothing about people, each with its reason."""

NO_PEOPLE = frozenset(
    {
        "address_id",
        "appointment_id",
        "call_id",
        "child_id",
        "emergency_id",
        "entry_id",
        "epoch",
        "from_slot_id",
        "hold_id",
        "id",
        "key",
        "notification_id",
        "organisation_id",
        "proposal_id",
        "queue_id",
        "reference",
        "referral_id",
        "registry_key",
        "replaces_id",
        "representation_id",
        "session_id",
        "set_id",
        "slot_id",
        "source_id",
        "subject_id",
        "system_id",
        "taken_in",
        "trace_id",
        "worker_id",
    }
)
"""Names of columns whose UUIDs never name a person, unless a holding says that they do."""

ELSEWHERE: Mapping[str, tuple[Told, Law]] = MappingProxyType(
    {
        "medical_records": (Told("Медицинские карты (не у нас)", "Medical records (not with us)"), MEDICAL_RECORD),
        "complaints": (Told("Обращения и ответы (не у нас)", "Complaints and answers (not with us)"), COMPLAINT),
    }
)
"""What a person may look for here, while others keep it: named in every plan and statement."""
