"""From the words of the domain to those of the schema: enums with the same values."""

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

Word = TypeVar("Word", bound=Enum)


def by_value(words: type[Word]) -> Mapping[str, Word]:
    """Return the words of an enum by their values, for what an answer holds many of.

    A word of the domain is a `StrEnum`, and so its own key here: finding it costs a tenth of calling the class.
    """
    return {word.value: word for word in words}
