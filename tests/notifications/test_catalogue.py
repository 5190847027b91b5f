from pathlib import Path

from notifications.catalogue import preview, render
from notifications.channels.port import Channel
from notifications.messages import MessageKind
from notifications.templates import templates
from notifications.variables import LANGUAGES

PAGE = Path(__file__).parents[2] / "docs" / "messages.md"


def test_the_page_says_what_people_are_told() -> None:
    """After a change of kinds, texts or examples: zdorovye messages catalogue."""
    assert PAGE.read_text() == render()


def test_every_kind_stands_on_the_page_once() -> None:
    headings = [line for line in render().splitlines() if line.startswith("### ")]
    assert sorted(headings) == sorted(f"### `{kind.value}`" for kind in MessageKind)


def test_a_preview_shows_every_form_and_the_segments() -> None:
    written = templates().render(MessageKind.CALLER_CODE, 1, {"code": "012345"}, language="ru")
    assert list(preview(MessageKind.CALLER_CODE, ["ru"], Channel)) == [
        "[ru inbox] Код для оператора 122",
        f"    {written.body}",
        "[ru push] Код для оператора 122",
        "    Код — в приложении. Называйте его, только если сами позвонили в 122.",
        "[ru sms]",
        "    012345 — код для 122. Не звонили туда сами? Никому не называйте!",
        "    1 segment (UCS-2, 64)",
    ]


def test_a_preview_of_one_channel_shows_the_inbox_before_it() -> None:
    shown = [line for line in preview(MessageKind.WELCOME, LANGUAGES, [Channel.PUSH]) if line.startswith("[")]
    assert shown == [
        "[ru inbox] Добро пожаловать в «Моё здоровье»",
        "[ru push] Новое сообщение",
        "[en inbox] Welcome to My Health",
        "[en push] New message",
    ]
    assert len(list(preview(MessageKind.WELCOME, ["ru"], [Channel.SMS]))) == 2
