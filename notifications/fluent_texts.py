"""One Fluent file: what it holds, what each of its messages names, and how one is written."""

from collections.abc import Iterator, Mapping

from fluent.runtime import FluentBundle, FluentResource
from fluent.syntax import ast

Reference = ast.MessageReference | ast.TermReference


class FluentText:
    """One version of the texts of one kind in one language."""

    def __init__(self, language: str, source: str) -> None:
        """Read a file.

        Raises:
            ValueError: It cannot be read, says something twice, has a message without a text, or names a message or
                a term that is not there.
        """
        resource = FluentResource(source)
        junk = [(entry.content or "").strip() for entry in resource.body if isinstance(entry, ast.Junk)]
        entries = [entry for entry in resource.body if isinstance(entry, ast.Message | ast.Term)]
        self._entries = {_name(entry): entry for entry in entries}
        self._patterns = {_name(entry): entry.value for entry in entries if entry.value is not None}
        if junk or len(self._patterns) != len(entries):
            raise ValueError(f"not Fluent, said twice, or without a text: {junk or sorted(map(_name, entries))}")
        self.messages = frozenset(name for name, entry in self._entries.items() if isinstance(entry, ast.Message))
        self._nodes = {name: list(nodes(entry)) for name, entry in self._entries.items()}
        missing = {
            name
            for found in self._nodes.values()
            for node in found
            if isinstance(node, Reference) and (name := _referred(node)) not in self._entries
        }
        if missing:
            raise ValueError(f"named, but not there: {sorted(missing)}")
        self._named = {name: frozenset(self._variables(name)) for name in self.messages}
        self._bundle = FluentBundle([language], use_isolating=False)
        self._bundle.add_resource(resource)

    def variables(self, message: str) -> frozenset[str]:
        """Return the variables that a message names, itself or through others, wherever they stand."""
        return self._named[message]

    def reachable(self, message: str) -> Iterator[ast.BaseNode]:
        """Yield every node that has a part in a message: its own, and those of all messages and terms it leads to.

        A reference to one attribute counts as one to the whole of its message: more is found than can be shown, and
        never less.
        """
        seen: set[str] = set()
        waiting = [message]
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            for node in self._nodes[name]:
                yield node
                if isinstance(node, Reference):
                    waiting.append(_referred(node))

    def pattern(self, name: str, attribute: str | None = None) -> ast.Pattern:
        """Return the text of a message, of a term (`-name`), or of an attribute of one.

        Raises:
            ValueError: There is no such attribute.
        """
        if attribute is None:
            return self._patterns[name]
        for one in self._entries[name].attributes:
            if one.id.name == attribute:
                return one.value
        raise ValueError(f"named, but not there: {name}.{attribute}")

    def write(self, message: str, variables: Mapping[str, str | int]) -> str:
        """Write one message.

        Raises:
            ValueError: Something that it names was not given, or cannot be written.
        """
        pattern = self._bundle.get_message(message).value
        if pattern is None:
            raise ValueError(f"the template has no {message}")
        text, errors = self._bundle.format_pattern(pattern, dict(variables))
        if errors:
            raise ValueError(f"the {message} cannot be written: {[type(error).__name__ for error in errors]}")
        return str(text)

    def _variables(self, message: str) -> Iterator[str]:
        for node in self.reachable(message):
            if isinstance(node, ast.VariableReference):
                yield node.id.name


def nodes(node: ast.BaseNode) -> Iterator[ast.BaseNode]:
    """Yield a node and all below it, whatever their kind: no position of Fluent's grammar is left out."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        yield one
        for name, value in vars(one).items():
            if name == "span" or isinstance(value, str):
                continue
            waiting += [
                child for child in (value if isinstance(value, list) else [value]) if isinstance(child, ast.BaseNode)
            ]


def referred(reference: Reference) -> tuple[str, str | None]:
    """Return what a reference names: the message or term (`-name`), and the attribute or None."""
    return _referred(reference), reference.attribute.name if reference.attribute else None


def _referred(reference: Reference) -> str:
    return f"-{reference.id.name}" if isinstance(reference, ast.TermReference) else reference.id.name


def _name(entry: ast.Message | ast.Term) -> str:
    return f"-{entry.id.name}" if isinstance(entry, ast.Term) else entry.id.name
