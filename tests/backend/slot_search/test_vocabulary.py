"""What people type is found: any form, ё or е, a slip, an everyday name; and nonsense finds nothing."""

import pytest

from backend.slot_search.errors import SearchTextRefused
from backend.slot_search.everyday_names import EVERYDAY_NAMES
from backend.slot_search.values import SearchText
from backend.slot_search.vocabulary import Vocabulary, telling_words

NAMED = {
    "therapist": f"Терапевт Therapist {EVERYDAY_NAMES['therapist']}",
    "ophthalmologist": f"Офтальмолог Ophthalmologist {EVERYDAY_NAMES['ophthalmologist']}",
    "otolaryngologist": f"Оториноларинголог {EVERYDAY_NAMES['otolaryngologist']}",
    "dentist": f"Стоматолог Dentist {EVERYDAY_NAMES['dentist']}",
    "general-practitioner": f"Врач общей практики {EVERYDAY_NAMES['general-practitioner']}",
    "gynaecologist": "Акушер-гинеколог",
    "orlova": "Орлова Мария Ивановна",
    "orlov": "Орлов Пётр Семёнович",
    "yolkin": "Ёлкин Артём Львович",
    "zarechye": "Поликлиника «Заречье» Обнинск",
    "second": "Поликлиника № 2 Калуга",
    "children": "Детская поликлиника Калуга",
}
MASKS = {name: 1 << place for place, name in enumerate(NAMED)}
VOCABULARY = Vocabulary((text, MASKS[name]) for name, text in NAMED.items())
EVERY = (1 << len(NAMED)) - 1


def found(text: str) -> set[str]:
    posts = VOCABULARY.meaning(text, EVERY).posts
    return {name for name, mask in MASKS.items() if mask & posts}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("терапевта", {"therapist"}),
        ("ТЕРАПЕВТАМИ", {"therapist"}),
        ("терапефт", {"therapist"}),
        ("терапефту", {"therapist"}),
        ("тирапевт", {"therapist"}),
        ("тер", {"therapist"}),
        ("therapist", {"therapist"}),
        ("окулист", {"ophthalmologist"}),
        ("окулиста", {"ophthalmologist"}),
        ("офтальмалог", {"ophthalmologist"}),
        ("глазной врач", {"ophthalmologist"}),
        ("к лору", {"otolaryngologist"}),
        ("ухогорлонос", {"otolaryngologist"}),
        ("зубному", {"dentist"}),
        ("записаться к стоматологу", {"dentist"}),
        ("гинеколог", {"gynaecologist"}),
        ("семейный врач", {"general-practitioner"}),
        ("орлову", {"orlov", "orlova"}),
        ("Орловой", {"orlov", "orlova"}),
        ("орлова мария", {"orlova"}),
        ("елкин", {"yolkin"}),
        ("ЁЛКИНУ", {"yolkin"}),
        ("артем", {"yolkin"}),
        ("заречье", {"zarechye"}),
        ("в заречье", {"zarechye"}),
        ("поликлиника 2", {"second"}),
        ("детскую поликлинику", {"children"}),
        ("поликлиника в калуге", {"second", "children"}),
        ("паросетамолог", set()),
        ("терапевт паросетамолог", set()),
        ("999", set()),
        ("", set(NAMED)),
        ("к врачу", set(NAMED)),
        ("'; DROP TABLE slots; --", set()),
        ("терапевт' OR '1'='1", set()),
    ],
)
def test_words_lead_where_people_mean(text: str, expected: set[str]) -> None:
    assert found(text) == expected


def test_a_suggestion_is_made_only_where_it_is_truly_near() -> None:
    assert VOCABULARY.meaning("паросетамолог", EVERY).suggestion is None
    assert VOCABULARY.meaning("стаматалох", EVERY).suggestion == "стоматолог"
    assert VOCABULARY.meaning("терапевт", EVERY).suggestion is None


def test_the_first_words_count_and_words_that_say_nothing_do_not() -> None:
    assert telling_words("хочу записаться на приём к терапевту") == ["терапевту"]
    assert telling_words("к врачу") == []
    assert telling_words(" ".join(f"слово{n}" for n in range(20))) == [f"слово{n}" for n in range(8)]


@pytest.mark.parametrize("text", ["а" * 201, "а" * 10_000, "тера\x00певт", "тера\nпевт", "\u0085", "\ud800"])
def test_what_nobody_types_is_refused(text: str) -> None:
    with pytest.raises(SearchTextRefused):
        SearchText(text)


def test_an_unknown_script_finds_nothing_and_breaks_nothing() -> None:
    for text in ("医生", "דוקטור", "😀😀😀", "ﬁ", "İ", "\u200bтерапевт", "а" * 200):
        found(text)
