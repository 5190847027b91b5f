"""The catalogue of codes: what each means to a person, in Russian and English, and what a client should do."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

Language = Literal["ru", "en"]


class CatalogueEntry(BaseModel):
    """One row of `mobile_contracts/errors.yaml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ru: str
    en: str
    remedy: str
    since: str
    retryable: bool = False


_ENTRIES = TypeAdapter(dict[str, CatalogueEntry])


@dataclass(frozen=True, slots=True)
class ErrorCatalogue:
    """Every code the API can answer with; a code without a row is a bug that a guard test finds."""

    entries: dict[str, CatalogueEntry]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the catalogue from its YAML text.

        Raises:
            ValueError: The text is not a mapping of complete rows (pydantic's error is one).
        """
        return cls(_ENTRIES.validate_python(yaml.load(text, Loader=yaml.CSafeLoader)))

    def __contains__(self, code: object) -> bool:
        """Say whether the code has its row."""
        return code in self.entries

    def __iter__(self) -> Iterator[str]:
        """Walk the codes in the order of the file."""
        return iter(self.entries)

    def message(self, code: str, language: Language) -> str:
        """Return what to show a person for a code.

        Raises:
            KeyError: The code has no row.
        """
        entry = self.entries[code]
        return entry.ru if language == "ru" else entry.en

    def retryable(self, code: str) -> bool:
        """Say whether the same request may succeed later.

        Raises:
            KeyError: The code has no row.
        """
        return self.entries[code].retryable
