import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from backend.entrypoints.logs import HIDDEN, configure_logging, scrub


@pytest.fixture(autouse=True)
def _restored_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.parametrize(
    "text",
    [
        "SNILS 112-233-445 95 given",
        "policy 7756410835001233",
        "call +7(999)1234567 now",
        "write to anna@example.test",
        "Bearer abc.def.ghi",
        "token eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
        "phone 89991234567",
        "null value refused\nDETAIL:  Failing row contains (Орлова, Анна).",
        "1 error [type=string_type, input_value='Орлова', input_type=str]",
    ],
)
def test_hides_personal_identifiers_inside_any_text(text: str) -> None:
    scrubbed = scrub(None, "info", {"event": text, "nested": {"list": [text]}})
    assert HIDDEN in scrubbed["event"]
    assert HIDDEN in scrubbed["nested"]["list"][0]
    assert "Орлова" not in str(scrubbed)


@given(
    st.sampled_from(["snils", "family_name", "phone", "access_token", "authorization", "Variables", "address"]),
    st.text(),
)
def test_hides_whatever_stands_under_a_telling_key(key: str, value: str) -> None:
    assert scrub(None, "info", {key: value}) == {key: HIDDEN}


def test_keeps_ids_numbers_and_outcomes() -> None:
    event = {"event": "booked", "appointment_id": "018f6f7e-7a3c-7000-8000-000000000001", "duration_ms": 12, "ok": True}
    assert scrub(None, "info", dict(event)) == event


def test_one_json_line_also_for_exceptions_and_standard_loggers(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(as_json=True, final=False)
    try:
        raise ValueError("bad SNILS 112-233-445 95")
    except ValueError:
        structlog.get_logger("probe").exception("failed", person_id="p-1")
    logging.getLogger("standard").warning("mail to %s", "anna@example.test")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["event"] for line in lines] == ["failed", f"mail to {HIDDEN}"]
    assert "112-233-445" not in lines[0]["exception"]
    assert lines[0]["person_id"] == "p-1"


@pytest.mark.parametrize("value", [2**70, "half a character: \ud800", object])
def test_whatever_a_value_is_its_line_is_written(value: Any) -> None:
    stream = io.StringIO()
    configure_logging(as_json=True, final=False, stream=stream)
    structlog.get_logger("probe").info("odd", value=value)
    [line] = stream.getvalue().splitlines()
    assert json.loads(line)["event"] == "odd"


class _FullDisk(io.StringIO):
    def write(self, _text: str) -> int:
        raise OSError(28, "No space left on device")


def test_a_line_that_cannot_be_written_does_not_stop_who_logs_it() -> None:
    closed = io.StringIO()
    closed.close()
    for stream in (_FullDisk(), closed):
        configure_logging(as_json=True, final=False, stream=stream)
        structlog.get_logger("probe").info("lost")
