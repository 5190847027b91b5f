import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.health_words import health_words
from tests.notifications.patience import PATIENT

TELLING = [
    *("кардиолога", "гинеколог", "онкология", "урологический", "дерматовенеролог", "нарколог"),
    *("психиатру", "терапевт", "педиатр", "хирургом", "стоматолог", "окулист"),
    *("врач", "врачу", "доктор", "медсестра", "медицинский", "медкарта"),
    *("поликлинике", "клиника", "больницу", "госпиталь", "стационар", "диспансер"),
    *("диспансеризация", "лаборатория", "аптека", "аптеке", "пациент", "больной"),
    *("болезнь", "заболевание", "диагноз", "беременность", "рецепт", "лекарство"),
    *("препарат", "таблетки", "вакцинация", "прививка", "анализ", "анализы"),
    *("обследование", "исследования", "скрининг", "осмотр", "флюорография", "узи"),
    *("мрт", "экг", "лечение", "операция", "процедура", "профилактический"),
    *("реабилитация", "наблюдение", "направление", "приём", "прием", "записаны"),
    *("записан", "запись", "талон", "визит", "госпитализация", "скорая"),
    *("скорой", "бригада", "вич", "спид", "рак", "опухоль"),
    *("гепатит", "диабет", "инфаркт", "инсульт", "ковид", "здоровью"),
    *("doctor", "physician", "surgeon", "nurse", "dentist", "psychiatrist"),
    *("therapist", "clinic", "hospital", "pharmacy", "ambulance", "crew"),
    *("patient", "illness", "diagnosis", "pregnancy", "vaccine", "prescription"),
    *("medicine", "drug", "tablet", "appointment", "visit", "booking"),
    *("check-up", "checkup", "exam", "examination", "screening", "treatment"),
    *("operation", "health", "care", "referral", "hiv", "cancer"),
    *("diabetes", "stroke", "cardiology", "oncologist", "gynaecologist"),
]
HARMLESS = [
    *("новое", "сообщение", "напоминание", "отмена", "перенос", "подробности"),
    *("приложение", "документ", "обращение", "полис", "омс", "приглашение"),
    *("код", "оператор", "вход", "устройство", "данные", "доступ"),
    *("журнал", "просьба", "помощь", "едет", "рядом", "минут"),
    *("срок", "карта", "каталог", "рама", "ракета", "копия"),
    *("представитель", "new", "message", "reminder", "cancelled", "moved"),
    *("details", "app", "document", "complaint", "policy", "invitation"),
    *("code", "operator", "sign-in", "device", "data", "access"),
    *("help", "minutes", "term", "copy", "calendar", "decoration"),
]


@pytest.mark.parametrize("word", TELLING)
def test_a_word_of_medicine_tells(word: str) -> None:
    assert health_words(f"Сегодня {word}.") != []


@pytest.mark.parametrize("word", HARMLESS)
def test_a_word_of_any_office_does_not(word: str) -> None:
    assert health_words(f"Сегодня {word}.") == []


@pytest.mark.parametrize("name", ["«Моё здоровье»", "в «Моём здоровье»", "Моего здоровья", "My Health"])
def test_the_name_of_the_app_is_known_to_whoever_has_it(name: str) -> None:
    assert health_words(f"Сообщение {name}") == []
    assert health_words("Ваше здоровье, your health") == ["здоровье", "health"]


@pytest.mark.parametrize(
    "hidden",
    [
        "ВРАЧ",
        "вpaч",
        "в\N{SOFT HYPHEN}рач",
        "вра\N{ZERO WIDTH SPACE}ч",
        "вра\N{COMBINING ACUTE ACCENT}ч",
        "doctоr",
        "dосtor",
    ],
)
def test_a_disguise_hides_nothing(hidden: str) -> None:
    assert health_words(hidden) in (["врач"], ["doctor"])


@PATIENT
@given(
    before=st.text(alphabet="абв ,.-0", max_size=10), word=st.sampled_from(TELLING), after=st.sampled_from(" .,!?\n")
)
def test_a_word_is_found_in_any_sentence(before: str, word: str, after: str) -> None:
    assert health_words(f"{before} {word}{after}") != []
