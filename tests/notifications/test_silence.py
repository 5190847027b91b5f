"""What the channels carry does not depend on anything sensitive: two people who differ only in that get the same."""

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import available_timezones

from hypothesis import given, settings
from hypothesis import strategies as st

from notifications.channels.port import Channel, Content
from notifications.messages import PARAMETERS, MessageKind
from notifications.parameters import KNOWN, Form, Sensitivity
from notifications.templates import LANGUAGES, Language, templates
from tests.notifications.patience import PATIENT

TELLING = frozenset(Sensitivity) - {Sensitivity.COUNT, Sensitivity.MOMENT, Sensitivity.REFERENCE, Sensitivity.WORD}
INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 # bounds
DAYS = st.dates(datetime(2000, 1, 1, tzinfo=UTC).date(), datetime(2100, 1, 1, tzinfo=UTC).date())

VALUES: Mapping[Form, st.SearchStrategy[str]] = {
    Form.TEXT: st.text(max_size=40),
    Form.CODE: st.integers(100_000, 999_999).map(str),
    Form.COUNT: st.integers(0, 999).map(str),
    Form.DATE: DAYS.map(str),
    Form.IDENTIFIER: st.uuids().map(str),
    Form.INSTANT: INSTANTS.map(datetime.isoformat),
    Form.REFERENCE: st.integers(0, 99_999_999).map(lambda number: f"2026-11/{number}"),
    Form.ZONE: st.sampled_from(sorted(available_timezones())),
}


def value_of(name: str) -> st.SearchStrategy[str]:
    one = KNOWN[name]
    return st.sampled_from(sorted(one.words)) if one.form is Form.WORD else VALUES[one.form]


@st.composite
def parameters(draw: st.DrawFn, kind: MessageKind) -> dict[str, str]:
    """Draw parameters that a message of this kind may have."""
    drawn = {name: draw(value_of(name)) for name in sorted(PARAMETERS[kind])}
    for first, second in (("first_on", "last_on"), ("eta_from_minutes", "eta_to_minutes")):
        if first in drawn:
            key = int if first.startswith("eta") else str
            drawn[first], drawn[second] = sorted((drawn[first], drawn[second]), key=key)
    return drawn


def carried(kind: MessageKind, given_: Mapping[str, str], language: Language) -> dict[Channel, Content | None]:
    shelf = templates()
    version = shelf.check(kind, given_)
    return {channel: shelf.content(channel, kind, version, given_, language=language) for channel in Channel}


@given(kind=st.sampled_from(MessageKind), language=st.sampled_from(LANGUAGES), data=st.data())
@settings(PATIENT, max_examples=150)
def test_no_channel_tells_what_is_sensitive(kind: MessageKind, language: Language, data: st.DataObject) -> None:
    one, other = data.draw(parameters(kind)), data.draw(parameters(kind))
    twin = {name: other[name] if KNOWN[name].sensitivity in TELLING else value for name, value in one.items()}
    told, told_of_twin = carried(kind, one, language), carried(kind, twin, language)
    if kind is MessageKind.CALLER_CODE:
        told.pop(Channel.SMS), told_of_twin.pop(Channel.SMS)
    assert told == told_of_twin


@given(kind=st.sampled_from(MessageKind), language=st.sampled_from(LANGUAGES), data=st.data())
@settings(PATIENT, max_examples=150)
def test_whatever_is_readable_is_written_whole(kind: MessageKind, language: Language, data: st.DataObject) -> None:
    drawn = data.draw(parameters(kind))
    told = carried(kind, drawn, language)
    assert {channel for channel, content in told.items() if content} == templates().channels(kind)
    for content in told.values():
        if content:
            assert not set("{}$") & set(content.title + content.body)
            assert ".." not in content.title + content.body
            assert "  " not in content.title + content.body
            assert content.body == content.body.strip() != ""
