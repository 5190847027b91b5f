"""The words of a slip, in Russian and in English."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from identity.language import Language


@dataclass(frozen=True, slots=True)
class Texts:
    """The words of one language."""

    title: str
    date: str
    clock: str
    room: str
    patient: str
    bring: str
    what: str
    show: str
    pending: str
    weekdays: tuple[str, str, str, str, str, str, str]


TEXTS: Mapping[Language, Texts] = MappingProxyType(
    {
        "ru": Texts(
            title="Запись на приём",
            date="{day:%d.%m.%Y}, {weekday}",
            clock="время местное, {offset}",
            room="Кабинет {room}",
            patient="Пациент: {initials}",
            bring="Возьмите с собой:",
            what="паспорт и полис ОМС",
            show="Покажите код в регистратуре или инфомату",
            pending="Клиника ещё не подтвердила запись.",
            weekdays=("пн", "вт", "ср", "чт", "пт", "сб", "вс"),
        ),
        "en": Texts(
            title="Appointment",
            date="{weekday}, {day:%d.%m.%Y}",
            clock="local time, {offset}",
            room="Room {room}",
            patient="Patient: {initials}",
            bring="Please bring:",
            what="your passport and OMS insurance policy",
            show="Show the code at the front desk or to a kiosk",
            pending="The clinic has not confirmed it yet.",
            weekdays=("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
        ),
    }
)
