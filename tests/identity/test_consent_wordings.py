"""Texts people consent to: complete, never changed, one version after the other (152-ФЗ art. 9 p. 4)."""

import hashlib
from datetime import timedelta
from pathlib import Path
from shutil import copytree

import pytest

from identity.access import RULES, Action
from identity.capacities import Capacity
from identity.consent_values import RecipientKind
from identity.consent_wordings import HEADINGS, ConsentTexts, consent_texts, read_texts
from tests.architecture.source import ROOT
from tests.factories.consents import shipped, widened
from tests.factories.people import NOW

FOLDER = ROOT / "identity" / "consent_texts"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(copytree(FOLDER, tmp_path / "texts"))


def test_every_purpose_that_is_needed_now_has_its_text() -> None:
    texts = consent_texts()
    assert texts.purposes == (
        "ambulance_access",
        "clinician_access",
        "insurance_informing",
        "notifications_sensitive",
    )
    assert {one.purpose: one.opens for one in texts} == {
        "ambulance_access": Capacity.CREW_BY_CONSENT,
        "clinician_access": Capacity.CLINICIAN_BY_CONSENT,
        "insurance_informing": None,
        "notifications_sensitive": None,
    }
    assert shipped().recipients == {RecipientKind.ORGANIZATION, RecipientKind.CLINICIAN}


def test_every_text_says_all_seven_things_in_both_languages() -> None:
    for text in consent_texts():
        for language, headings in HEADINGS.items():
            wording = text.wordings[language]
            assert len(wording.parts) == len(headings) == 7
            assert wording.hash == hashlib.sha256(wording.text.encode()).hexdigest()
            assert str(text.longest.days) in wording.parts[5]


def test_every_text_opens_only_what_its_capacity_may() -> None:
    for text in consent_texts():
        assert all(text.opens in RULES[right].capacities for right in text.rights)


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("1.ru.md", "365", "3650", "was changed after it was published"),
        ("1.en.md", "## Term", "## Time", "was changed after it was published"),
        ("1.toml", '"read_profile"', '"read_inbox"', "rights that its capacity does not have"),
        ("1.toml", 'opens = "clinician_by_consent"', "", "rights that its capacity does not have"),
    ],
    ids=["a longer term", "another heading", "a right the capacity lacks", "rights without a capacity"],
)
def test_a_text_that_was_tampered_with_stops_the_start(folder: Path, file: str, old: str, new: str, told: str) -> None:
    path = folder / "clinician_access" / file
    said = path.read_text()
    assert old in said
    path.write_text(said.replace(old, new))
    with pytest.raises(ValueError, match=told):
        read_texts(folder)


def test_a_text_that_leaves_a_part_out_is_refused(folder: Path) -> None:
    path, terms = folder / "clinician_access" / "1.ru.md", folder / "clinician_access" / "1.toml"
    said = path.read_text()
    shorter = said.partition("## Срок")[0]
    path.write_text(shorter)
    old, new = (hashlib.sha256(one.encode()).hexdigest() for one in (said, shorter))
    terms.write_text(terms.read_text().replace(old, new))
    with pytest.raises(ValueError, match="does not say all"):
        read_texts(folder)


def test_a_missing_language_is_refused(folder: Path) -> None:
    (folder / "clinician_access" / "1.en.md").unlink()
    with pytest.raises(FileNotFoundError):
        read_texts(folder)


def test_the_version_that_is_asked_changes_at_its_instant() -> None:
    first = shipped()
    second = widened(first, version=2, valid_from=NOW + timedelta(days=1), rights=first.rights | {Action.READ_PROFILE})
    texts = ConsentTexts({(one.purpose, one.version): one for one in (second, first)})
    assert texts.current(first.purpose, first.valid_from - timedelta(microseconds=1)) is None
    assert texts.current(first.purpose, NOW) == first
    assert texts.current(first.purpose, second.valid_from - timedelta(microseconds=1)) == first
    assert texts.current(first.purpose, second.valid_from) == second
    assert texts.shown(first.wordings["en"].hash) == (first, first.wordings["en"])
    assert texts.shown("0" * 64) is None
    assert texts.current("unknown", NOW) is None


def test_versions_follow_one_another() -> None:
    first = shipped()
    for wrong in (
        widened(first, version=3, valid_from=NOW),
        widened(first, version=2, valid_from=first.valid_from - timedelta(days=1)),
    ):
        with pytest.raises(ValueError, match="do not follow"):
            ConsentTexts({(one.purpose, one.version): one for one in (first, wrong)})
