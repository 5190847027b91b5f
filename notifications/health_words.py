"""Words that tell somebody who glances at a screen that its owner is, or was, or will be a patient.

323-ФЗ art. 13 p. 1: already *that* somebody sought medical help is secret, not only with what and from whom. So the
list is of the whole world of medicine, not only of diagnoses: a clinic, a doctor, a visit, a booking, a prescription.
«Приглашение», «напоминание», «документ», «обращение», «полис» stay allowed: banks, schools and offices write the same.
"Помощь" does too: an ambulance has to be announced in some word. The name of this app is known to whoever has it.
"""

import re
import unicodedata

_BRAND = re.compile(r"«?мо(?:е|ем|его|ему|им) здоровь(?:е|я|ю|ем)»?|my health")

_RUSSIAN = (
    r"\w*олог(?:а|у|ом|е|и|ов|ам|ами|ах|ия|ии|ию|ией|ич\w*)?\b",  # кардиолог, онкология, урологический
    r"\w*(?:хирург|терапевт|педиатр|психиатр|фтизиатр|ортопед|стоматолог|окулист|логопед|фельдшер)\w*",
    r"(?:врач|доктор|медсестр|медик|медицин|медосмотр|медкарт|поликлиник|клиник|больниц|госпитал|стационар|диспансер)\w*",
    r"(?:здравоохран|здравпункт|здоров|санатор|роддом|травмпункт|регистратур|хоспис|лаборатор|аптек|аптеч)\w*",
    r"(?:пациент|больн|болез|болит|заболе|диагно|симптом|инвалид|беремен|роды|аборт|смертел|летальн)\w*",
    r"(?:рецепт|лекарств|препарат|таблет|дозиров|инъекц|укол|вакцин|прививк|капельниц|доз[аыеу]\b)\w*",
    r"(?:узи|мрт|экг|кт|пцр|чекап)\b",
    r"(?:анализ|обследован|исследован|скрининг|осмотр|флюорограф|маммограф|рентген|томограф)\w*",
    r"(?:лечен|лечащ|лечит|лечеб|вылеч|терап|операци|процедур|профилакт|реабилит|наблюден|направлен|консультац)\w*",
    r"(?:прием|записан|записал|запись|записи|талон|визит|посещен|госпитализ|осложнен)\w*",
    r"(?:скор(?:ая|ой|ую)|рак(?:а|у|ом|е)?)\b",
    r"(?:бригад|реанимац|неотложк|ковид|covid|вич|спид|опухол|гепатит|туберкулез|диабет|инфаркт|инсульт|алкогол|нарко)\w*",
)
_ENGLISH = (
    r"\w+olog(?:y|ist|ists|ical)\b",
    r"(?:doctor|physician|surgeon|nurse|dentist|paediatric|pediatric|psychiatr|therap|midwi|gp)\w*",
    r"(?:clinic|hospital|ward|surger|pharmac|ambulance|crew|laborator|infirmar|hospice|sanator)\w*",
    r"(?:patient|sick|ill|illness|disease|abortion|lethal|fatal)s?\b",
    r"(?:diagnos|symptom|disab|pregnan|vaccin|prescri|medic|drug|pill|tablet|dose|dosage|inject|remed)\w*",
    r"(?:appointment|visit|booking|booked|check-?up|exam|examination|screening|x-ray|scan|dispens|treat|operation|procedure)\w*",
    r"(?:health|care|referral|consultation|rehabilit|preventi|in-depth|observation|test result|blood|urine|biops)\w*",
    r"(?:hiv|aids|cancer|tumou?r|hepatit|tubercul|diabet|stroke|infarct|alcohol|narco|covid)\w*",
)

_RU = re.compile("|".join(rf"\b(?:{stem})" for stem in _RUSSIAN))
_EN = re.compile("|".join(rf"\b(?:{stem})" for stem in _ENGLISH))

_CYRILLIC_OF = str.maketrans("abcehkmoptxy", "авсенкмортху")
_LATIN_OF = str.maketrans("авсенкмортху", "abcehkmoptxy")
_UNSEEN = re.compile(r"[\u00AD\u200B-\u200F\u202A-\u202E\u2060-\u2064\uFEFF\u0300-\u0305]")


def health_words(text: str) -> list[str]:
    """Return the words of a text that tell of medicine, in either language, in order, folded.

    Case, ё, stress marks, invisible characters and letters of the other alphabet that look alike hide nothing.
    """
    folded = _UNSEEN.sub("", unicodedata.normalize("NFKC", text).casefold().replace("ё", "е"))
    folded = _BRAND.sub(" ", folded)
    words = [match[0] for match in _RU.finditer(folded.translate(_CYRILLIC_OF))]
    return words + [match[0] for match in _EN.finditer(folded.translate(_LATIN_OF))]
