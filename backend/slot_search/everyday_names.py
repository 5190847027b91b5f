"""What people call doctors, by the code of the specialty: data, to be added to.

Source: everyday Russian; the official names are those of НСИ 1.2.643.5.1.13.13.11.1066.
"""

from collections.abc import Mapping
from types import MappingProxyType

EVERYDAY_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "therapist": "участковый терапия",
        "paediatrician": "детский врач педиатрия",
        "general-practitioner": "семейный ВОП",
        "dentist": "зубной дантист зубник",
        "gynaecologist": "женский гинекология",
        "ophthalmologist": "окулист глазной глаза",
        "otolaryngologist": "лор ухогорлонос отоларинголог",
        "neurologist": "невропатолог невролог нервный",
        "cardiologist": "сердечник кардиология сердце",
        "surgeon": "хирургия",
        "dermatovenereologist": "кожник дерматолог венеролог кожный",
        "endocrinologist": "эндокринология",
        "gastroenterologist": "гастролог желудок",
        "narcologist": "нарколог",
        "psychiatrist": "психиатр",
        "pulmonologist": "пульмонология лёгкие",
        "traumatologist": "травмпункт ортопед",
        "urologist": "мужской урология",
    }
)

NOISE = frozenset(
    {
        *("врач", "доктор", "запись", "записаться", "записать", "прием", "хотеть", "нужный", "нужно", "талон"),
        *("к", "ко", "в", "во", "на", "у", "с", "со", "по", "и", "для", "от", "до", "я", "мы"),
    }
)
"""Words, in their first form, that say nothing of whom one looks for: left out."""
