"""The page of the simulated ESIA where one picks who to be."""

from collections.abc import Mapping

from starlette.responses import HTMLResponse

from identity.esia.people import Population
from identity.language import Language
from identity.pages import page

SEARCH = "search"
_FOUND_AT_MOST = 20
_TITLE = {"ru": "Госуслуги: кем войти?", "en": "Gosuslugi: sign in as whom?"}
_WORDS = {
    "ru": {
        "explanation": "Это имитация ЕСИА для разработки: люди вымышлены, пароль не нужен.",
        "named": "Люди для показа",
        "found": "Найденные люди",
        "nobody": "Никого не нашлось. Попробуйте только фамилию.",
        "search": "Найти другого человека по имени",
        "find": "Найти",
        "unconfirmed": "учётная запись не подтверждена",
        "or_refuse": "Или не входить",
        "refuse": "Отказаться от входа",
    },
    "en": {
        "explanation": "This is a simulation of ESIA for development: the people are invented, no password is needed.",
        "named": "Demo people",
        "found": "People found",
        "nobody": "Nobody was found. Try the family name only.",
        "search": "Find another person by name",
        "find": "Find",
        "unconfirmed": "account not confirmed",
        "or_refuse": "Or do not sign in",
        "refuse": "Refuse to sign in",
    },
}


def people_page(population: Population, parameters: Mapping[str, str], *, language: Language) -> HTMLResponse:
    """Return the list of demo people and a search for others; each choice posts to the page's own address."""
    search = parameters.get(SEARCH, "")[:100]
    return page(
        "esia_people.html",
        language=language,
        title=_TITLE[language],
        words=_WORDS[language],
        named=population.named(),
        found=population.search(search, limit=_FOUND_AT_MOST),
        search=search,
        hidden=[(name, value) for name, value in parameters.items() if name != SEARCH],
    )
