"""What the rights of the subject ask of the house: a place for files, documents of a person, and living sessions."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Protocol

from backend.rights.values import Told
from identity.principal import PersonId, SessionId


class Draft(Protocol):
    """An object being written; nobody sees it before it is committed. Blocking: for threads."""

    def write(self, data: bytes) -> None:
        """Add to the end.

        Raises:
            ExportStorageFull: There is no room.
            ExportStorageUnavailable: It cannot be written.
        """

    def commit(self) -> None:
        """Make it durable and then visible under its name, replacing what was there; raises as `write`."""

    def discard(self) -> None:
        """Leave nothing behind; harmless after `commit` and when repeated."""


class ObjectStore(Protocol):
    """Keeps opaque bytes under opaque names. Blocking: for threads."""

    def begin(self, name: str) -> Draft:
        """Begin an object; raises as `Draft.write`."""

    def read(self, name: str, *, offset: int, length: int) -> bytes:
        """Return that many bytes from there on, fewer at the end.

        Raises:
            ExportStorageUnavailable: There is no such object, or it cannot be read.
        """

    def delete(self, name: str) -> None:
        """Delete an object or the draft of one; harmless where there is none."""

    def names(self) -> Iterable[str]:
        """Return the name of everything there is, drafts too."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file of the person's, for the copy of their data; `name` is plain ASCII and made by the server (S50)."""

    name: str
    title: Told
    chunks: AsyncIterator[bytes]


class DocumentSource(Protocol):
    """Knows files of people: the vault, once there is one."""

    def documents_of(self, person_id: PersonId) -> AsyncIterator[Document]:
        """Yield every document of the person, each read before the next is asked for."""


class SessionLiveness(Protocol):
    """Knows whether a sign-in still stands; implemented by identity."""

    async def is_live(self, person_id: PersonId, session_id: SessionId) -> bool:
        """Return whether the session is neither revoked nor past its end."""
