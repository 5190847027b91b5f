"""What is particular to letters: how one is written, what a relay's answer means, how connections are kept."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

from notifications.channels.email import SmtpSender
from notifications.channels.email_simulator import MailFault, MailSimulator
from notifications.channels.letter import LetterUnfit, parse_recipient, write_letter
from notifications.channels.port import AddressKind, Content, Outcome, Parcel, Verdict
from notifications.channels.smtp_answers import Stage, outcome_of_answer
from tests.notifications.channels.case_smtp import PASSWORD, USERNAME, smtp_settings
from tests.notifications.channels.certificates import Pair
from tests.notifications.channels.parcels import ADDRESSES, NOW, make_parcel

UNSUBSCRIBE = (
    "List-Unsubscribe",
    "<https://zdorovye.example/unsubscribe/0194d7a0000070008000000000000000/" + "x" * 120 + ">",
)
ONE_CLICK = ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")


def letter_of(content: Content) -> Parcel:
    return make_parcel(AddressKind.EMAIL, content=content)


def read(parcel: Parcel) -> EmailMessage:
    letter = write_letter(parcel, smtp_settings(25), now=NOW)
    return message_from_bytes(letter.content, EmailMessage, policy=policy.default)


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


@asynccontextmanager
async def relay(
    *, sends: dict[str, Any] | None = None, trust: ssl.SSLContext | None = None, **given: Any
) -> AsyncIterator[tuple[SmtpSender, MailSimulator]]:
    tls = given.pop("tls", None)
    simulator = MailSimulator(**{"username": USERNAME, "password": PASSWORD} | given)
    port = await simulator.start(tls=tls)
    sender = SmtpSender(smtp_settings(port, **sends or {}), trust=trust, clock=lambda: NOW)
    try:
        yield sender, simulator
    finally:
        await sender.close()
        await simulator.close()


def spoil(simulator: MailSimulator, kind: str, stage: str, **given: Any) -> None:
    simulator.faults._coming.append(MailFault.model_validate({"kind": kind, "stage": stage, **given}))


async def test_a_letter_arrives_as_it_was_written() -> None:
    async with relay() as (sender, simulator):
        content = Content(
            "Запись к врачу", "Первый абзац.\n.\n\nВторой <b>абзац</b>.", headers=(UNSUBSCRIBE, ONE_CLICK)
        )
        assert await sender.send(letter_of(content)) == Outcome(Verdict.ACCEPTED)
        [letter] = simulator.letters
    assert (letter["from"], letter["to"]) == ("noreply@zdorovye.example", [ADDRESSES[AddressKind.EMAIL]])
    assert letter["subject"] == "Запись к врачу"
    assert letter["text"].replace("\r\n", "\n").strip() == content.body
    assert "Второй &lt;b&gt;абзац&lt;/b&gt;." in letter["html"]
    headers = letter["headers"]
    assert headers["From"] == "Моё здоровье <noreply@zdorovye.example>"
    assert headers["Message-ID"] == "<0194d7a0-0000-7000-8000-00000000d001@zdorovye.example>"
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["Date"] == "Sat, 28 Nov 2026 12:00:00 +0000"
    assert (headers[UNSUBSCRIBE[0]], headers[ONE_CLICK[0]]) == (UNSUBSCRIBE[1], ONE_CLICK[1])


def test_a_letter_sent_again_is_the_same_letter() -> None:
    parcel = letter_of(Content("t", "b"))
    assert read(parcel)["Message-ID"] == read(replace(parcel))["Message-ID"]


def test_a_long_link_to_unsubscribe_stands_unbroken_in_the_letter() -> None:
    content = Content("t", "b", headers=(UNSUBSCRIBE,))
    raw = write_letter(letter_of(content), smtp_settings(25), now=NOW).content
    assert f"\r\n{UNSUBSCRIBE[0]}: {UNSUBSCRIBE[1]}\r\n".encode() in raw
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998


def test_html_that_is_given_is_used_as_it_is() -> None:
    assert part(read(letter_of(Content("t", "b", html="<p>own</p>"))), "html").strip() == "<p>own</p>"


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", "{{ 7 * 7 }}", '"><img src=x>', "{% raw %}"])
def test_no_value_is_markup_in_our_frame(hostile: str) -> None:
    html = part(read(letter_of(Content(hostile, hostile))), "html")
    assert "<script>" not in html
    assert "<img" not in html
    assert "49" not in html.replace("#5a6b7c", "")
    assert "{{" in html or "{{" not in hostile


_BREAKS = ["\r\n", "\n", "\r", "\x00", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\t"]


@pytest.mark.parametrize("line_break", _BREAKS, ids=ascii)
def test_no_value_can_begin_another_header(line_break: str) -> None:
    injected = f"x{line_break}Bcc: thief@example.net"
    for content in (
        Content(injected, "b"),
        Content("t", "b", headers=(("List-Unsubscribe", injected),)),
        Content("t", "b", headers=((f"List-Id{line_break}Bcc", "x"),)),
    ):
        with pytest.raises(LetterUnfit) as caught:
            write_letter(letter_of(content), smtp_settings(25), now=NOW)
        assert caught.value.outcome.verdict is Verdict.CONTENT_REFUSED
    with pytest.raises(LetterUnfit) as caught:
        parse_recipient(f"x{line_break}@example.org")
    assert caught.value.outcome.verdict is Verdict.ADDRESS_DEAD


@pytest.mark.parametrize(
    "name", ["Bcc", "To", "From", "Subject", "Content-Type", "DKIM-Signature", "Received", "Sender", "message-id", ""]
)
def test_a_content_adds_only_headers_that_are_its_to_add(name: str) -> None:
    with pytest.raises(LetterUnfit) as caught:
        write_letter(letter_of(Content("t", "b", headers=((name, "x"),))), smtp_settings(25), now=NOW)
    assert caught.value.outcome == Outcome(Verdict.CONTENT_REFUSED, "header_not_allowed")


@pytest.mark.parametrize("headers", [(ONE_CLICK, ONE_CLICK), (("List-Unsubscribe", "x" * 980),)])
def test_a_header_stands_once_and_on_one_line(headers: tuple[tuple[str, str], ...]) -> None:
    with pytest.raises(LetterUnfit):
        write_letter(letter_of(Content("t", "b", headers=headers)), smtp_settings(25), now=NOW)


def test_text_that_no_encoding_takes_is_refused() -> None:
    for content in (Content("t", "\ud83d"), Content("\ud83d", "b"), Content("t", "b", html="\udfff")):
        with pytest.raises(LetterUnfit) as caught:
            write_letter(letter_of(content), smtp_settings(25), now=NOW)
        assert caught.value.outcome.verdict is Verdict.CONTENT_REFUSED


@pytest.mark.parametrize(
    ("text", "recipient"),
    [
        ("anna@example.org", "anna@example.org"),
        ("anna.k+z@mail.example.org", "anna.k+z@mail.example.org"),
        ("anna@почта.рф", "anna@xn--80a1acny.xn--p1ai"),
        ("анна@почта.рф", "анна@xn--80a1acny.xn--p1ai"),
        ("o'neill@example.org", "o'neill@example.org"),
    ],
)
def test_addresses_are_read(text: str, recipient: str) -> None:
    assert parse_recipient(text) == recipient


@pytest.mark.parametrize(
    "text",
    [
        *("", "@", "anna", "anna@", "@example.org", "anna@example", "a b@example.org", "anna@exa mple.org"),
        *("<anna@example.org>", "Anna <anna@example.org>", '"an na"@example.org', "anna@example.org,b@example.org"),
        *("anna@example.org> SIZE=1", "a..b@example.org", ".a@example.org", "anna@-example.org", "anna@[127.0.0.1]"),
        *("x" * 65 + "@example.org", "anna@" + "x" * 64 + ".org", "anna@" + "x." * 130 + "org", "\ud83d@example.org"),
        *("anna@\ud83d.org", "я" * 33 + "@example.org", "anna@example..org", "anna@example.org "),
    ],
)
def test_what_is_no_address_is_dead(text: str) -> None:
    with pytest.raises(LetterUnfit) as caught:
        parse_recipient(text)
    assert caught.value.outcome == Outcome(Verdict.ADDRESS_DEAD, "malformed_address")


async def test_a_name_that_is_not_ascii_needs_a_relay_that_takes_it() -> None:
    async with relay() as (sender, simulator):
        outcome = await sender.send(make_parcel(AddressKind.EMAIL, address="анна@почта.рф"))
        assert outcome.verdict is Verdict.ACCEPTED
        assert simulator.letters[0]["to"] == ["анна@xn--80a1acny.xn--p1ai"]


@pytest.mark.parametrize(
    ("stage", "code", "text", "verdict", "reason"),
    [
        (Stage.RECIPIENT, 550, "5.1.1 quoting anna@example.org", Verdict.ADDRESS_DEAD, "smtp_550_5_1_1"),
        (Stage.RECIPIENT, 550, "5.1.8 Your address", Verdict.PROVIDER_UNUSABLE, "smtp_550_5_1_8"),
        (Stage.RECIPIENT, 550, "5.4.4 No route", Verdict.ADDRESS_DEAD, "smtp_550_5_4_4"),
        (Stage.RECIPIENT, 550, "5.1.1x", Verdict.ADDRESS_DEAD, "smtp_550"),
        (Stage.RECIPIENT, 550, "4.1.1 of another class", Verdict.ADDRESS_DEAD, "smtp_550"),
        (Stage.RECIPIENT, 554, "5.7.1", Verdict.RECIPIENT_REFUSES, "smtp_554_5_7_1"),
        (Stage.GREETING, 554, "No SMTP service here", Verdict.PROVIDER_UNUSABLE, "smtp_554"),
        (Stage.GREETING, 421, "", Verdict.RETRY, "smtp_421"),
        (Stage.CONTENT, 550, "5.7.1 Spam", Verdict.CONTENT_REFUSED, "smtp_550_5_7_1"),
        (Stage.CONTENT, 503, "", Verdict.CONTENT_REFUSED, "smtp_503"),
        (Stage.CONTENT, -1, "Malformed: anna", Verdict.UNCLEAR, "unreadable"),
        (Stage.CONTENT, 354, "", Verdict.UNCLEAR, "unreadable"),
        (Stage.RECIPIENT, 999, "", Verdict.RETRY, "unreadable"),
        (Stage.RECIPIENT, 550, "5.1.٣", Verdict.ADDRESS_DEAD, "smtp_550"),
    ],
)
def test_an_answer_means_what_its_place_in_the_conversation_says(
    stage: Stage, code: int, text: str, verdict: Verdict, reason: str
) -> None:
    assert outcome_of_answer(stage, code, text) == Outcome(verdict, reason)


async def test_connections_are_few_and_carry_many_letters() -> None:
    async with relay(sends={"connections": 3}) as (sender, simulator):
        outcomes = await asyncio.gather(*(sender.send(make_parcel(AddressKind.EMAIL)) for _ in range(30)))
        assert {outcome.verdict for outcome in outcomes} == {Verdict.ACCEPTED}
        assert (len(simulator.letters), simulator.connections) == (30, 3)


async def test_a_refusal_does_not_cost_the_connection_and_leaves_nothing_of_its_letter() -> None:
    async with relay(sends={"connections": 1}) as (sender, simulator):
        spoil(simulator, "answer", "rcpt", answer="550 5.1.1 Unknown")
        spoil(simulator, "answer", "data", answer="554 5.7.1 Spam")
        verdicts = [(await sender.send(make_parcel(AddressKind.EMAIL))).verdict for _ in range(3)]
        assert verdicts == [Verdict.ADDRESS_DEAD, Verdict.CONTENT_REFUSED, Verdict.ACCEPTED]
        assert simulator.connections == 1
        assert [letter["to"] for letter in simulator.letters] == [[ADDRESSES[AddressKind.EMAIL]]]


async def test_a_connection_that_was_cut_while_it_rested_is_replaced_unnoticed() -> None:
    async with relay() as (sender, simulator):
        await sender.send(make_parcel(AddressKind.EMAIL))
        spoil(simulator, "hang_up", "mail")
        assert (await sender.send(make_parcel(AddressKind.EMAIL))).verdict is Verdict.ACCEPTED
        assert (len(simulator.letters), simulator.connections) == (2, 2)


async def test_who_waits_too_long_for_a_connection_has_sent_nothing() -> None:
    async with relay(sends={"connections": 1, "timeout_seconds": 0.1}) as (sender, simulator):
        async with sender._connections.slot():
            outcomes = await asyncio.gather(*(sender.send(make_parcel(AddressKind.EMAIL)) for _ in range(3)))
        assert {(one.verdict, one.reason) for one in outcomes} == {(Verdict.RETRY, "no_free_connection")}
        assert simulator.connections == 0
        assert (await sender.send(make_parcel(AddressKind.EMAIL))).verdict is Verdict.ACCEPTED


async def test_of_many_that_share_a_connection_each_is_accepted_or_surely_not() -> None:
    async with relay(sends={"connections": 1, "timeout_seconds": 0.3}) as (sender, simulator):
        for _ in range(6):
            spoil(simulator, "slow", "rcpt", seconds=0.25)
        outcomes = await asyncio.gather(*(sender.send(make_parcel(AddressKind.EMAIL)) for _ in range(8)))
        accepted = [one for one in outcomes if one.verdict is Verdict.ACCEPTED]
        assert {one.verdict for one in outcomes} == {Verdict.ACCEPTED, Verdict.RETRY}
        assert len(simulator.letters) == len(accepted)


@pytest.mark.parametrize("stage", ["ehlo", "auth", "mail", "rcpt"])
async def test_a_relay_that_is_slow_before_the_letter_has_not_taken_it(stage: str) -> None:
    async with relay(sends={"timeout_seconds": 0.3}) as (sender, simulator):
        spoil(simulator, "slow", stage, seconds=1.0)
        outcome = await sender.send(make_parcel(AddressKind.EMAIL))
        assert outcome.verdict is Verdict.RETRY
        assert list(simulator.letters) == []


async def test_letters_travel_by_starttls_and_by_tls(pair: Pair) -> None:
    trust = pair.client_context()
    async with relay(sends={"security": "starttls"}, trust=trust, tls_context=pair.server_context()) as (sender, _):
        assert await sender.send(make_parcel(AddressKind.EMAIL)) == Outcome(Verdict.ACCEPTED)
    async with relay(sends={"security": "tls"}, trust=trust, tls=pair.server_context()) as (sender, _):
        assert await sender.send(make_parcel(AddressKind.EMAIL)) == Outcome(Verdict.ACCEPTED)


async def test_no_letter_and_no_password_goes_to_a_relay_we_do_not_trust(pair: Pair) -> None:
    stranger = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for security, offer in (("starttls", "tls_context"), ("tls", "tls")):
        offered = {offer: pair.server_context()}
        async with relay(sends={"security": security}, trust=stranger, **offered) as (sender, simulator):
            assert await sender.send(make_parcel(AddressKind.EMAIL)) == Outcome(Verdict.PROVIDER_UNUSABLE, "tls_failed")
            assert list(simulator.letters) == []
    async with relay(sends={"security": "starttls"}, trust=stranger) as (sender, simulator):
        outcome = await sender.send(make_parcel(AddressKind.EMAIL))
        assert outcome == Outcome(Verdict.PROVIDER_UNUSABLE, "tls_or_sign_in_not_offered")
        assert list(simulator.letters) == []


async def test_a_wrong_password_is_our_own_trouble() -> None:
    async with relay(sends={"password": "wrong"}) as (sender, simulator):
        assert await sender.send(make_parcel(AddressKind.EMAIL)) == Outcome(Verdict.PROVIDER_UNUSABLE, "smtp_535_5_7_8")
        assert list(simulator.letters) == []
