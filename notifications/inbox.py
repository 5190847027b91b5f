"""One message of an inbox as it is kept, and as it is written for a person."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from notifications.messages import MessageKind, Severity
from notifications.templates import Language, Text, templates


@dataclass(frozen=True, slots=True)
class InboxItem:
    """One message as kept; instants are aware UTC."""

    id: UUID
    person_id: UUID
    kind: MessageKind
    severity: Severity
    parameters: Mapping[str, str] = field(repr=False)
    template_version: int
    subject_id: UUID | None
    created_at: datetime
    seen_at: datetime | None

    def written_in(self, language: Language) -> Text:
        """Write it in one language, with the version of the text it was made with."""
        return templates().render(self.kind, self.template_version, self.parameters, language=language)


@dataclass(frozen=True, slots=True)
class InboxPosition:
    """A place between two messages of the list: just after this one."""

    created_at: datetime
    id: UUID
