"""The file a person gets: a zip of JSON, one file a kind of data, documents, and a page that lists them.

Everything here blocks and belongs on a thread; nothing is kept whole in memory but one page of rows.
"""

import io
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib.resources import files
from typing import IO, Any

import orjson
import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined
from sqlalchemy import Table

from backend.rights.column_titles import COLUMN_TITLES
from backend.rights.errors import ExportTooLarge
from backend.rights.ports import Draft
from backend.rights.retention import Holding
from backend.rights.rows import hidden_columns, shown_columns
from backend.rights.sealing import Seal
from backend.rights.values import Told

INDEX = "index.html"
_PRETTY = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS
_SECRETS = Told(
    "Ключи и контрольные числа секретов: в них нет сведений о вас, а похитителю они бы помогли.",
    "Keys and check sums of secrets: they say nothing about you, and would help a thief.",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the copy: so many rows, None for a document."""

    path: str
    title: Told
    rows: int | None


@dataclass(frozen=True, slots=True)
class Omission:
    """Something that is not in the copy, and why."""

    what: Told
    why: Told


@dataclass(slots=True)
class Contents:
    """What a copy holds and lacks; the page is made of it."""

    made_at: datetime
    entries: list[Entry] = field(default_factory=list)
    omissions: list[Omission] = field(default_factory=list)


class SealedSink(io.RawIOBase):
    """What the zip is written into: seals the bytes into a draft, and refuses more than a limit."""

    def __init__(self, seal: Seal, *, most_bytes: int) -> None:
        """Write through `seal`."""
        super().__init__()
        self._seal = seal
        self._most_bytes = most_bytes
        self._is_mute = False

    def mute(self) -> None:
        """Take whatever comes and keep nothing of it any more."""
        self._is_mute = True

    def writable(self) -> bool:
        """Return that it is."""
        return True

    def write(self, data: Any) -> int:
        """Seal bytes.

        Raises:
            ExportTooLarge: They are too many.
        """
        plain = bytes(data)
        if self._is_mute:
            return len(plain)
        if self._seal.size + len(plain) > self._most_bytes:
            raise ExportTooLarge
        self._seal.add(plain)
        return len(plain)


class Archive:
    """Writes one zip into a draft; its methods are called one after another, from any thread."""

    def __init__(self, draft: Draft, *, key: bytes, name: str, made_at: datetime, most_bytes: int) -> None:
        """Begin; raises as `Draft.write`."""
        self.contents = Contents(made_at)
        self._draft = draft
        self._seal = Seal(key, name, draft.write)
        self._sink = SealedSink(self._seal, most_bytes=most_bytes)
        self._zip = zipfile.ZipFile(self._sink, "w", zipfile.ZIP_DEFLATED, allowZip64=True)
        self._file: IO[bytes] | None = None
        self._rows = 0

    @property
    def size(self) -> int:
        """How many bytes the zip has by now."""
        return self._seal.size

    def begin_rows(self, table: Table, holding: Holding) -> None:
        """Begin the file of a table, with what its fields mean."""
        fields = {column.name: _both(COLUMN_TITLES[column.name]) for column in shown_columns(table)}
        head = {
            "about": _both(holding.title),
            "table": table.name,
            "fields": fields,
            "fieldsLeftOut": {"names": hidden_columns(table), "why": _both(_SECRETS)}
            if hidden_columns(table)
            else None,
        }
        self._begin(f"data/{table.name}.json")
        self._write(orjson.dumps(head, option=_PRETTY).removesuffix(b"\n}") + b',\n  "rows": [')
        self._rows = 0

    def add_rows(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Add a page of rows to the file begun last."""
        for row in rows:
            written = orjson.dumps(dict(row), option=_PRETTY, default=str).replace(b"\n", b"\n    ")
            self._write((b",\n    " if self._rows else b"\n    ") + written)
            self._rows += 1

    def end_rows(self, table: Table, holding: Holding) -> None:
        """End the file begun last."""
        self._write(b"\n  ]\n}\n" if self._rows else b"]\n}\n")
        self._end()
        self.contents.entries.append(Entry(f"data/{table.name}.json", holding.title, self._rows))

    def begin_document(self, name: str, title: Told) -> None:
        """Begin a document; its name is made by the server, and is refused where it could leave its folder."""
        if not name or name.startswith(".") or not all(letter.isalnum() or letter in "-._" for letter in name):
            raise ValueError("not a name of a document")
        self._begin(f"documents/{name}")
        self.contents.entries.append(Entry(f"documents/{name}", title, None))

    def add_chunk(self, chunk: bytes) -> None:
        """Add to the document begun last."""
        self._write(chunk)

    def end_document(self) -> None:
        """End the document begun last."""
        self._end()

    def leave_out(self, what: Told, why: Told) -> None:
        """Say on the page what is not in the copy."""
        self.contents.omissions.append(Omission(what, why))

    def finish(self) -> int:
        """Write the page, end the zip, make it durable and visible; return its size in bytes.

        Raises:
            ExportTooLarge, ExportStorageFull, ExportStorageUnavailable: There is no copy.
        """
        self._begin(INDEX)
        self._write(page_of(self.contents).encode())
        self._end()
        self._zip.close()
        self._seal.end()
        self._draft.commit()
        return self._seal.size

    def discard(self) -> None:
        """Give it up; nothing stays behind. Harmless after `finish`."""
        self._sink.mute()  # the zip wants to write its end
        self._end()
        self._zip.close()
        self._draft.discard()

    def _begin(self, path: str) -> None:
        made = zipfile.ZipInfo(path, self.contents.made_at.timetuple()[:6])
        made.compress_type = zipfile.ZIP_DEFLATED
        made.external_attr = 0o600 << 16
        self._file = self._zip.open(made, "w", force_zip64=True)

    def _write(self, data: bytes) -> None:
        if self._file is None:
            raise ValueError("no file of the archive is open")
        self._file.write(data)

    def _end(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def page_of(contents: Contents) -> str:
    """Return the page of a copy, in both languages, self-contained."""
    return _templates.get_template(INDEX).render(contents=contents, words=_WORDS)


def _both(told: Told) -> dict[str, str]:
    return {"ru": told.ru, "en": told.en}


_templates = Environment(loader=PackageLoader("backend.rights"), autoescape=True, undefined=StrictUndefined)

_WORDS: Mapping[str, Mapping[str, str]] = yaml.safe_load(
    (files("backend.rights") / "templates" / "index.yaml").read_text("utf-8")
)
