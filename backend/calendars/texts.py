"""What a calendar says, in Russian and in English."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from identity.language import Language


@dataclass(frozen=True, slots=True)
class Texts:
    """The words of one language."""

    calendar: str
    appointment: str
    at: str
    room: str
    asking: str


TEXTS: Mapping[Language, Texts] = MappingProxyType(
    {
        "ru": Texts(
            calendar="Записи",
            appointment="Запись",
            at="Запись: {specialty}",
            room="кабинет {room}",
            asking="Клиника ещё не подтвердила запись.",
        ),
        "en": Texts(
            calendar="Appointments",
            appointment="Appointment",
            at="Appointment: {specialty}",
            room="room {room}",
            asking="The clinic has not confirmed it yet.",
        ),
    }
)
