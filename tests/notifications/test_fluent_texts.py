import pytest

from notifications.fluent_texts import FluentText


def test_a_file_tells_its_messages_and_what_each_names() -> None:
    text = FluentText(
        "ru", "-app = Имя\ntitle = { -app }: { $a }\nbody = { title } { $b ->\n    [one] { $c }\n   *[many] x\n }"
    )
    assert text.messages == {"title", "body"}
    assert text.variables("title") == {"a"}
    assert text.variables("body") == {"a", "b", "c"}


def test_a_message_is_written_with_its_variables() -> None:
    text = FluentText(
        "ru", "body = { $days ->\n    [one] { $days } день\n    [few] { $days } дня\n   *[many] { $days } дней\n }"
    )
    assert [text.write("body", {"days": days}) for days in (1, 2, 5, 21)] == ["1 день", "2 дня", "5 дней", "21 день"]


def test_what_was_not_given_is_an_error_that_does_not_repeat_what_was() -> None:
    text = FluentText("ru", "body = { $doctor } { $clinic }")
    with pytest.raises(ValueError, match="the body cannot be written: \\['FluentReferenceError'\\]") as caught:
        text.write("body", {"doctor": "Вымышленная"})
    assert "Вымышленная" not in str(caught.value)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("body = { $doctor", "not Fluent"),
        ("body", "not Fluent"),
        ("body = a\nbody = b", "said twice"),
        ("body =\n    .note = n", "without a text"),
        ("body = { -nobody }", "not there: \\['-nobody'\\]"),
        ("body = a\n    .note = { nobody }", "not there: \\['nobody'\\]"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_at_once(source: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        FluentText("ru", source)


def test_a_comment_is_no_text() -> None:
    assert FluentText("ru", "# For translators: { $doctor }\nbody = b").variables("body") == frozenset()
