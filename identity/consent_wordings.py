"""The texts people consent to, each version in both languages, as data files beside this module.

`consent_texts/<purpose>/<version>.toml` says what a version allows and holds the hashes of its two texts,
`<version>.ru.md` and `<version>.en.md`. A published text is never changed: a hash that does not fit stops the start.
"""

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any, get_args

from identity.access import RULES, Action
from identity.capacities import Capacity
from identity.consent_values import RecipientKind
from identity.language import Language

HEADINGS: Mapping[Language, tuple[str, ...]] = MappingProxyType(
    {
        "ru": ("Субъект", "Оператор", "Цель", "Данные", "Действия", "Срок", "Как отозвать"),
        "en": ("Subject", "Operator", "Purpose", "Data", "Actions", "Term", "How to withdraw"),
    }
)
"""What a written consent must say, in this order. Source: 152-ФЗ art. 9 p. 4."""

_FILE_NAME = re.compile(r"([1-9][0-9]*)\.toml", re.ASCII)


@dataclass(frozen=True, slots=True)
class ConsentWording:
    """One version in one language; `hash` is the SHA-256 of its text in UTF-8, `parts` are under `HEADINGS`."""

    language: Language
    title: str
    text: str = field(repr=False)
    hash: str
    parts: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ConsentText:
    """One version of what is asked for one purpose, and what it allows.

    Attributes:
        purpose: The name of the purpose.
        version: From 1 on.
        valid_from: Since when it is asked; until then the version before is.
        recipients: To whom it can be given.
        longest: How long it may be given for at most.
        opens: The capacity it gives to whom it is given; None where it opens no data.
        rights: What it opens of that capacity. Later rights need a later version.
        wordings: Its texts.
    """

    purpose: str
    version: int
    valid_from: datetime
    recipients: frozenset[RecipientKind]
    longest: timedelta
    opens: Capacity | None
    rights: frozenset[Action]
    wordings: Mapping[Language, ConsentWording]


class ConsentTexts:
    """Every version ever published."""

    def __init__(self, texts: Mapping[tuple[str, int], ConsentText]) -> None:
        """Take the versions by purpose and number.

        Raises:
            ValueError: A number is left out, or a later version is valid earlier.
        """
        self._texts = dict(sorted(texts.items()))
        self.purposes = tuple(dict.fromkeys(purpose for purpose, _ in self._texts))
        for purpose in self.purposes:
            versions = self._versions(purpose)
            in_time = sorted(versions, key=lambda one: one.valid_from)
            if versions != in_time or [one.version for one in versions] != list(range(1, len(versions) + 1)):
                raise ValueError(f"the versions of {purpose} do not follow one another")
        self._by_hash = {wording.hash: (text, wording) for text in self for wording in text.wordings.values()}

    def __iter__(self) -> Iterator[ConsentText]:
        """Walk all versions, by purpose and number."""
        return iter(self._texts.values())

    def version(self, purpose: str, version: int) -> ConsentText | None:
        """Return one version, however old."""
        return self._texts.get((purpose, version))

    def current(self, purpose: str, now: datetime) -> ConsentText | None:
        """Return the version that is asked now."""
        return next((one for one in reversed(self._versions(purpose)) if one.valid_from <= now), None)

    def shown(self, text_hash: str) -> tuple[ConsentText, ConsentWording] | None:
        """Return the version and the wording that were shown, by the hash of the text."""
        return self._by_hash.get(text_hash)

    def _versions(self, purpose: str) -> list[ConsentText]:
        return [text for (of, _), text in self._texts.items() if of == purpose]


@cache
def consent_texts() -> ConsentTexts:
    """Return the texts that are shipped with this package, read once."""
    return read_texts(files("identity") / "consent_texts")


def read_texts(folder: Traversable) -> ConsentTexts:
    """Read a folder of texts.

    Raises:
        ValueError: A published text was changed, a part of it is missing, or its rights are not its capacity's.
        OSError: A text is missing.
    """
    texts: dict[tuple[str, int], ConsentText] = {}
    for of_purpose in folder.iterdir():
        for file in of_purpose.iterdir():
            if (match := _FILE_NAME.fullmatch(file.name)) is not None:
                text = _read(of_purpose, int(match[1]), tomllib.loads(file.read_text("utf-8")))
                texts[text.purpose, text.version] = text
    return ConsentTexts(texts)


def _read(folder: Traversable, version: int, said: Mapping[str, Any]) -> ConsentText:
    opens = Capacity(said["opens"]) if "opens" in said else None
    rights = frozenset(Action(right) for right in said.get("rights", ()))
    if not all(opens in RULES[right].capacities for right in rights) or (opens is None) is not (not rights):
        raise ValueError(f"{folder.name} {version} gives rights that its capacity does not have, or none")
    return ConsentText(
        purpose=folder.name,
        version=version,
        valid_from=said["valid_from"],
        recipients=frozenset(RecipientKind(one) for one in said["recipients"]),
        longest=timedelta(days=said["longest_days"]),
        opens=opens,
        rights=rights,
        wordings={language: _wording(folder, version, language, said["sha256"]) for language in get_args(Language)},
    )


def _wording(folder: Traversable, version: int, language: Language, hashes: Mapping[str, str]) -> ConsentWording:
    text = (folder / f"{version}.{language}.md").read_text("utf-8")
    text_hash = hashlib.sha256(text.encode()).hexdigest()
    if hashes[language] != text_hash:
        raise ValueError(f"{folder.name} {version}.{language} was changed after it was published")
    head, *sections = re.split(r"^## ", text, flags=re.MULTILINE)
    headings = tuple(section.partition("\n")[0].strip() for section in sections)
    parts = tuple(section.partition("\n")[2].strip() for section in sections)
    if headings != HEADINGS[language] or not all(parts) or not head.startswith("# "):
        raise ValueError(f"{folder.name} {version}.{language} does not say all that a written consent must")
    return ConsentWording(language, head.removeprefix("# ").strip(), text, text_hash, parts)
