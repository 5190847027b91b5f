"""Logging of the process: one JSON line an event, scrubbed of personal data before it is written (S43)."""

import json
import logging
import re
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any, TextIO

import orjson
import structlog
from structlog.types import EventDict, Processor, WrappedLogger

HIDDEN = "[hidden]"

_SECRET_KEYS = re.compile(
    r"name|patronymic|snils|enp|policy_number|phone|mobile|email|address|birth|latitude|longitude|coordinates"
    r"|token|secret|password|authorization|cookie|code_verifier|state$|variables|query$|body|text$",
    re.IGNORECASE,
)
_HARMLESS_KEYS = frozenset({"event_name", "operation_name", "logger_name", "service_name", "error_name"})
# What a personal identifier looks like inside a free text: SNILS, ENP, phone, e-mail, JWT, bearer; and where
# PostgreSQL and pydantic quote the values they refuse, names among them.
_SECRET_TEXT = re.compile(
    r"\b\d{3}-\d{3}-\d{3}[ -]\d{2}\b|\b\d{16}\b|\b\d{11}\b|\+7[\d() -]{10,16}|[\w.+-]+@[\w-]+\.[\w.]+"
    r"|eyJ[\w-]+\.[\w-]+\.[\w-]*|[Bb]earer\s+\S+"
    r"|(?<=DETAIL: ).+|(?<=input_value=).+?(?=, input_type=|$)"
)


def scrub(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Hide values under telling keys, and telling patterns inside any text, at every depth."""
    return {key: _scrubbed(key, value) for key, value in event.items()}


@lru_cache(maxsize=1_024)
def _is_telling(key: str) -> bool:
    return key not in _HARMLESS_KEYS and _SECRET_KEYS.search(key) is not None


def _scrubbed(key: str, value: Any) -> Any:
    if value is not None and _is_telling(key):
        return HIDDEN
    if isinstance(value, str):
        return _SECRET_TEXT.sub(HIDDEN, value)
    if isinstance(value, Mapping):
        return {inner: _scrubbed(str(inner), item) for inner, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_scrubbed("", item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return _SECRET_TEXT.sub(HIDDEN, str(value))


def configure_logging(*, as_json: bool, level: str = "INFO", stream: TextIO | None = None, final: bool = True) -> None:
    """Send structlog and the standard library's loggers through one scrubber.

    Args:
        as_json: One JSON object a line; otherwise a coloured line for a developer's terminal.
        level: Name of the lowest level written; chatty libraries, some of which quote values, only warn.
        stream: Where to write; standard error by default.
        final: Loggers keep what they were given at their first line, which is faster; a test that must leave no trace
            says no.
    """
    written = stream or sys.stderr
    cleaned: list[Processor] = [structlog.contextvars.merge_contextvars, structlog.processors.format_exc_info, scrub]
    marked: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer = _renderer(as_json=as_json)
    structlog.configure(
        processors=[*cleaned, *marked, renderer],
        logger_factory=lambda *names: _LineLogger(written, *names),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        cache_logger_on_first_use=final,
    )
    handler = logging.StreamHandler(written)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=marked,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *cleaned, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for noisy in ("aiosqlite", "alembic", "apscheduler", "asyncio", "faker", "httpcore2", "httpx2", "sqlalchemy"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


class _LineLogger:
    """Writes what is rendered as one line at once; without the standard library's records, which cost five times it.

    A line that cannot be written (a full disk, a reader that has gone) is lost, and who logs it goes on.
    """

    def __init__(self, stream: TextIO, name: str = "root") -> None:
        self._stream = stream
        self.name = name

    def msg(self, line: str) -> None:
        with suppress(OSError, ValueError):  # the latter where the stream is closed
            self._stream.write(line + "\n")
            self._stream.flush()

    debug = info = warning = error = critical = exception = msg


def _renderer(*, as_json: bool) -> Processor:
    if as_json:
        return structlog.processors.JSONRenderer(serializer=_json)
    return structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)


def _json(event: EventDict, **_options: Any) -> str:
    try:
        return orjson.dumps(event, default=str).decode()
    except TypeError:  # a number of more than 64 bits, or half a character
        return json.dumps(event, default=str)
