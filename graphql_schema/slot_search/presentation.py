"""What a person is told when there is nothing, in Russian and English; what it is about stands in fields of its own."""

from collections.abc import Mapping
from types import MappingProxyType

from backend.slot_search.values import Absence, Reason
from graphql_schema.catalogue import Language

MESSAGES: Mapping[Reason, tuple[str, str]] = MappingProxyType(
    {
        Reason.AGE: ("Здесь не принимают в этом возрасте.", "People of this age are not seen there."),
        Reason.ALL_TAKEN: ("Все места заняты.", "Every place is taken."),
        Reason.ATTACHMENT: (
            "К этому врачу записывают только в поликлинике, к которой человек прикреплён.",
            "This doctor is booked only where the person is attached.",
        ),
        Reason.BEYOND_HORIZON: (
            "Есть места позже, запись на них ещё не открыта.",
            "There are places later; they cannot be booked yet.",
        ),
        Reason.CHANNEL: (
            "Здесь эти места не выдают. Позвоните 122 или в регистратуру.",
            "These places are not given out here. Call 122 or the front desk.",
        ),
        Reason.NOTHING_MATCHES: (
            "Такого врача, клиники или специальности не нашлось.",
            "No doctor, clinic or specialty of this name was found.",
        ),
        Reason.NOT_RELEASED: ("Места ещё не открыты для записи.", "The places are not given out yet."),
        Reason.QUOTA: (
            "Места для записи здесь закончились. Позвоните 122 или в регистратуру.",
            "The places that are booked here are given out. Call 122 or the front desk.",
        ),
        Reason.REFERRAL: ("Нужно направление врача.", "A doctor's referral is needed."),
        Reason.SCHEDULE: ("В это время приёма нет.", "Nobody receives at these times."),
        Reason.SEX: ("Этот врач принимает людей другого пола.", "This doctor sees people of the other sex."),
    }
)


def message_of(absence: Absence, language: Language) -> str:
    """Return what to tell a person."""
    russian, english = MESSAGES[absence.reason]
    return russian if language == "ru" else english
