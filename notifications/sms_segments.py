"""How many segments an SMS takes: each is paid for, and some telephones show them apart.

Source: 3GPP TS 23.038 (GSM 7 bit default alphabet, 6.2.1, and its extension table, 6.2.1.1) and TS 23.040 9.2.3.24.1 (a
segment of several gives six octets to its header: 153 septets of 160, 67 code units of 70 are left).
"""

from dataclasses import dataclass, field
from enum import StrEnum

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")


class Encoding(StrEnum):
    """How an SMS is written; UCS-2 as soon as one character, such as any of Cyrillic, is not in GSM 7 bit."""

    GSM_7 = "GSM-7"
    UCS_2 = "UCS-2"


_ALONE = {Encoding.GSM_7: 160, Encoding.UCS_2: 70}
_OF_SEVERAL = {Encoding.GSM_7: 153, Encoding.UCS_2: 67}


@dataclass(frozen=True, slots=True)
class Segments:
    """A text as it goes out; `units` are septets or UTF-16 code units, of all segments together."""

    encoding: Encoding
    units: int
    parts: tuple[str, ...] = field(repr=False)

    @property
    def count(self) -> int:
        """Return how many segments are sent."""
        return len(self.parts)


def segments_of(text: str) -> Segments:
    """Split a text as a gateway does.

    An escape and its character, or both halves of a surrogate pair, stay in one segment: so more segments may be
    needed than a division tells.

    Args:
        text: What is to be read; the empty text takes one segment.

    Returns:
        Encoding, units, and the parts in order: joined, they are the text.
    """
    is_gsm = all(character in _BASIC or character in _EXTENDED for character in text)
    encoding = Encoding.GSM_7 if is_gsm else Encoding.UCS_2
    lengths = [_units(character, encoding) for character in text]
    total = sum(lengths)
    if total <= _ALONE[encoding]:
        return Segments(encoding, total, (text,))
    return Segments(encoding, total, tuple(_split(text, lengths, _OF_SEVERAL[encoding])))


def _units(character: str, encoding: Encoding) -> int:
    if encoding is Encoding.GSM_7:
        return 2 if character in _EXTENDED else 1
    return 2 if ord(character) > 0xFFFF else 1


def _split(text: str, lengths: list[int], room: int) -> list[str]:
    parts: list[str] = []
    start = used = 0
    for place, length in enumerate(lengths):
        if used + length > room:
            parts.append(text[start:place])
            start, used = place, 0
        used += length
    return [*parts, text[start:]]
