"""The page of messages, made of the kinds, their texts and an example of each: docs/messages.md."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from notifications.channels.port import Channel
from notifications.examples import example_of
from notifications.kinds import KINDS, KindFacts
from notifications.messages import PARAMETERS, MessageKind
from notifications.parameters import KNOWN
from notifications.privacy import ALLOWED
from notifications.sms_segments import segments_of
from notifications.templates import templates
from notifications.topics import TOPICS, Topic
from notifications.variables import LANGUAGES, Language

_HEAD = """# What people are told

Made of `notifications/kinds.py`, `notifications/locale` and `notifications/examples.py` by `zdorovye messages
catalogue`; a test keeps it so. The people in it are made up. `zdorovye messages preview KIND` shows one kind.

Everybody has everything in the **inbox**, which only who is signed in reads. Of the other channels each carries its
own, shorter text, or the kind does not go that way. Those are read on lock screens and by providers, so they say
nothing of anybody's health, not even that there is something to say: with any other text no process starts
([ADR 0024](adr/0024-texts-of-messages.md)).
"""


def render() -> str:
    """Return the page as Markdown."""
    parts = [_HEAD.strip(), "## What may stand where", _table(["form", "may name"], _allowed())]
    for topic in Topic:
        facts = TOPICS[topic]
        parts.append(f"## {facts.en} ({facts.ru})")
        parts.append(_switch(topic))
        for kind in MessageKind:
            if KINDS[kind].topic is topic:
                parts += _section(kind)
    return "\n\n".join(parts) + "\n"


def preview(
    kind: MessageKind,
    languages: Iterable[Language],
    channels: Iterable[Channel],
    instead: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[str]:
    """Yield the lines of a preview: each form of a kind in each language, written with its example.

    Args:
        kind: What it is about.
        languages: In this order.
        channels: Of these, those the kind goes by; the inbox stands before them.
        instead: Other values for some parameters of the example.

    Raises:
        ValueError: The kind has no such parameter, or it cannot be read.
    """
    asked = list(channels)
    for language in languages:
        for name, title, body in _forms(kind, language, instead):
            if name == "inbox" or Channel(name) in asked:
                yield f"[{language} {name}] {title}".rstrip()
                yield f"    {body}"
                if name == Channel.SMS:
                    yield f"    {_segments(body)}"


def _section(kind: MessageKind) -> list[str]:
    facts = KINDS[kind]
    written = {language: _forms(kind, language) for language in LANGUAGES}
    rows = [[ru[0], _cell(*ru[1:]), _cell(*en[1:])] for ru, en in zip(written["ru"], written["en"], strict=True)]
    told = [f"Sent when {facts.sent_when}. **{facts.severity.value}**, {_use(facts)}."]
    told += [f"Parameters: {_parameters(kind)}."] if PARAMETERS[kind] else []
    texts = [(language, body) for language in LANGUAGES for name, _, body in written[language] if name == Channel.SMS]
    told += [f"SMS: {'; '.join(f'{language} {_segments(body)}' for language, body in texts)}."] if texts else []
    return [f"### `{kind.value}`", "\n".join(told), _table(["", *LANGUAGES], rows)]


def _forms(
    kind: MessageKind, language: Language, instead: Mapping[str, str] = MappingProxyType({})
) -> list[tuple[str, str, str]]:
    """Return (inbox or channel, title or nothing, body) of everything that a kind is written as."""
    shelf, parameters = templates(), example_of(kind, **instead)
    version = shelf.check(kind, parameters)
    text = shelf.render(kind, version, parameters, language=language)
    forms = [("inbox", text.title, text.body)]
    for channel in Channel:
        content = shelf.content(channel, kind, version, parameters, language=language)
        if content:
            forms.append((channel.value, content.title, content.body))
    return forms


def _switch(topic: Topic) -> str:
    why = TOPICS[topic].statutory
    if why is None:
        return "Anybody may switch these off, channel by channel; the inbox keeps them."
    return f"Cannot be switched off. «{why.ru}» “{why.en}” Source: {why.source}."


def _use(facts: KindFacts) -> str:
    if facts.until:
        return f"of use until `{facts.until}`"
    return f"of use for {_length(facts.lasts.total_seconds())}" if facts.lasts else "of use without an end"


def _length(seconds: float) -> str:
    for unit, size in (("d", 86_400), ("h", 3_600)):
        if seconds % size == 0:
            return f"{seconds / size:g} {unit}"
    return f"{seconds / 60:g} min"


def _parameters(kind: MessageKind) -> str:
    return ", ".join(f"`{name}` ({_told(name)})" for name in sorted(PARAMETERS[kind]))


def _told(name: str) -> str:
    one = KNOWN[name]
    form = f"{one.form.value}: {' / '.join(sorted(one.words))}" if one.words else one.form.value
    return f"{form}; {one.sensitivity.value}" if one.sensitivity.value != one.form.value else form


def _segments(text: str) -> str:
    found = segments_of(text)
    return f"{found.count} segment{'s' if found.count > 1 else ''} ({found.encoding.value}, {found.units})"


def _allowed() -> list[list[str]]:
    return [["`title`, `body` (inbox)", "everything"]] + [
        [f"`{form}`", ", ".join(sorted(one.value for one in safe))] for form, safe in ALLOWED.items()
    ]


def _cell(title: str, body: str) -> str:
    return f"**{title}**<br>{body}" if title else body


def _table(titles: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    rows = [titles, ["---"] * len(titles), *lines]
    return "\n".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |" for cells in rows)
