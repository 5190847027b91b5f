"""Names of people, compared as somebody who hears them would: leniently in writing, never by likeness."""

import re
import unicodedata
from dataclasses import dataclass, field

LONGEST_NAME = 100

_BETWEEN_PARTS = re.compile(r"[\s\-\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{FIGURE DASH}\N{EN DASH}\N{EM DASH}]+")


@dataclass(frozen=True, slots=True)
class FullName:
    """A person's name as it was said or is kept; not every person has a patronymic."""

    family: str = field(repr=False)
    given: str = field(repr=False)
    patronymic: str | None = field(default=None, repr=False)


def is_same_name(said: FullName, kept: FullName) -> bool:
    """Say whether two names are one.

    Case, ё and е, and what stands between the parts of a double name do not matter; a patronymic that one side does not
    have is not compared. Nothing else is forgiven: a letter makes another person, and what is too long is nobody's.
    """
    if any(len(part or "") > LONGEST_NAME for name in (said, kept) for part in _parts(name)):
        return False
    families, givens = (_plain(said.family), _plain(kept.family)), (_plain(said.given), _plain(kept.given))
    is_same = all(families) and families[0] == families[1] and all(givens) and givens[0] == givens[1]
    patronymics = _plain(said.patronymic or ""), _plain(kept.patronymic or "")
    return is_same and (not all(patronymics) or patronymics[0] == patronymics[1])


def _parts(name: FullName) -> tuple[str | None, ...]:
    return name.family, name.given, name.patronymic


def _plain(name: str) -> str:
    """Return the name without what is not heard."""
    letters = unicodedata.normalize("NFKC", name).casefold().replace("ё", "е")
    return _BETWEEN_PARTS.sub(" ", letters).strip()
