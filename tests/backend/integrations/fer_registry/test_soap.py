"""What is not beyond doubt a message of the interface is none, and reading it costs nothing."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.integrations.fer_registry.soap import (
    Fault,
    MessageUnreadable,
    make,
    read_message,
    said,
    write_fault,
    write_message,
)

KEY = "0190f0c1-0000-7000-8000-000000000001"
SOAP = 'xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"'
DONE = (
    '<CreateAppointmentResponse xmlns="http://www.rt-eu.ru/med/er/v2_0">'
    f"<Session_ID>{KEY}</Session_ID><Status_Code>SUCCESS</Status_Code></CreateAppointmentResponse>"
)


def envelope(content: str = DONE, *, prologue: str = "") -> bytes:
    return f"{prologue}<s:Envelope {SOAP}><s:Header/><s:Body>{content}</s:Body></s:Envelope>".encode()


def test_a_message_in_any_prefix_with_a_header_and_comments_is_read() -> None:
    message = read_message(envelope(DONE.replace("<Status", "<!-- so --><?and so?>\n <Status")))
    assert (said(message, "Session_ID"), said(message, "Status_Code")) == (KEY, "SUCCESS")
    assert said(message, "Error", "Error_Code") is None


def test_what_is_written_is_read_again() -> None:
    message = make("CancelAppointmentRequest", make("Session_ID", KEY), make("Slot_Id", "a&b<c>\"'"))
    message.append(make("Canceled_Reason", "mo_decline"))
    assert said(read_message(write_message(message)), "Slot_Id") == "a&b<c>\"'"
    with pytest.raises(Fault):
        read_message(write_fault("Client", "так нельзя"))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00",
        b"<",
        b"<html/>",
        b"<s:Envelope/>",
        f"<s:Envelope {SOAP}/>".encode(),
        f"<s:Envelope {SOAP}><s:Body/></s:Envelope>".encode(),
        envelope(DONE * 2),
        envelope() * 2,
        envelope(DONE.replace("rt-eu.ru/med/er/v2_0", "rt-eu.ru/med/er/")),
        envelope(DONE.replace("SUCCESS", "")),
        envelope(DONE.replace(KEY, "7")),
        envelope(DONE.replace("<Status_Code>SUCCESS</Status_Code>", "")),
        envelope(DONE.replace("Status_Code>", "Error>")),
        envelope(DONE.replace("<Status_Code>SUCCESS</Status_Code>", "<Error><Error_Code>NO_LUCK</Error_Code></Error>")),
        envelope(DONE.replace("</Session_ID>", "</Session_ID><Slot_Id>1</Slot_Id>")),
        envelope().replace(b"schemas.xmlsoap.org/soap/envelope/", b"www.w3.org/2003/05/soap-envelope"),
        envelope(prologue="<!DOCTYPE s:Envelope>"),
        "<a/>".encode("utf-16"),
        b'<?xml version="1.0" encoding="no-such"?><a/>',
        b"<a>" * 100_000,
        b"<" + b"a" * 20_000_000,
    ],
)
def test_anything_else_is_no_message(content: bytes) -> None:
    with pytest.raises(MessageUnreadable):
        read_message(content)


def test_no_entity_is_resolved_and_no_file_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("SUCCESS")
    answer = DONE.replace("SUCCESS", "&x;")
    for entity in (f'SYSTEM "{secret.as_uri()}"', '"SUCCESS"'):
        with pytest.raises(MessageUnreadable):
            read_message(envelope(answer, prologue=f"<!DOCTYPE a [<!ENTITY x {entity}>]>"))


def test_a_bomb_of_entities_costs_nothing() -> None:
    bomb = "".join(f'<!ENTITY x{level} "{f"&x{level - 1};" * 10}">' for level in range(1, 30))
    started_at = time.process_time()
    with pytest.raises(MessageUnreadable):
        read_message(envelope("&x29;", prologue=f'<!DOCTYPE a [<!ENTITY x0 "x">{bomb}]>'))
    assert time.process_time() - started_at < 0.5


@settings(max_examples=200)
@given(st.integers(0, len(envelope()) - 1), st.binary(max_size=3))
def test_a_spoilt_message_never_says_another_thing(place: int, instead: bytes) -> None:
    """A byte replaced, lost or added makes it unreadable, or leaves an outcome under a Session_ID to compare."""
    spoilt = envelope()[:place] + instead + envelope()[place + 1 :]
    try:
        message = read_message(spoilt)
    except (MessageUnreadable, Fault):
        return
    assert said(message, "Error", "Error_Code") is None


def test_no_error_quotes_what_came() -> None:
    with pytest.raises(MessageUnreadable) as refused:
        read_message(envelope("<Соколова>"))
    assert (str(refused.value), refused.value.__cause__) == ("", None)
