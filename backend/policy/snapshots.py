"""How an answer of the register is kept as JSON and read back."""

from typing import Any

from pydantic import TypeAdapter

from backend.policy.values import PolicyRecord

_RECORD = TypeAdapter(PolicyRecord)


def dump_record(record: PolicyRecord) -> dict[str, Any]:
    """Return the record as JSON values."""
    dumped: dict[str, Any] = _RECORD.dump_python(record, mode="json")
    return dumped


def load_record(text: str) -> PolicyRecord:
    """Read a record back from the JSON that is kept; every value is checked again as it is made."""
    return _RECORD.validate_json(text)
