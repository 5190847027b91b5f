import re
from importlib.resources import files

import pytest

from notifications.channels.port import Channel, Content
from notifications.messages import PARAMETERS, MessageKind
from notifications.templates import LANGUAGES, Language, Templates, Text, templates
from tests.factories.messages import VISIT

CANCELLED = {**VISIT, "reason": "patient_decline"}
SIDE = {"side": "representative"}
BY_KIND = {
    MessageKind.ACCESS_REVIEW_SETTLED: {},
    MessageKind.APPOINTMENT_BOOKED: VISIT,
    MessageKind.APPOINTMENT_CANCELLED: CANCELLED,
    MessageKind.CALLER_CODE: {"code": "012345"},
    MessageKind.EMERGENCY_ACCESS: {},
    MessageKind.EMERGENCY_ACCESS_OF_WARD: {},
    MessageKind.GUARDIANSHIP_REFUSED: {},
    MessageKind.REPRESENTATION_BEGUN: SIDE,
    MessageKind.REPRESENTATION_DECLINED: {},
    MessageKind.REPRESENTATION_ENDED: SIDE,
    MessageKind.REPRESENTATION_EXPIRING: {**SIDE, "starts_at": VISIT["starts_at"], "zone": VISIT["zone"]},
    MessageKind.REPRESENTATION_OFFERED: SIDE,
    MessageKind.ERASURE_CANCELLED: {},
    MessageKind.ERASURE_REQUESTED: {"days": "14"},
    MessageKind.EXPORT_FAILED: {},
    MessageKind.EXPORT_READY: {},
    MessageKind.WELCOME: {},
}
DERIVED = {"specialty", "date", "time", "place_of_time"}


def test_a_booking_reads_well_in_russian() -> None:
    text = templates().render(MessageKind.APPOINTMENT_BOOKED, 1, VISIT, language="ru")
    assert text.title == "Вы записаны: терапевт"
    assert text.body == (
        "вторник, 24 ноября 2026\N{NARROW NO-BREAK SPACE}г. в 09:30 (Петропавловск-Камчатский, местное время). "
        "Врач: Иванова И. И. Поликлиника № 1, ул. Ленина, 1."
    )


def test_a_booking_reads_well_in_english() -> None:
    text = templates().render(MessageKind.APPOINTMENT_BOOKED, 1, VISIT, language="en")
    assert text.title == "Appointment booked: general practitioner"
    assert text.body == (
        "Tuesday, November 24, 2026 at 09:30 (Kamchatka local time). "
        "Doctor: Иванова И. И. Поликлиника № 1, ул. Ленина, 1."
    )


@pytest.mark.parametrize(
    ("reason", "begins"),
    [
        ("patient_decline", "Вы отменили приём: вторник"),
        ("mo_decline", "Клиника отменила приём: вторник"),
        ("error_in_slot", "Отменён приём: вторник"),
    ],
)
def test_a_cancellation_says_who_cancelled(reason: str, begins: str) -> None:
    text = templates().render(MessageKind.APPOINTMENT_CANCELLED, 1, {**VISIT, "reason": reason}, language="ru")
    assert text.body.startswith(begins)


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind in MessageKind for name in PARAMETERS[kind]])
def test_a_missing_parameter_is_an_error(kind: MessageKind, name: str) -> None:
    parameters = {given: value for given, value in BY_KIND[kind].items() if given != name}
    with pytest.raises(ValueError, match=name):
        templates().check(kind, parameters)


@pytest.mark.parametrize("kind", MessageKind)
def test_an_unknown_parameter_is_an_error(kind: MessageKind) -> None:
    with pytest.raises(ValueError, match="surplus"):
        templates().check(kind, {**BY_KIND[kind], "surplus": "x"})


