"""Finds what a text means among the words of doctors, clinics and specialties: by form, beginning, or a slip."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from backend.slot_search.everyday_names import NOISE
from backend.slot_search.morphology import first_forms, words_of

MOST_WORDS = 8
"""So many words of a text count; people type three."""

_SHORTEST_BEGINNING = 3
_SHORTEST_SLIPPED, _LONG = 4, 8
_NEAR = 0.7
"""How like a word must be to be suggested. «паросетамолог» is .55 of «стоматолог», «стаматалох» .7 of it."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """The posts that a text means, as a mask; `suggestion` is a word near one that means nothing."""

    posts: int
    suggestion: str | None = None


class Vocabulary:
    """Every word of the register, with the posts that it leads to."""

    def __init__(self, texts: Iterable[tuple[str, int]]) -> None:
        """Read texts, each with the mask of the posts that it belongs to."""
        masks: dict[str, int] = {}
        for text, mask in texts:
            for word in words_of(text):
                for form in first_forms(word):
                    masks[form] = masks.get(form, 0) | mask
        self._masks: Mapping[str, int] = masks
        self._words = sorted(masks)

    def meaning(self, text: str, every: int) -> Meaning:
        """Return the posts that every word of a text leads to; `every` where it says nothing."""
        posts = every
        for word in telling_words(text):
            found = self._posts_of(word)
            if not found:
                return Meaning(0, self._nearest(word))
            posts &= found
        return Meaning(posts)

    def _posts_of(self, word: str) -> int:
        forms = first_forms(word)
        found = 0
        for form in forms:
            found |= self._masks.get(form, 0)
        if word.isdecimal():
            return found
        for known in self._beginning(word):
            found |= self._masks[known]
        return found or self._slipped(forms)

    def _beginning(self, word: str) -> list[str]:
        """Return the words that begin so, for people who are still typing."""
        if len(word) < _SHORTEST_BEGINNING:
            return []
        start = bisect_left(self._words, word)
        end = bisect_left(self._words, word + "\U0010ffff", start)
        return self._words[start:end]

    def _slipped(self, forms: frozenset[str]) -> int:
        """Return the posts of the words that are one slip away, two in long words; of the nearest ones only."""
        best, found = _LONG, 0
        for form in forms:
            if len(form) < _SHORTEST_SLIPPED:
                continue
            most = 1 if len(form) < _LONG else 2
            for known, distance, _ in process.extract_iter(form, self._words, scorer=OSA.distance, score_cutoff=most):
                if len(known) < _SHORTEST_SLIPPED or distance > best:
                    continue
                found = self._masks[known] | (found if distance == best else 0)
                best = distance
        return found

    def _nearest(self, word: str) -> str | None:
        near = process.extractOne(word, self._words, scorer=OSA.normalized_similarity, score_cutoff=_NEAR)
        return None if near is None else near[0]


def telling_words(text: str) -> list[str]:
    """Return the words of a text that say whom one looks for, the first ones only; none of «к врачу»."""
    return [word for word in words_of(text) if not first_forms(word) & NOISE][:MOST_WORDS]
