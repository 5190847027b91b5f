"""What those who watch an inbox listen to."""

from identity.principal import PersonId


def inbox_topic(person_id: PersonId) -> str:
    """Return the topic of a person's inbox: a word and an opaque id."""
    return f"inbox:{person_id}"
