from zoneinfo import available_timezones

import pytest

from notifications.channels.port import Channel, Content
from notifications.examples import example_of
from notifications.messages import PARAMETERS, MessageKind
from notifications.parameters import KNOWN
from notifications.sms_segments import segments_of
from notifications.templates import LANGUAGES, Language, Templates, Text, templates
from tests.factories.messages import VISIT
from tests.notifications.sources import PLAIN, SHIPPED, templates_with, templates_with_languages

WITH_PARAMETERS = [(kind, name) for kind in MessageKind for name in sorted(PARAMETERS[kind])]
BY_SMS = sorted(kind for kind in MessageKind if Channel.SMS in templates().channels(kind))


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


@pytest.mark.parametrize(
    ("days", "ru", "en"),
    [
        ("0", "Сегодня последний день рецепта", "Today is its last day"),
        ("1", "Остался 1 день", "1 day is left"),
        ("2", "Осталось 2 дня", "2 days are left"),
        ("5", "Осталось 5 дней", "5 days are left"),
        ("11", "Осталось 11 дней", "11 days are left"),
        ("21", "Остался 21 день", "21 days are left"),
        ("112", "Осталось 112 дней", "112 days are left"),
    ],
)
def test_a_count_is_declined(days: str, ru: str, en: str) -> None:
    parameters = example_of(MessageKind.PRESCRIPTION_EXPIRING, days=days)
    assert templates().render(MessageKind.PRESCRIPTION_EXPIRING, 1, parameters, language="ru").body.startswith(ru)
    assert templates().render(MessageKind.PRESCRIPTION_EXPIRING, 1, parameters, language="en").body.startswith(en)


def test_a_range_of_days_is_written_as_one() -> None:
    parameters = example_of(MessageKind.CHECKUP_PLAN_READY, examinations="22")
    text = templates().render(MessageKind.CHECKUP_PLAN_READY, 1, parameters, language="ru")
    assert text.body.startswith("22 исследования, 1–5 дек. 2026\N{NARROW NO-BREAK SPACE}года. Износковская")


@pytest.mark.parametrize("kind", MessageKind)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_is_written_whole_for_the_inbox_and_the_app(kind: MessageKind, language: Language) -> None:
    shelf, parameters = templates(), example_of(kind)
    version = shelf.check(kind, parameters)
    text = shelf.render(kind, version, parameters, language=language)
    push = shelf.content(Channel.PUSH, kind, version, parameters, language=language)
    assert push is not None
    for said in (text.title, text.body, push.title, push.body):
        assert said == said.strip() != ""
        assert not set("{}$\n") & set(said)
        assert ".." not in said
    assert len(text.title) <= 100
    assert (len(push.title) <= 60, len(push.body) <= 160) == (True, True)


@pytest.mark.parametrize(("kind", "name"), WITH_PARAMETERS)
def test_a_missing_parameter_is_an_error(kind: MessageKind, name: str) -> None:
    parameters = {given: value for given, value in example_of(kind).items() if given != name}
    with pytest.raises(ValueError, match=name):
        templates().check(kind, parameters)


@pytest.mark.parametrize("kind", MessageKind)
def test_an_unknown_parameter_is_an_error(kind: MessageKind) -> None:
    with pytest.raises(ValueError, match="surplus"):
        templates().check(kind, {**example_of(kind), "surplus": "x"})


@pytest.mark.parametrize(
    ("name", "value"),
    [("starts_at", "2026-11-24T09:30:00"), ("starts_at", "tomorrow"), ("zone", "Mars/Base"), ("zone", "../Mars")],
)
def test_an_unreadable_time_is_an_error_that_does_not_repeat_it(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name) as caught:
        templates().check(MessageKind.APPOINTMENT_BOOKED, {**VISIT, name: value})
    assert value not in f"{caught.value!r}{caught.value.__cause__!r}"