@pytest.mark.parametrize(
    ("name", "value"), [("starts_at", "2026-11-24T09:30:00"), ("starts_at", "tomorrow"), ("zone", "Mars/Base")]
)
def test_an_unreadable_time_is_an_error(name: str, value: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        templates().check(MessageKind.APPOINTMENT_BOOKED, {**VISIT, name: value})


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", MessageKind)
def test_a_text_uses_only_declared_parameters(kind: MessageKind, language: Language) -> None:
    folder = files("notifications") / "locale" / language
    sources = [file.read_text("utf-8") for file in folder.iterdir() if file.name.startswith(f"{kind}.v")]
    used = set(re.findall(r"\$([a-z_]+)", " ".join(sources)))
    assert sources
    assert used <= PARAMETERS[kind] | DERIVED


def test_a_kind_without_its_text_in_one_language_is_refused() -> None:
    sources = {(language, kind, 1): "title = t\nbody = b" for language in LANGUAGES for kind in MessageKind}
    del sources["en", MessageKind.WELCOME, 1]
    with pytest.raises(ValueError, match="missing"):
        Templates(sources)


def test_an_older_version_stays_readable_after_a_new_one() -> None:
    sources = {(language, kind, 1): "title = old\nbody = b" for language in LANGUAGES for kind in MessageKind}
    sources |= {(language, MessageKind.WELCOME, 2): "title = new\nbody = b" for language in LANGUAGES}
    shelf = Templates(sources)
    assert shelf.check(MessageKind.WELCOME, {}) == 2
    assert shelf.render(MessageKind.WELCOME, 1, {}, language="ru").title == "old"
    assert shelf.render(MessageKind.WELCOME, 2, {}, language="ru").title == "new"


def test_a_variable_nobody_gave_is_an_error_not_a_hole() -> None:
    sources = {(language, kind, 1): "title = { $nobody }\nbody = b" for language in LANGUAGES for kind in MessageKind}
    with pytest.raises(ValueError, match="title"):
        Templates(sources).check(MessageKind.WELCOME, {})


def test_a_person_never_reads_markup_of_a_name() -> None:
    text = templates().render(MessageKind.APPOINTMENT_BOOKED, 1, {**VISIT, "doctor": "{ $zone } <b>"}, language="ru")
    assert "{ $zone } <b>" in text.body


def test_a_written_text_is_kept_and_never_given_for_another_message() -> None:
    kind = MessageKind.APPOINTMENT_BOOKED
    first = templates().render(kind, 1, VISIT, language="ru")
    assert templates().render(kind, 1, dict(VISIT), language="ru") is first
    other = templates().render(kind, 1, {**VISIT, "doctor": "Петров П. П"}, language="ru")
    assert other.body == first.body.replace("Иванова И. И", "Петров П. П")
    assert templates().render(kind, 1, VISIT, language="en").title == "Appointment booked: general practitioner"


def test_so_many_texts_are_kept_and_no_more() -> None:
    sources = {(language, kind, 1): "title = t\nbody = { $doctor }" for language in LANGUAGES for kind in MessageKind}
    shelf = Templates(sources, most_kept=2)

    def write(doctor: str) -> Text:
        return shelf.render(MessageKind.APPOINTMENT_BOOKED, 1, {**VISIT, "doctor": doctor}, language="ru")

    first, second = write("1"), write("2")
    assert write("1") is first
    third = write("3")
    assert (write("1") is first, write("3") is third) == (True, True)
    assert write("2") is not second


def test_an_sms_tells_the_code_first_and_fits_one_segment_of_cyrillic() -> None:
    content = templates().content(Channel.SMS, MessageKind.CALLER_CODE, 1, {"code": "012345"}, language="ru")
    assert content == Content(title="", body="012345 — код для 122. Не звонили туда сами? Никому не называйте!")
    assert len(content.body) <= 70


def test_a_kind_without_a_form_does_not_go_that_way() -> None:
    assert templates().content(Channel.SMS, MessageKind.WELCOME, 1, {}, language="ru") is None
