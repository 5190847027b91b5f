"""A letter: text and HTML, the same each time it is sent again, and no value that could begin another header."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from email import policy
from email.headerregistry import Address as Mailbox
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from notifications.channels.port import Outcome, Parcel, Verdict
from notifications.settings import SmtpSettings

_HEADERS = frozenset({"feedback-id", "list-id", "list-unsubscribe", "list-unsubscribe-post", "precedence", "reply-to"})
"""Headers that a content may add; the others are ours, or say to whom a letter goes."""
_LONGEST_HEADER = 990
_LONGEST_SUBJECT = 250
"""Nobody reads more, and Python folds 900 characters for half a second."""
_ATOM = r"[^\s\x00-\x20\x7f()<>\[\]:;@\\,.\"]+"
_LOCAL = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL})+")
_LINE_ENDING_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})


class _Unfolded(policy.EmailPolicy):
    """Python folds a long link into encoded words, which RFC 8058 and mail programs do not read."""

    def fold_binary(self, name: str, value: str) -> bytes:
        """Write our plain headers on one line, as 998 characters may stand on one."""
        if name.lower() in _HEADERS | {"message-id"} and value.isascii():
            return f"{name}: {value}{self.linesep}".encode()
        return super().fold_binary(name, value)


class LetterUnfit(Exception):
    """It cannot be written; `outcome` says whether the address or the content is at fault."""

    def __init__(self, verdict: Verdict, reason: str) -> None:
        """Keep the outcome."""
        super().__init__(reason)
        self.outcome = Outcome(verdict, reason)


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter ready for SMTP; `needs_utf8` where the recipient's name is not ASCII (RFC 6531)."""

    recipient: str = field(repr=False)
    content: bytes = field(repr=False)
    needs_utf8: bool = False


def write_letter(parcel: Parcel, settings: SmtpSettings, *, now: datetime) -> Letter:
    """Write the letter of a parcel.

    Args:
        parcel: Its content's title is the subject; `html` is used as it is, else the text is put into our frame.
        settings: Whom it comes from.
        now: The `Date`; aware.

    Returns:
        The letter; its `Message-ID` is made of `delivery_id`, so that a relay knows it again.

    Raises:
        LetterUnfit: ADDRESS_DEAD for an address that is none; CONTENT_REFUSED for a control character in a header, a
            header that is not for a content to give, or text that no encoding takes.

    Source: RFC 5322; RFC 3834, 5 (`Auto-Submitted`); RFC 8058 (`List-Unsubscribe-Post`).
    """
    recipient = parse_recipient(parcel.address.value)
    needs_utf8 = not recipient.isascii()
    message = EmailMessage(policy=_Unfolded(linesep="\r\n", cte_type="7bit", utf8=needs_utf8))
    domain = settings.sender.rpartition("@")[2]
    try:
        message["From"] = Mailbox(settings.sender_name, addr_spec=settings.sender)
        message["To"] = recipient
        message["Subject"] = _subject(parcel.content.title)
        message["Date"] = format_datetime(now)
        message["Message-ID"] = f"<{parcel.delivery_id}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        for name, value in parcel.content.headers:
            if name.lower() not in _HEADERS or name in message:
                raise LetterUnfit(Verdict.CONTENT_REFUSED, "header_not_allowed")
            if len(name) + len(value) > _LONGEST_HEADER:
                raise LetterUnfit(Verdict.CONTENT_REFUSED, "header_too_long")
            message[name] = _checked(value)
        message.set_content(parcel.content.body)
        message.add_alternative(parcel.content.html or _framed(parcel, settings), subtype="html")
        return Letter(recipient, message.as_bytes(), needs_utf8)
    except (UnicodeError, ValueError):
        raise LetterUnfit(Verdict.CONTENT_REFUSED, "unencodable") from None  # the error may quote the content


def parse_recipient(text: str) -> str:
    """Read an e-mail address.

    Args:
        text: `name@domain`; no display name, comment or quoted name.

    Returns:
        The address, its domain in ASCII (`xn--`).

    Raises:
        LetterUnfit: ADDRESS_DEAD: nothing can ever be sent there.

    Source: RFC 5321, 4.1.2 and 4.5.3.1; RFC 6531, 3.3.
    """
    local, _, domain = text.rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode() if not domain.isascii() else domain
        fits = len(local.encode()) <= 64
    except UnicodeError:
        raise LetterUnfit(Verdict.ADDRESS_DEAD, "malformed_address") from None
    if not fits or _LOCAL.fullmatch(local) is None or _DOMAIN.fullmatch(ascii_domain) is None or _breaks_line(local):
        raise LetterUnfit(Verdict.ADDRESS_DEAD, "malformed_address")
    return f"{local}@{ascii_domain}"


def _subject(title: str) -> str:
    if len(title) > _LONGEST_SUBJECT:
        raise LetterUnfit(Verdict.CONTENT_REFUSED, "subject_too_long")
    return _checked(title)


def _checked(value: str) -> str:
    if _breaks_line(value):
        raise LetterUnfit(Verdict.CONTENT_REFUSED, "control_character_in_header")
    return value


def _breaks_line(value: str) -> bool:
    return any(unicodedata.category(character) in _LINE_ENDING_CATEGORIES for character in value)


def _framed(parcel: Parcel, settings: SmtpSettings) -> str:
    paragraphs = [part.strip() for part in parcel.content.body.split("\n\n") if part.strip()]
    return _frame().render(title=parcel.content.title, sender_name=settings.sender_name, paragraphs=paragraphs)


@cache
def _frame() -> Template:
    loader = FileSystemLoader(Path(__file__).parent / "letters")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined).get_template("letter.html")