def test_an_sms_tells_the_code_first_and_fits_one_segment_of_cyrillic() -> None:
    content = templates().content(Channel.SMS, MessageKind.CALLER_CODE, 1, {"code": "012345"}, language="ru")
    assert content == Content(title="", body="012345 — код для 122. Не звонили туда сами? Никому не называйте!")
    assert segments_of(content.body).count == 1


def test_a_code_is_in_no_push_and_in_no_mail() -> None:
    shelf, parameters = templates(), {"code": "012345"}
    push = shelf.content(Channel.PUSH, MessageKind.CALLER_CODE, 1, parameters, language="ru")
    assert push is not None
    assert "012345" not in push.title + push.body
    assert shelf.content(Channel.EMAIL, MessageKind.CALLER_CODE, 1, parameters, language="ru") is None


def test_a_kind_without_a_form_does_not_go_that_way() -> None:
    assert templates().channels(MessageKind.WELCOME) == {Channel.PUSH}
    assert templates().content(Channel.SMS, MessageKind.WELCOME, 1, {}, language="ru") is None


def test_every_kind_goes_by_push_and_by_no_unknown_way() -> None:
    assert {kind for kind in MessageKind if Channel.PUSH in templates().channels(kind)} == set(MessageKind)
    assert len(BY_SMS) == 21


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", BY_SMS)
def test_the_longest_sms_of_a_kind_takes_two_segments_at_most(kind: MessageKind, language: Language) -> None:
    """The month with the longest name, the longest word, counts of 999, codes of ten digits, references of twenty."""
    longest = 0
    for month in range(1, 13):
        instead = {name: LONGEST[KNOWN[name].form.value].format(month=month) for name in PARAMETERS[kind]}
        for word in [word for name in PARAMETERS[kind] for word in KNOWN[name].words] or [""]:
            parameters = {name: word if KNOWN[name].words else value for name, value in instead.items()}
            content = templates().content(Channel.SMS, kind, 1, parameters, language=language)
            assert content is not None
            longest = max(longest, segments_of(content.body).count)
    assert longest <= 2


LONGEST = {
    "text": "Ы" * 300,
    "code": "0" * 10,
    "count": "999",
    "date": "2026-{month:02}-28",
    "identifier": "0193a1f0-7c00-7000-8000-000000000001",
    "instant": "2026-{month:02}-28T23:59:00+00:00",
    "reference": "9" * 20,
    "word": "",
    "zone": "Etc/UTC",
}


def test_no_place_makes_an_sms_longer() -> None:
    """No SMS names the place of its time: the longest such name has 29 characters."""
    assert len(available_timezones()) > 400
    for language in LANGUAGES:
        for kind in BY_SMS:
            assert "place_of_time" not in SHIPPED[language, kind, 1].partition("sms =")[2].partition("\nemail-")[0]


def test_a_kind_without_its_text_in_one_language_is_refused() -> None:
    with pytest.raises(ValueError, match="missing"):
        Templates({key: source for key, source in SHIPPED.items() if key != ("en", MessageKind.WELCOME, 1)})


def test_an_older_version_stays_readable_after_a_new_one() -> None:
    shelf = templates_with(
        MessageKind.WELCOME,
        "title = old\nbody = b\nsms = older",
        "title = new\nbody = b",
    )
    assert shelf.check(MessageKind.WELCOME, {}) == 2
    assert shelf.render(MessageKind.WELCOME, 1, {}, language="ru").title == "old"
    assert shelf.render(MessageKind.WELCOME, 2, {}, language="ru").title == "new"
    assert shelf.content(Channel.SMS, MessageKind.WELCOME, 1, {}, language="ru") == Content(title="", body="older")
    assert shelf.content(Channel.SMS, MessageKind.WELCOME, 2, {}, language="ru") is None


def test_an_older_version_may_name_what_its_kind_has_no_more() -> None:
    shelf = templates_with(MessageKind.WELCOME, "title = { $doctor }\nbody = b", PLAIN)
    old = shelf.render(MessageKind.WELCOME, 1, {"doctor": "Петров"}, language="ru")
    assert old.title == "Петров"
    with pytest.raises(ValueError, match="title"):
        shelf.render(MessageKind.WELCOME, 1, {}, language="ru")


