"""Texts of messages: Fluent files by language, kind and version, written out for the inbox and for each channel.

A message keeps the version it was written with, so a published text is never changed: a new one is a new version
(`notifications.published` keeps it so).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType

from notifications.channels.port import Channel, Content
from notifications.fluent_texts import FluentText
from notifications.messages import PARAMETERS, MessageKind
from notifications.parameters import read, read_given
from notifications.template_checks import check_file, check_parameters
from notifications.variables import LANGUAGES, VARIABLES, Language, write_out

__all__ = ["FORMS", "LANGUAGES", "MOST_KEPT", "Language", "Templates", "Text", "shipped_sources", "templates"]

FORMS: Mapping[Channel, tuple[str | None, str]] = MappingProxyType(
    {
        Channel.PUSH: ("push-title", "push-body"),
        Channel.SMS: (None, "sms"),
        Channel.EMAIL: ("email-subject", "email-body"),
    }
)
"""By channel: the messages of a Fluent file that make its title and its body."""

MOST_KEPT = 4_096
"""How many written texts are kept, at about a kilobyte each; the one not shown for longest goes first."""

Sources = Mapping[tuple[Language, MessageKind, int], str]

_FILE_NAME = re.compile(r"(?P<kind>[a-z_]+)\.v(?P<version>[1-9][0-9]*)\.ftl")


@dataclass(frozen=True, slots=True)
class Text:
    """What a person reads in the inbox."""

    title: str = field(repr=False)
    body: str = field(repr=False)


class Templates:
    """Every version of every text; use the one made by `templates()`."""

    def __init__(self, sources: Sources, *, most_kept: int = MOST_KEPT) -> None:
        """Read Fluent sources, by language, kind and version; keep at most so many written texts.

        Raises:
            ValueError: A kind or a version is not there in every language, or has a form in one language only; a
                file cannot be read or holds what no form is; a text names what its kind does not have, or a
                parameter stands in no text; the privacy lint found something.
        """
        versions = {language: {key[1:] for key in sources if key[0] == language} for language in LANGUAGES}
        if versions["ru"] != versions["en"] or {kind for kind, _ in versions["ru"]} != set(MessageKind):
            raise ValueError("a text is missing in one of the languages")
        self._texts = {key: FluentText(key[0], source) for key, source in sources.items()}
        self._versions = {kind: sorted(v for k, v in versions["ru"] if k is kind) for kind in MessageKind}
        for kind, version in sorted(versions["ru"]):
            check_file({language: self._texts[language, kind, version] for language in LANGUAGES}, f"{kind}.v{version}")
        for kind, known in self._versions.items():
            check_parameters([self._texts[language, kind, known[-1]] for language in LANGUAGES], kind)
        self._written = lru_cache(maxsize=most_kept)(self._write)
        self._carried = lru_cache(maxsize=most_kept)(self._carry)

    def check(self, kind: MessageKind, parameters: Mapping[str, str]) -> int:
        """Return the version to write a message with, having tried out every form of it in every language.

        Raises:
            ValueError: A parameter is missing, unknown or unreadable; a bug of the caller. Its text names
                parameters, never their values.
        """
        try:
            read(parameters, expected=PARAMETERS[kind])
        except ValueError as error:
            raise ValueError(f"parameters of {kind}: {error}") from None
        version = self._versions[kind][-1]
        for language in LANGUAGES:
            self.render(kind, version, parameters, language=language)
            for channel in Channel:
                self.content(channel, kind, version, parameters, language=language)
        return version

    def render(self, kind: MessageKind, version: int, parameters: Mapping[str, str], *, language: Language) -> Text:
        """Write a message for the inbox in one language; dates and times are the clinic's own, with the place named.

        The same message is written once: a screen shows it again and again, and writing costs more than the rest of
        its answer. The text, which may say where a person goes when, is kept in this process's memory only.

        Args:
            kind: What it is about.
            version: As `check` returned it when the message was made; of one that is not here, see `nearest`.
            parameters: As they were then.
            language: Of the reader.

        Raises:
            ValueError: A variable of the text is missing.
        """
        return self._written(language, kind, version, tuple(parameters.items()))

    def content(
        self, channel: Channel, kind: MessageKind, version: int, parameters: Mapping[str, str], *, language: Language
    ) -> Content | None:
        """Write what one channel carries of a message, in one language; arguments are those of `render`.

        Returns:
            The content, without HTML or headers; None where this text has no form for the channel: it does not go
            that way. It is never made of the inbox's text instead.

        Raises:
            ValueError: A variable of the text is missing.
        """
        return self._carried(channel, language, kind, version, tuple(parameters.items()))

    def channels(self, kind: MessageKind, version: int | None = None) -> frozenset[Channel]:
        """Return by which channels a kind can go, in this version or else the newest."""
        text = self._texts["ru", kind, self.nearest(kind, self._versions[kind][-1] if version is None else version)]
        return frozenset(channel for channel, (_, body) in FORMS.items() if body in text.messages)

    def nearest(self, kind: MessageKind, version: int) -> int:
        """Return the version to show a message in that was written with `version`.

        That one, if it is here. Else the newest before it: while a new release is rolled out, an old process may
        meet a message of the new one. Else the oldest: files are not taken away, but a message has to show.
        """
        known = self._versions[kind]
        return max((one for one in known if one <= version), default=known[0])

    def _write(
        self, language: Language, kind: MessageKind, version: int, parameters: tuple[tuple[str, str], ...]
    ) -> Text:
        title, body = self._formatted(language, kind, version, parameters, ("title", "body"))
        return Text(title=title, body=body)

    def _carry(
        self,
        channel: Channel,
        language: Language,
        kind: MessageKind,
        version: int,
        parameters: tuple[tuple[str, str], ...],
    ) -> Content | None:
        if channel not in self.channels(kind, version):
            return None
        title, body = FORMS[channel]
        forms = (title, body) if title else (body,)
        *titles, text = self._formatted(language, kind, version, parameters, forms)
        return Content(title="".join(titles), body=text)

    def _formatted(
        self,
        language: Language,
        kind: MessageKind,
        version: int,
        parameters: tuple[tuple[str, str], ...],
        forms: tuple[str, ...],
    ) -> list[str]:
        text = self._texts[language, kind, self.nearest(kind, version)]
        wanted = frozenset[str]().union(*(text.variables(form) for form in forms))
        needed = frozenset[str]().union(*(VARIABLES[name].parameters for name in wanted))
        values = read_given({name: value for name, value in parameters if name in needed})
        variables = write_out(values, wanted, language)
        return [text.write(form, variables) for form in forms]


@cache
def templates() -> Templates:
    """Return the texts that are shipped with this package, read once."""
    return Templates(shipped_sources())


def shipped_sources() -> dict[tuple[Language, MessageKind, int], str]:
    """Return the Fluent sources that are shipped with this package, by language, kind and version.

    Raises:
        ValueError: A file has a name that no template has.
    """
    sources: dict[tuple[Language, MessageKind, int], str] = {}
    for language in LANGUAGES:
        for file in (files("notifications") / "locale" / language).iterdir():
            match = _FILE_NAME.fullmatch(file.name)
            if match is None:
                raise ValueError(f"not a template's name: {file.name}")
            sources[language, MessageKind(match["kind"]), int(match["version"])] = file.read_text("utf-8")
    return sources
