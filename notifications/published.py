"""Which texts are published, by their fingerprints: a message that was written once reads the same for ever.

What a person was told must be what they read years later. So a text that stands in `locale/published.txt` is never
changed; a new one is a new version, in a new file. A form that a file had not may be added.
"""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from fluent.runtime import FluentResource
from fluent.syntax import FluentSerializer, ast

from notifications.templates import Sources

REGISTER = "published.txt"

_HEAD = """# The texts that are published; never edit a line. `zdorovye messages publish` adds new ones.
"""


def fingerprints(sources: Sources) -> dict[str, str]:
    """Return the fingerprint of every text, by `language/kind.vN/name`; comments and indentation do not count."""
    found = {}
    for (language, kind, version), source in sources.items():
        for entry in FluentResource(source).body:
            if isinstance(entry, ast.Message | ast.Term):
                sign = "-" if isinstance(entry, ast.Term) else ""
                found[f"{language}/{kind}.v{version}/{sign}{entry.id.name}"] = _fingerprint(entry)
    return dict(sorted(found.items()))


def published() -> dict[str, str]:
    """Return the fingerprints that are registered, by the same names."""
    lines = (files("notifications") / "locale" / REGISTER).read_text("utf-8").splitlines()
    return dict(line.split() for line in lines if line and not line.startswith("#"))


def findings(registered: Mapping[str, str], current: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong, one line each: a published text that was changed or taken away, one not registered yet."""
    for name in sorted(registered.keys() | current.keys()):
        if name not in registered:
            yield f"{name}: not registered; run `zdorovye messages publish`"
        elif name not in current:
            yield f"{name}: published, and taken away"
        elif registered[name] != current[name]:
            yield f"{name}: published, and changed; make it a new version"


def publish(current: Mapping[str, str], *, path: Path) -> list[str]:
    """Register the texts that are not registered yet.

    Returns:
        Their names, sorted.

    Raises:
        ValueError: A published text was changed or taken away; nothing is written.
    """
    registered = published()
    new = sorted(current.keys() - registered.keys())
    wrong = [line for line in findings(registered, current) if line.partition(":")[0] not in new]
    if wrong:
        raise ValueError("\n".join(wrong))
    lines = [f"{name} {value}\n" for name, value in sorted({**registered, **current}.items())]
    path.write_text(_HEAD + "".join(lines), "utf-8")
    return new


def _fingerprint(entry: ast.Message | ast.Term) -> str:
    bare = entry.clone()
    bare.comment = None
    return sha256(FluentSerializer().serialize_entry(bare).encode()).hexdigest()[:16]
