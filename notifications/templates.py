"""Texts of messages: Fluent files by language, kind and version, with dates written out by Babel.

A message keeps the version it was written with, so a published file is never changed: a new text is a new version.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time, get_timezone_location
from fluent.runtime import FluentBundle, FluentResource

from notifications.channels.port import Channel, Content
from notifications.messages import PARAMETERS, MessageKind

Language = Literal["ru", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

MOST_KEPT = 4_096
"""How many written texts are kept, at about a kilobyte each; the one not shown for longest goes first."""

FORMS: Mapping[Channel, tuple[str | None, str]] = MappingProxyType(
    {
        Channel.PUSH: ("push-title", "push-body"),
        Channel.SMS: (None, "sms"),
        Channel.EMAIL: ("email-subject", "email-body"),
    }
)
"""By channel: the messages of a Fluent file that make its title and its body."""

_FILE_NAME = re.compile(r"(?P<kind>[a-z_]+)\.v(?P<version>[1-9][0-9]*)\.ftl")


@dataclass(frozen=True, slots=True)
class Text:
    """What a person reads."""

    title: str = field(repr=False)
    body: str = field(repr=False)


class Templates:
    """Every version of every text; use the one made by `templates()`."""

    def __init__(self, sources: Mapping[tuple[Language, MessageKind, int], str], *, most_kept: int = MOST_KEPT) -> None:
        """Read Fluent sources, by language, kind and version; keep at most so many written texts.

        Raises:
            ValueError: A kind or a version is not there in every language.
        """
        self._bundles = {key: _bundle(key[0], source) for key, source in sources.items()}
        versions = {language: {key[1:] for key in sources if key[0] == language} for language in LANGUAGES}
        if versions["ru"] != versions["en"] or {kind for kind, _ in versions["ru"]} != set(MessageKind):
            raise ValueError("a text is missing in one of the languages")
        self._written = lru_cache(maxsize=most_kept)(self._write)
        self._carried = lru_cache(maxsize=most_kept)(self._carry)
        self._newest = {kind: max(v for k, v in versions["ru"] if k is kind) for kind in MessageKind}

    def check(self, kind: MessageKind, parameters: Mapping[str, str]) -> int:
        """Return the version to write a message with, having tried it out in every language.

        Raises:
            ValueError: A parameter is missing, unknown or unreadable; a bug of the caller. Its text names
                parameters, never their values.
        """
        wrong = PARAMETERS[kind] ^ parameters.keys()
        if wrong:
            raise ValueError(f"parameters of {kind} missing or unknown: {sorted(wrong)}")
        version = self._newest[kind]
        for language in LANGUAGES:
            self.render(kind, version, parameters, language=language)
            for channel in Channel:
                self.content(channel, kind, version, parameters, language=language)
        return version

    def render(self, kind: MessageKind, version: int, parameters: Mapping[str, str], *, language: Language) -> Text:
        """Write a message in one language; dates and times are the clinic's own, with the place named.

        The same message is written once: a screen shows it again and again, and writing costs more than the rest of
        its answer. The text, which may say where a person goes when, is kept in this process's memory only.

        Raises:
            ValueError: A variable of the text is missing.
        """
        return self._written(language, kind, version, tuple(parameters.items()))

    def content(
        self, channel: Channel, kind: MessageKind, version: int, parameters: Mapping[str, str], *, language: Language
    ) -> Content | None:
        """Write what one channel carries of a message, in one language.

        Returns:
            The content, without HTML or headers; None where this text has no form for the channel: it does not go
            that way.

        Raises:
            ValueError: A variable of the text is missing.
        """
        return self._carried(channel, language, kind, version, tuple(parameters.items()))

    def _carry(
        self,
        channel: Channel,
        language: Language,
        kind: MessageKind,
        version: int,
        parameters: tuple[tuple[str, str], ...],
    ) -> Content | None:
        bundle = self._bundles[language, kind, version]
        title, body = FORMS[channel]
        if not bundle.has_message(body):
            return None
        variables = _variables(dict(parameters), language)
        return Content(title=_format(bundle, title, variables) if title else "", body=_format(bundle, body, variables))

    def _write(
        self, language: Language, kind: MessageKind, version: int, parameters: tuple[tuple[str, str], ...]
    ) -> Text:
        bundle = self._bundles[language, kind, version]
        variables = _variables(dict(parameters), language)
        return Text(title=_format(bundle, "title", variables), body=_format(bundle, "body", variables))


@cache
def templates() -> Templates:
    """Return the texts that are shipped with this package, read once."""
    sources: dict[tuple[Language, MessageKind, int], str] = {}
    for language in LANGUAGES:
        for file in (files("notifications") / "locale" / language).iterdir():
            match = _FILE_NAME.fullmatch(file.name)
            if match is None:
                raise ValueError(f"not a template's name: {file.name}")
            sources[language, MessageKind(match["kind"]), int(match["version"])] = file.read_text("utf-8")
    return Templates(sources)


def _bundle(language: Language, source: str) -> FluentBundle:
    bundle = FluentBundle([language], use_isolating=False)
    bundle.add_resource(FluentResource(source))
    return bundle


def _format(bundle: FluentBundle, name: str, variables: Mapping[str, str]) -> str:
    pattern = bundle.get_message(name).value
    if pattern is None:
        raise ValueError(f"the template has no {name}")
    text, errors = bundle.format_pattern(pattern, dict(variables))
    if errors:
        raise ValueError(f"the {name} cannot be written: {[type(error).__name__ for error in errors]}")
    return str(text)


def _variables(parameters: Mapping[str, str], language: Language) -> dict[str, str]:
    """Return the parameters and what is derived from them: `specialty`, `date`, `time`, `place_of_time`."""
    variables = dict(parameters)
    if f"specialty_{language}" in parameters:
        variables["specialty"] = parameters[f"specialty_{language}"]
    if "starts_at" in parameters:
        variables |= _written_out(parameters["starts_at"], parameters["zone"], language)
    return variables


def _written_out(starts_at: str, zone: str, language: Language) -> dict[str, str]:
    instant = datetime.fromisoformat(starts_at)
    if instant.tzinfo is None:
        raise ValueError("starts_at has no offset")
    local = instant.astimezone(ZoneInfo(zone))
    return {
        "date": format_date(local.date(), "full", locale=language),
        "time": format_time(local.time(), "HH:mm", locale=language),
        "place_of_time": get_timezone_location(ZoneInfo(zone), locale=language, return_city=True),
    }
