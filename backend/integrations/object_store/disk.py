"""Objects as files of one folder: durable before they are visible, whole or not there at all.

Serves the processes of one machine; several machines need one folder that all of them see.
"""

import errno
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from backend.rights.errors import ExportStorageFull, ExportStorageUnavailable

_NAME = re.compile(r"[0-9a-z][0-9a-z.-]{0,199}")
_DRAFT = ".draft"
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise (ExportStorageFull if error.errno in _NO_ROOM else ExportStorageUnavailable) from error


class DiskStore:
    """Implements `backend.rights.ports.ObjectStore`; only this user can read what it keeps."""

    def __init__(self, folder: Path) -> None:
        """Keep objects in `folder`, which is made when the first one is written."""
        self._folder = folder

    def begin(self, name: str) -> "DiskDraft":
        """Begin an object beside what is there; a draft that a killed process left is begun anew.

        Raises:
            ExportStorageFull, ExportStorageUnavailable: It cannot be written.
        """
        path = self._path(name)
        with _translated():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return DiskDraft(path)

    def read(self, name: str, *, offset: int, length: int) -> bytes:
        """Return that many bytes from there on, fewer at the end.

        Raises:
            ExportStorageUnavailable: There is no such object, or it cannot be read.
        """
        with _translated(), self._path(name).open("rb") as file:
            file.seek(offset)
            return file.read(length)

    def delete(self, name: str) -> None:
        """Delete an object and its draft; harmless where there is none."""
        path = self._path(name)
        with _translated():
            path.unlink(missing_ok=True)
            _draft_of(path).unlink(missing_ok=True)

    def names(self) -> Iterable[str]:
        """Return the names of all objects and drafts, each once."""
        with _translated():
            if not self._folder.is_dir():
                return ()
            return sorted({path.name.removesuffix(_DRAFT) for path in self._folder.iterdir()})

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name) or name.endswith(_DRAFT):
            raise ValueError("not a name of an object")
        return self._folder / name


class DiskDraft:
    """A file that is being written under another name."""

    def __init__(self, path: Path) -> None:
        """Open the draft of `path`, empty."""
        self._path = path
        descriptor = os.open(_draft_of(path), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        self._file = os.fdopen(descriptor, "wb")

    def write(self, data: bytes) -> None:
        """Add to the end.

        Raises:
            ExportStorageFull, ExportStorageUnavailable: It cannot be written.
        """
        with _translated():
            self._file.write(data)

    def commit(self) -> None:
        """Bring the bytes to the disk, then the name; a power cut leaves the whole object or none.

        Raises:
            ExportStorageFull, ExportStorageUnavailable: It is not there.
        """
        with _translated():
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            _draft_of(self._path).replace(self._path)
            folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def discard(self) -> None:
        """Leave nothing of the draft behind; harmless after `commit` and when repeated."""
        with suppress(OSError):  # closing may flush onto a full disk
            self._file.close()
        with suppress(OSError):  # what stays is found by whoever looks for orphans
            _draft_of(self._path).unlink(missing_ok=True)


def _draft_of(path: Path) -> Path:
    return path.with_name(path.name + _DRAFT)
