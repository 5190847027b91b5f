"""The privacy lint: what leaves our house tells of nobody's health, whoever glances at the screen it lands on.

Push, SMS and mail are read on lock screens, by families that share a telephone or a mailbox, and by the providers that
carry them; the inbox only by whoever is signed in. So the texts of all channels may name only what has a closed grammar
(digits, dates, words of ours), and may use no word of medicine.

Source: 323-ФЗ art. 13 p. 1 (that somebody sought help is secret), 152-ФЗ art. 10 (health is a special category).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from fluent.syntax import ast

from notifications.fluent_texts import FluentText, Reference, referred
from notifications.health_words import health_words
from notifications.parameters import Sensitivity
from notifications.variables import VARIABLES

_SAFE = frozenset({Sensitivity.COUNT, Sensitivity.MOMENT, Sensitivity.REFERENCE, Sensitivity.WORD})

ALLOWED = {
    "push-title": _SAFE,
    "push-body": _SAFE,
    "sms": _SAFE | {Sensitivity.CODE},
    "email-subject": _SAFE,
    "email-body": _SAFE,
}
"""By form: what its variables may tell. A code goes by SMS alone, to the telephone that it is to prove."""

MOST_TEXTS = 512
"""So many texts one form can give; one with more is refused: nobody has read them all."""

_VARIABLE = "\N{OBJECT REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a form is refused."""

    form: str
    what: str


def findings(text: FluentText) -> Iterator[Finding]:
    """Yield what the forms of one file must not hold; nothing when it may be used.

    Found are: a variable that is unknown or tells too much, wherever Fluent lets one stand (text, selector, variant,
    argument of a function or term, term, attribute, another message); a word of medicine, also one that is put
    together from pieces.
    """
    for form in sorted(text.messages & ALLOWED.keys()):
        for name in sorted(text.variables(form)):
            if name not in VARIABLES:
                yield Finding(form, f"${name} is not known")
            elif VARIABLES[name].sensitivity not in ALLOWED[form]:
                yield Finding(form, f"${name} tells: {VARIABLES[name].sensitivity.value}")
        try:
            words = sorted({word for said in _said(text, form) for word in health_words(said)})
        except ValueError as error:
            yield Finding(form, str(error))
        else:
            yield from (Finding(form, f"a word of medicine: {word}") for word in words)


def written_forms(text: FluentText, form: str) -> list[str]:
    """Return every text that a form can give, a variable standing as U+FFFC.

    Raises:
        ValueError: There are more than `MOST_TEXTS`, or it leads to itself.
    """
    return _Unfolding(text).of_pattern(text.pattern(form), (form,))


def _said(text: FluentText, form: str) -> Iterator[str]:
    yield from written_forms(text, form)
    for node in text.reachable(form):
        if isinstance(node, ast.Attribute):
            yield from _Unfolding(text).of_pattern(node.value, (form,))
        elif isinstance(node, ast.StringLiteral):
            yield node.parse()["value"]
        elif isinstance(node, ast.TextElement):
            yield node.value


class _Unfolding:
    """Writes out all variants of a pattern."""

    def __init__(self, text: FluentText) -> None:
        self._text = text

    def of_pattern(self, pattern: ast.Pattern, way: tuple[str, ...]) -> list[str]:
        """Return all texts of a pattern that was reached by these names."""
        texts = [""]
        for element in pattern.elements:
            more = [element.value] if isinstance(element, ast.TextElement) else self._of(element, way)
            texts = list(dict.fromkeys(one + other for one in texts for other in more))
            if len(texts) > MOST_TEXTS:
                raise ValueError("it can give too many texts")
        return texts

    def _of(self, node: ast.BaseNode, way: tuple[str, ...]) -> list[str]:
        match node:
            case ast.Placeable():
                return self._of(node.expression, way)
            case ast.StringLiteral():
                return [node.parse()["value"]]
            case ast.NumberLiteral():
                return [node.value]
            case ast.SelectExpression():
                return [text for variant in node.variants for text in self.of_pattern(variant.value, way)]
            case ast.MessageReference() | ast.TermReference():
                return self._of_reference(node, way)
        return [_VARIABLE]

    def _of_reference(self, reference: Reference, way: tuple[str, ...]) -> list[str]:
        name, attribute = referred(reference)
        if name in way:
            raise ValueError(f"it leads to itself: {name}")
        return self.of_pattern(self._text.pattern(name, attribute), (*way, name))
