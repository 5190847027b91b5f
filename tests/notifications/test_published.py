from pathlib import Path

import pytest

from notifications.messages import MessageKind
from notifications.published import REGISTER, findings, fingerprints, publish, published
from notifications.templates import shipped_sources
from notifications.variables import Language
from tests.notifications.sources import SHIPPED

FILE = Path(__file__).parents[2] / "notifications" / "locale" / REGISTER
WELCOME: tuple[Language, MessageKind, int] = ("ru", MessageKind.WELCOME, 1)


def with_welcome(source: str) -> dict[str, str]:
    return fingerprints({**SHIPPED, WELCOME: source})


def test_a_published_text_was_never_changed() -> None:
    """After adding texts: zdorovye messages publish. After changing one: make it a new version."""
    assert list(findings(published(), fingerprints(SHIPPED))) == []


def test_a_changed_text_is_found() -> None:
    changed = SHIPPED[WELCOME].replace("title = Добро", "title = Недобро")
    assert list(findings(published(), with_welcome(changed))) == [
        "ru/welcome.v1/title: published, and changed; make it a new version"
    ]


def test_a_text_taken_away_is_found() -> None:
    without = "".join(line for line in SHIPPED[WELCOME].splitlines(keepends=True) if not line.startswith("push-body"))
    assert list(findings(published(), with_welcome(without))) == ["ru/welcome.v1/push-body: published, and taken away"]


def test_a_form_added_to_a_file_is_only_to_be_registered() -> None:
    added = with_welcome(SHIPPED[WELCOME] + "sms = s\n")
    assert list(findings(published(), added)) == ["ru/welcome.v1/sms: not registered; run `zdorovye messages publish`"]


def test_comments_and_indentation_are_no_text() -> None:
    said = "# For translators\ntitle =\n    Добро пожаловать в «Моё здоровье»\n"
    rest = SHIPPED[WELCOME].partition("\n")[2]
    assert with_welcome(said + rest) == fingerprints(SHIPPED)


def test_a_variant_of_a_text_is_part_of_it() -> None:
    changed = shipped_sources()
    begun = changed["ru", MessageKind.REPRESENTATION_BEGUN, 1]
    changed["ru", MessageKind.REPRESENTATION_BEGUN, 1] = begun.replace("Он видит", "Он не видит")
    assert [line.partition(":")[0] for line in findings(published(), fingerprints(changed))] == [
        "ru/representation_begun.v1/body"
    ]


def test_publishing_adds_what_is_new_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / REGISTER
    assert publish(with_welcome(SHIPPED[WELCOME] + "sms = s\n"), path=file) == ["ru/welcome.v1/sms"]
    lines = set(file.read_text().splitlines()) - set(FILE.read_text().splitlines())
    assert [line.split()[0] for line in lines] == ["ru/welcome.v1/sms"]
    assert set(FILE.read_text().splitlines()) < set(file.read_text().splitlines())


def test_publishing_again_changes_nothing(tmp_path: Path) -> None:
    assert publish(fingerprints(SHIPPED), path=tmp_path / REGISTER) == []
    assert (tmp_path / REGISTER).read_text() == FILE.read_text()


def test_nothing_is_published_over_a_changed_text(tmp_path: Path) -> None:
    changed = with_welcome(SHIPPED[WELCOME].replace("title = Добро", "title = Недобро") + "sms = s\n")
    with pytest.raises(ValueError, match=r"ru/welcome.v1/title: published, and changed"):
        publish(changed, path=tmp_path / REGISTER)
    assert not (tmp_path / REGISTER).exists()
