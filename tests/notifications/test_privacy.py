from collections import Counter
from collections.abc import Callable, Mapping
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifications.fluent_texts import FluentText
from notifications.messages import PARAMETERS, MessageKind
from notifications.parameters import Sensitivity
from notifications.privacy import ALLOWED, MOST_TEXTS, Finding, findings, written_forms
from notifications.templates import LANGUAGES, Language
from notifications.variables import VARIABLES, variables_of
from tests.notifications.fluent_trees import TreeMaker
from tests.notifications.patience import PATIENT
from tests.notifications.sources import SHIPPED

FORBIDDEN = sorted(
    (form, name) for form, safe in ALLOWED.items() for name, one in VARIABLES.items() if one.sensitivity not in safe
)
SAFE = sorted(
    (form, name) for form, safe in ALLOWED.items() for name, one in VARIABLES.items() if one.sensitivity in safe
)
POSITIONS = {
    "own attribute",
    "nested placeable",
    "selector",
    "variant",
    "term",
    "attribute of a term",
    "argument of a term",
    "message",
    "attribute of a message",
    "argument of a function",
}
walked: Counter[str] = Counter()


def found(source: str) -> list[Finding]:
    return list(findings(FluentText("ru", source)))


@given(where=st.sampled_from(FORBIDDEN), data=st.data())
@settings(PATIENT, max_examples=200)
def test_a_forbidden_variable_is_found_wherever_it_stands(where: tuple[str, str], data: st.DataObject) -> None:
    form, name = where
    tree = TreeMaker(data.draw, form, name)
    source = tree.source()
    assert Finding(form, f"${name} tells: {VARIABLES[name].sensitivity.value}") in found(source), source
    walked.update(tree.way)


@PATIENT
@given(where=st.sampled_from(SAFE), data=st.data())
def test_a_safe_variable_may_stand_there(where: tuple[str, str], data: st.DataObject) -> None:
    assert found(TreeMaker(data.draw, *where).source()) == []


@PATIENT
@given(form=st.sampled_from(sorted(ALLOWED)), data=st.data())
def test_a_variable_that_nobody_knows_is_found_too(form: str, data: st.DataObject) -> None:
    assert Finding(form, "$nobody is not known") in found(TreeMaker(data.draw, form, "nobody").source())


def test_the_trees_reach_every_position() -> None:
    """So that the three tests above prove something."""
    test_a_forbidden_variable_is_found_wherever_it_stands()
    assert set(walked) == POSITIONS


@pytest.mark.parametrize(
    "source",
    [
        "sms = { $doctor }",
        "sms = a { $doctor ->\n    [x] a\n   *[y] b\n }",
        "sms = { title }\ntitle = { $doctor }",
        "sms = { title.note }\ntitle = t\n    .note = { $doctor }",
        "sms = { -who }\n-who = { $doctor }",
        "sms = { -who.case ->\n    [x] a\n   *[y] b\n }\n-who = t\n    .case = { $doctor }",
        "sms = { NUMBER($doctor) }",
        "sms = { -who($doctor) }\n-who = t",
        "sms = t\n    .note = { $doctor }",
        "sms = { { { $doctor } } }",
    ],
)
def test_the_positions_one_by_one(source: str) -> None:
    assert found(source) == [Finding("sms", "$doctor tells: doctor")]


def test_the_inbox_may_tell_everything() -> None:
    assert found("title = { $doctor }\nbody = К врачу: { $specialty }") == []


def test_a_code_goes_by_sms_only() -> None:
    assert found("sms = { $code }") == []
    for form in ("push-title", "push-body", "email-subject", "email-body"):
        assert found(f"{form} = {{ $code }}") == [Finding(form, "$code tells: code")]


def test_a_word_of_medicine_is_found() -> None:
    assert found("push-body = Вы записаны к врачу\nemail-subject = Your doctor") == [
        Finding("email-subject", "a word of medicine: doctor"),
        Finding("push-body", "a word of medicine: врачу"),
        Finding("push-body", "a word of medicine: записаны"),
    ]


PIECES: Mapping[str, Callable[[str, int], tuple[str, str]]] = {
    "text": lambda piece, number: (piece, ""),
    "literal": lambda piece, number: (f'{{ "{piece}" }}', ""),
    "escaped": lambda piece, number: ('{ "' + "".join(f"\\u{ord(one):04x}" for one in piece) + '" }', ""),
    "term": lambda piece, number: (f"{{ -t{number} }}", f"-t{number} = {piece}\n"),
    "message": lambda piece, number: (f"{{ m{number} }}", f"m{number} = {piece}\n"),
    "attribute": lambda piece, number: (f"{{ m{number}.a }}", f"m{number} = t\n    .a = {piece}\n"),
    "variant": lambda piece, number: (f"{{ $days ->\n    [one] {piece}\n   *[many] x\n }}", ""),
}


@PATIENT
@given(
    word=st.sampled_from(["кардиолог", "поликлиника", "рецепт", "cardiologist", "prescription"]),
    cuts=st.sets(st.integers(1, 5), max_size=3),
    data=st.data(),
)
def test_a_word_put_together_from_pieces_is_found(word: str, cuts: set[int], data: st.DataObject) -> None:
    ends = [0, *sorted(cuts), len(word)]
    line, entries = "", ""
    for number, (start, end) in enumerate(pairwise(ends)):
        piece, entry = PIECES[data.draw(st.sampled_from(sorted(PIECES)))](word[start:end], number)
        line, entries = line + piece, entries + entry
    assert Finding("sms", f"a word of medicine: {word}") in found(f"{entries}sms = К {line}\n".replace("К ", "До: "))


def test_a_word_given_to_a_term_is_found() -> None:
    source = 'sms = { -to(whom: "кардиологу") }\n-to = { $whom }'
    assert found(source) == [
        Finding("sms", "$whom is not known"),
        Finding("sms", "a word of medicine: кардиологу"),
    ]


def test_a_form_with_too_many_texts_is_refused() -> None:
    choice = "{ $days ->\n    [one] a\n   *[many] b\n }"
    assert found(f"sms = {choice * 9}") == []
    assert len(written_forms(FluentText("ru", f"sms = {choice * 9}"), "sms")) == MOST_TEXTS
    assert found(f"sms = {choice * 10}") == [Finding("sms", "it can give too many texts")]


def test_a_form_that_leads_to_itself_is_refused() -> None:
    assert found("sms = { title }\ntitle = { sms }") == [Finding("sms", "it leads to itself: sms")]


def test_an_attribute_that_is_not_there_is_refused() -> None:
    assert found("sms = { title.none }\ntitle = t") == [Finding("sms", "named, but not there: title.none")]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", MessageKind)
def test_what_is_shipped_tells_nothing(kind: MessageKind, language: Language) -> None:
    for key, source in SHIPPED.items():
        if key[:2] == (language, kind):
            assert found(source) == []


def test_the_lint_has_something_to_keep_out() -> None:
    """Most kinds carry what must not leave the house, so the shipped texts are no easy prey."""
    kept = {
        kind
        for kind in MessageKind
        if any(one.sensitivity not in ALLOWED["sms"] for one in variables_of(PARAMETERS[kind]).values())
    }
    assert len(kept) >= 20
    assert {one.sensitivity for one in VARIABLES.values()} >= {
        *(Sensitivity.DOCTOR, Sensitivity.SPECIALTY, Sensitivity.CLINIC, Sensitivity.ADDRESS, Sensitivity.DRUG),
        *(Sensitivity.HEALTH, Sensitivity.DOCUMENT, Sensitivity.PERSON),
    }
