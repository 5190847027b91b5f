"""What people may switch off, and what not, with the reason that they are told."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Topic(StrEnum):
    """What a person's preferences are about: some kinds of messages together."""

    AMBULANCE = "ambulance"
    APPOINTMENTS = "appointments"
    CAMPAIGNS = "campaigns"
    CHECKUPS = "checkups"
    COMPLAINTS = "complaints"
    DOCUMENTS = "documents"
    POLICY = "policy"
    PRESCRIPTIONS = "prescriptions"
    REPRESENTATION = "representation"
    SECURITY = "security"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Statutory:
    """Why a topic cannot be switched off, in words for people; `source` is what it rests on."""

    ru: str
    en: str
    source: str


@dataclass(frozen=True, slots=True)
class TopicFacts:
    """What a topic is called, and whether it can be switched off: it can where `statutory` is None."""

    ru: str
    en: str
    statutory: Statutory | None = None


TOPICS: Mapping[Topic, TopicFacts] = MappingProxyType(
    {
        Topic.AMBULANCE: TopicFacts(
            "Скорая помощь",
            "Ambulance",
            Statutory(
                "Скорую помощь вызвали вы или для вас: узнать, что она едет и приехала, нужно при любых настройках.",
                "The ambulance was called by you or for you: that it comes has to reach you whatever is set.",
                "323-ФЗ art. 35; our rule, for what is switched off can cost a life",
            ),
        ),
        Topic.APPOINTMENTS: TopicFacts("Записи к врачу", "Appointments"),
        Topic.CAMPAIGNS: TopicFacts("Приглашения страховой компании", "Invitations of the insurer"),
        Topic.CHECKUPS: TopicFacts("Диспансеризация", "Check-ups"),
        Topic.COMPLAINTS: TopicFacts(
            "Обращения",
            "Complaints",
            Statutory(
                "Об ответе на обращение и о продлении срока закон требует сообщать заявителю.",
                "The law requires that who complains is told of the answer and of a longer term.",
                "59-ФЗ art. 10 p. 1 and art. 12 p. 2",
            ),
        ),
        Topic.DOCUMENTS: TopicFacts("Документы", "Documents"),
        Topic.POLICY: TopicFacts("Полис ОМС", "OMS policy"),
        Topic.PRESCRIPTIONS: TopicFacts("Рецепты", "Prescriptions"),
        Topic.REPRESENTATION: TopicFacts(
            "Представители",
            "Representatives",
            Statutory(
                "Кто и до каких пор может действовать за вас, вы должны знать всегда: иначе доступ можно получить "
                "незаметно.",
                "Who can act for you, and until when, has to be known to you: else somebody could begin unnoticed.",
                "152-ФЗ art. 14 p. 7; 323-ФЗ art. 13; our rule",
            ),
        ),
        Topic.SECURITY: TopicFacts(
            "Безопасность",
            "Security",
            Statutory(
                "О входах и об экстренном доступе к вашим данным мы сообщаем всегда: так вы заметите чужого.",
                "Sign-ins and emergency access to your data are always told: so that you notice a stranger.",
                "152-ФЗ art. 19 p. 2 (6)",
            ),
        ),
        Topic.SERVICE: TopicFacts(
            "Ваши данные и это приложение",
            "Your data and this app",
            Statutory(
                "О копии и об уничтожении ваших данных закон требует сообщать вам.",
                "The law requires that you are told of a copy and of an erasure of your data.",
                "152-ФЗ art. 14 p. 7, art. 21 p. 3",
            ),
        ),
    }
)
"""By topic."""
