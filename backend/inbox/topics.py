"""What those listen to who watch an inbox, or send what was written into one."""

from collections.abc import Callable

from backend.signals import Signals
from identity.principal import PersonId

DELIVERIES = "deliveries"
"""Something waits to be sent, of whomever."""


def inbox_topic(person_id: PersonId) -> str:
    """Return the topic of a person's inbox: a word and an opaque id."""
    return f"inbox:{person_id}"


def told(signals: Signals) -> Callable[[PersonId], None]:
    """Return what is to be called after the commit of a message: it wakes who watches, and who sends."""

    def wake(person_id: PersonId) -> None:
        signals.publish(inbox_topic(person_id))
        signals.publish(DELIVERIES)

    return wake
