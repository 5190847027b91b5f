"""Examples of parameters for every kind: made-up people only; previews, the page of messages and tests use them."""

from collections.abc import Mapping
from types import MappingProxyType

from notifications.messages import PARAMETERS, MessageKind

_BY_NAME: Mapping[str, str] = MappingProxyType(
    {
        "address": "Калужская область, Износки, ул. Ленина, 27",
        "answer_on": "2026-12-24",
        "arrived_at": "2026-11-24T09:44:00+03:00",
        "campaign_id": "0193a1f0-7c00-7000-8000-000000000001",
        "change": "insurer",
        "changed_on": "2026-11-21",
        "clinic": "Износковская участковая больница",
        "code": "012345",
        "days": "5",
        "deadline_at": "2026-11-22T18:00:00+03:00",
        "device": "Телефон, приложение 7.4.0",
        "doctor": "Вымышленная Анна Петровна",
        "document_en": "Blood count",
        "document_ru": "Общий анализ крови",
        "drug": "Метформин, таблетки 500 мг",
        "due_on": "2026-12-31",
        "earlier_at": "2026-11-23T14:10:00+03:00",
        "ends_at": "2026-12-01T00:00:00+03:00",
        "eta_from_minutes": "8",
        "eta_to_minutes": "12",
        "examinations": "11",
        "expires_on": "2026-12-03",
        "finished_on": "2026-11-20",
        "first_on": "2026-12-01",
        "insurer": "АО «Пример-Полис»",
        "issued_on": "2026-11-20",
        "known_at": "2026-11-24T09:30:00+03:00",
        "last_on": "2026-12-05",
        "number": "2026-11/000417",
        "offered_address": "Калуга, ул. Примерная, 1",
        "offered_at": "2026-11-25T10:20:00+03:00",
        "offered_clinic": "Калужская городская поликлиника",
        "offered_doctor": "Образцов Иван Сергеевич",
        "opened_at": "2026-11-24T11:05:00+03:00",
        "pharmacy": "Аптека «Пример»",
        "programme": "dispensarisation",
        "reader": "Образцов Иван Сергеевич, Калужская городская поликлиника",
        "reason": "mo_decline",
        "registered_on": "2026-11-24",
        "second_stage": "yes",
        "side": "person",
        "signed_in_at": "2026-11-24T22:15:00+03:00",
        "specialty_en": "cardiologist",
        "specialty_ru": "кардиолог",
        "starts_at": "2026-11-24T09:30:00+03:00",
        "zone": "Europe/Moscow",
    }
)


def example_of(kind: MessageKind, **instead: str) -> dict[str, str]:
    """Return parameters that a message of this kind may have.

    Args:
        kind: What it is about.
        instead: Other values for some of its parameters.

    Raises:
        ValueError: The kind has no such parameter.
    """
    if strangers := instead.keys() - PARAMETERS[kind]:
        raise ValueError(f"{kind} has no {sorted(strangers)}")
    return {name: instead.get(name, _BY_NAME[name]) for name in sorted(PARAMETERS[kind])}
