"""Requests to paste into a shell, in the order of the main job; each leaves what the next one needs in a variable."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mobile_contracts.manifest import Operation

_NEW_KEY = """'$(python3 -c 'import uuid; print(uuid.uuid4())')'"""


@dataclass(frozen=True, slots=True)
class _Example:
    """Variables as JSON for a place inside single quotes; `keeps` is a shell variable and where its value stands."""

    variables: str = "{}"
    keeps: tuple[str, str] | None = None


_EXAMPLES = {
    "HomeScreen": _Example(keeps=("PERSON", '["viewer"]["person"]["id"]')),
    "FindSlots": _Example(
        """{"filter":{"specialties":["therapist"],"personId":"'$PERSON'"},"first":3}""",
        ("SLOT", '["searchSlots"]["slots"]["nodes"][0]["id"]'),
    ),
    "HoldSlot": _Example(
        f"""{{"input":{{"slotId":"'$SLOT'","idempotencyKey":"{_NEW_KEY}"}}}}""", ("HOLD", '["holdSlot"]["hold"]["id"]')
    ),
    "BookAppointment": _Example(
        f"""{{"input":{{"holdId":"'$HOLD'","idempotencyKey":"{_NEW_KEY}"}}}}""",
        ("APPOINTMENT", '["bookAppointment"]["appointment"]["id"]'),
    ),
    "Inbox": _Example(),
    "CancelAppointment": _Example(
        f"""{{"input":{{"appointmentId":"'$APPOINTMENT'","reason":"PATIENT_DECLINE","idempotencyKey":"{_NEW_KEY}"}}}}"""
    ),
}


def take_token(public_url: str, nick: str) -> str:
    """Return the command that takes a development token of a demo person from this very server."""
    read = _read('["accessToken"]')
    return f"TOKEN=$(curl -s -X POST '{public_url}/dev/token?as={nick}' | {read})"


def write_requests(operations: Iterable[Operation], public_url: str) -> Iterator[tuple[str, str]]:
    """Yield (name, commands) for each operation that has an example, in the order in which they build on each other."""
    by_name = {operation.name: operation for operation in operations}
    for name, example in _EXAMPLES.items():
        if name in by_name:
            yield name, _commands(by_name[name], example, public_url)


def _commands(operation: Operation, example: _Example, public_url: str) -> str:
    request = (
        f"curl -s {public_url}/graphql \\\n"
        "  -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' \\\n"
        f"""  -d '{{"documentId":"sha256:{operation.id}","variables":{example.variables}}}'"""
    )
    if example.keeps is None:
        return request
    variable, place = example.keeps
    read = _read('["data"]' + place)
    kept = f"""{variable}=$(printf '%s' "$ANSWER" | {read})"""
    return f"""ANSWER=$({request})\nprintf '%s\\n' "$ANSWER"\n{kept}"""


def _read(place: str) -> str:
    return f"python3 -c 'import json, sys; print(json.load(sys.stdin){place})'"
