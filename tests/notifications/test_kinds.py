from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.examples import example_of
from notifications.kinds import KINDS, usual_expiry
from notifications.messages import PARAMETERS, MessageKind, Severity
from notifications.parameters import KNOWN, Form
from notifications.topics import TOPICS, Topic
from tests.factories.people import NOW
from tests.notifications.patience import PATIENT

KALUGA = ZoneInfo("Europe/Moscow")
CANNOT_BE_SWITCHED_OFF = {
    *(Topic.AMBULANCE, Topic.COMPLAINTS, Topic.REPRESENTATION, Topic.SECURITY, Topic.SERVICE),
}


def test_every_kind_has_its_facts_and_every_topic_its_kinds() -> None:
    assert set(KINDS) == set(MessageKind)
    assert {facts.topic for facts in KINDS.values()} == set(Topic) == set(TOPICS)


def test_a_value_fits_the_column_of_the_database() -> None:
    assert max(len(kind.value) for kind in MessageKind) <= 32


def test_what_cannot_be_switched_off_says_why() -> None:
    assert {topic for topic, facts in TOPICS.items() if facts.statutory} == CANNOT_BE_SWITCHED_OFF
    for facts in TOPICS.values():
        if facts.statutory:
            assert facts.statutory.ru.endswith(".")
            assert facts.statutory.en.endswith(".")
            assert "ФЗ art. " in facts.statutory.source
    assert KINDS[MessageKind.EMERGENCY_ACCESS].statutory is TOPICS[Topic.SECURITY].statutory is not None
    assert KINDS[MessageKind.APPOINTMENT_REMINDER].statutory is None


def test_only_campaigns_are_capped_and_little_passes_quiet_hours() -> None:
    by = {severity: {kind for kind, facts in KINDS.items() if facts.severity is severity} for severity in Severity}
    assert by[Severity.CAMPAIGN] == {kind for kind, facts in KINDS.items() if facts.topic is Topic.CAMPAIGNS}
    assert by[Severity.CRITICAL] == {
        MessageKind.RELEASE_QUEUE_TURN,  # asked for half an hour ago, and lasts three minutes
        *(MessageKind.AMBULANCE_ARRIVED, MessageKind.AMBULANCE_ASSIGNED, MessageKind.AMBULANCE_NEAR),
        *(MessageKind.CALLER_CODE, MessageKind.EMERGENCY_ACCESS, MessageKind.EMERGENCY_ACCESS_OF_WARD),
    }


@pytest.mark.parametrize("kind", MessageKind)
def test_an_end_is_one_that_its_messages_have(kind: MessageKind) -> None:
    facts = KINDS[kind]
    assert not (facts.until and facts.lasts)
    if facts.until:
        assert facts.until in PARAMETERS[kind]
        assert KNOWN[facts.until].form in {Form.INSTANT, Form.DATE}


@pytest.mark.parametrize(
    ("kind", "expires_at"),
    [
        (MessageKind.WELCOME, None),
        (MessageKind.CALLER_CODE, NOW + timedelta(minutes=5)),
        (MessageKind.APPOINTMENT_REMINDER, datetime(2026, 11, 24, 6, 30, tzinfo=UTC)),
        (MessageKind.WAITING_LIST_OFFERED, datetime(2026, 11, 22, 15, 0, tzinfo=UTC)),
        (MessageKind.RELEASE_QUEUE_TURN, datetime(2026, 11, 22, 15, 0, tzinfo=UTC)),
        (MessageKind.RELEASE_QUEUE_OVER, NOW + timedelta(hours=2)),
        (MessageKind.CHECKUP_DUE, datetime(2026, 12, 31, 21, 0, tzinfo=UTC)),  # when the last day ends in Kaluga
    ],
)
def test_how_long_a_message_is_of_use(kind: MessageKind, expires_at: datetime | None) -> None:
    assert usual_expiry(kind, example_of(kind), now=NOW, zone=KALUGA) == expires_at


def test_a_last_day_ends_where_the_person_is() -> None:
    ends = {
        zone: usual_expiry(MessageKind.CHECKUP_DUE, example_of(MessageKind.CHECKUP_DUE), now=NOW, zone=ZoneInfo(zone))
        for zone in ("Asia/Kamchatka", "Asia/Kolkata", "Europe/Kaliningrad")
    }
    assert ends == {
        "Asia/Kamchatka": datetime(2026, 12, 31, 12, 0, tzinfo=UTC),
        "Asia/Kolkata": datetime(2026, 12, 31, 18, 30, tzinfo=UTC),
        "Europe/Kaliningrad": datetime(2026, 12, 31, 22, 0, tzinfo=UTC),
    }


@pytest.mark.parametrize("parameters", [{}, {"starts_at": "soon"}])
def test_without_its_parameter_nobody_knows_the_end(parameters: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="starts_at"):
        usual_expiry(MessageKind.APPOINTMENT_REMINDER, parameters, now=NOW, zone=KALUGA)


@PATIENT
@given(kind=st.sampled_from(MessageKind), zone=st.sampled_from(sorted(available_timezones())))
def test_an_end_is_an_aware_instant_everywhere(kind: MessageKind, zone: str) -> None:
    end = usual_expiry(kind, example_of(kind), now=NOW, zone=ZoneInfo(zone))
    assert end is None or end.tzinfo is not None