def test_what_an_old_message_has_beside_what_its_text_names_does_no_harm() -> None:
    shelf = templates_with(MessageKind.WELCOME, PLAIN)
    kept = {"forgotten": "x", "days": "not read"}
    assert shelf.render(MessageKind.WELCOME, 1, kept, language="ru") == Text(title="t", body="b")


def test_of_a_version_that_is_not_here_the_nearest_is_shown() -> None:
    sources = {key: source for key, source in SHIPPED.items() if key[1] is not MessageKind.WELCOME}
    for language in LANGUAGES:
        for number in (2, 4):
            sources[language, MessageKind.WELCOME, number] = f"title = v{number}\nbody = b"
    shelf = Templates(sources)
    shown = {
        version: shelf.render(MessageKind.WELCOME, version, {}, language="ru").title for version in (1, 2, 3, 4, 9)
    }
    assert shown == {1: "v2", 2: "v2", 3: "v2", 4: "v4", 9: "v4"}


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("title = t", "half"),
        ("title = t\nbody = b\npush-title = p", "half"),
        ("title = t\nbody = b\nemail-body = p", "half"),
        ("title = t\nbody = b\npush-text = p", "no forms"),
        ("title = t\nbody = { $nobody }", "not known"),
        ("title = t\nbody = { $doctor }", "do not have"),
        ("title = t\nbody = { $doctor", "not Fluent"),
        ("title = t\nbody = b\nbody = c", "said twice"),
        ("title = t\nbody = b\nsms = { other }", "not there"),
        ("title = t\nbody = b\nsms = Вас ждёт врач", "a word of medicine: врач"),
    ],
)
def test_a_file_that_cannot_be_used_stops_the_start(source: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        templates_with(MessageKind.WELCOME, source)


def test_a_form_in_one_language_only_stops_the_start() -> None:
    with pytest.raises(ValueError, match="one language only"):
        templates_with_languages(MessageKind.WELCOME, ru=PLAIN + "sms = s\n", en=PLAIN)


def test_a_parameter_that_no_text_shows_stops_the_start() -> None:
    with pytest.raises(ValueError, match="stands in no text: \\['code'\\]"):
        templates_with(MessageKind.CALLER_CODE, PLAIN)


def test_what_is_mere_data_need_not_be_shown() -> None:
    kind = MessageKind.INVITATION_TO_CHECKUP
    assert "campaign_id" in PARAMETERS[kind]
    shelf = templates_with(kind, "title = { $insurer }\nbody = { $due_date }")
    with pytest.raises(ValueError, match="campaign_id"):
        shelf.check(kind, {**example_of(kind), "campaign_id": "1"})


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


def test_the_content_of_one_message_is_never_given_for_another() -> None:
    kind = MessageKind.APPOINTMENT_REMINDER
    first = templates().content(Channel.SMS, kind, 1, VISIT, language="ru")
    moved = {**VISIT, "starts_at": "2026-11-24T21:30:00+00:00"}
    other = templates().content(Channel.SMS, kind, 1, moved, language="ru")
    assert first is not None
    assert other is not None
    assert first.body.startswith("Напоминание: 24 ноября в 09:30 (местное время).")
    assert other.body == first.body.replace("24", "25")


def test_so_many_texts_are_kept_and_no_more() -> None:
    kind = MessageKind.POLICY_CHANGED
    shelf = templates_with(kind, "title = { $change } { $changed_date }\nbody = { $insurer }", most_kept=2)

    def write(insurer: str) -> Text:
        return shelf.render(kind, 1, example_of(kind, insurer=insurer), language="ru")

    first, second = write("1"), write("2")
    assert write("1") is first
    third = write("3")
    assert (write("1") is first, write("3") is third) == (True, True)
    assert write("2") is not second
