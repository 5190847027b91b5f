"""A few SQLite connections for reading, each with its thread; statements asked at the same time share a hop.

A hop to a thread and back costs several times a small statement. Whatever the tasks of one turn of the event loop
ask (the sections of a screen, and other requests that are ready) goes to a thread together.
"""

import asyncio
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

from backend.drivers.failures import operational_error
from backend.errors import DatabaseBusy

_MOST_TOGETHER = 16
_SLOW_SECONDS = 0.001
_STEPS_BETWEEN_LOOKS = 20_000
_KEPT_STATEMENTS = 512


@dataclass(frozen=True, slots=True, eq=False)
class _Question:
    """One statement; `answer` is resolved on its own event loop."""

    sql: str
    arguments: tuple[Any, ...]
    answer: asyncio.Future[list[Any]]
    patience: asyncio.TimerHandle


_Answers = list[tuple[_Question, list[Any] | BaseException]]


class SqliteReads:
    """A bounded number of reading threads; nothing is opened before the first statement."""

    def __init__(self, connect: Mapping[str, Any], *, most: int, wait_seconds: float, statement_seconds: float) -> None:
        """Say how to connect.

        Args:
            connect: Arguments of `sqlite3.connect`.
            most: So many threads at once.
            wait_seconds: How long a statement waits for one of them.
            statement_seconds: How long it may run.
        """
        self._connect = {**connect, "check_same_thread": False, "cached_statements": _KEPT_STATEMENTS}
        self._most = most
        self._wait_seconds = wait_seconds
        self._statement_seconds = statement_seconds
        self._threads: list[_ReadingThread] = []
        self._idle: list[_ReadingThread] = []
        self._asked: deque[_Question] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_handing_out = False

    async def fetch(self, sql: str, arguments: tuple[Any, ...]) -> Sequence[Sequence[Any]]:
        """Return the rows of one statement.

        Raises:
            DatabaseBusy: No thread was free in time, the file was locked, or the statement ran out of time.
            DatabaseUnavailable: The file cannot be read.
        """
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._begin_on(loop)
        answer: asyncio.Future[list[Any]] = loop.create_future()
        patience = loop.call_later(self._wait_seconds, _give_up, answer)
        self._asked.append(_Question(sql, arguments, answer, patience))
        if not self._is_handing_out:
            self._is_handing_out = True
            loop.call_soon(self._hand_out, loop)
        try:
            return await answer
        except sqlite3.Error as error:
            if (failure := operational_error(error)) is None:
                raise
            raise failure from error
        finally:
            patience.cancel()

    async def close(self) -> None:
        """Close every connection and end its thread; a later statement opens anew."""
        threads, self._threads, self._idle = self._threads, [], []
        for thread in threads:
            thread.batches.put(None)
        for thread in threads:
            await asyncio.to_thread(thread.join)

    def _hand_out(self, loop: asyncio.AbstractEventLoop) -> None:
        """Give what was asked to idle threads, together; what is left waits until one is done."""
        self._is_handing_out = False
        while self._asked and (thread := self._free_thread()) is not None:
            batch: list[_Question] = []
            while self._asked and len(batch) < _MOST_TOGETHER:
                question = self._asked.popleft()
                if not question.answer.done():
                    question.patience.cancel()
                    batch.append(question)
            thread.batches.put((loop, batch))

    def _free_thread(self) -> "_ReadingThread | None":
        if self._idle:
            return self._idle.pop()
        if len(self._threads) == self._most:
            return None
        thread = _ReadingThread(self._connect, self._statement_seconds, self._answered)
        self._threads.append(thread)
        thread.start()
        return thread

    def _answered(
        self, loop: asyncio.AbstractEventLoop, thread: "_ReadingThread", answers: _Answers, is_done: bool
    ) -> None:
        for question, rows in answers:
            if question.answer.done():
                continue
            if isinstance(rows, BaseException):
                question.answer.set_exception(rows)
            else:
                question.answer.set_result(rows)
        if is_done and thread in self._threads:
            self._idle.append(thread)
            self._hand_out(loop)

    def _begin_on(self, loop: asyncio.AbstractEventLoop) -> None:
        """Leave the threads of an event loop that is gone, and whatever was asked there, to their end."""
        for thread in self._threads:
            thread.batches.put(None)
        self._loop, self._threads, self._idle, self._is_handing_out = loop, [], [], False
        self._asked.clear()


class _ReadingThread(threading.Thread):
    """One connection and the thread that alone uses it; `batches` ends with None."""

    def __init__(self, connect: Mapping[str, Any], statement_seconds: float, answered: Any) -> None:
        super().__init__(name="sqlite-reads", daemon=True)
        self.batches: SimpleQueue[tuple[asyncio.AbstractEventLoop, list[_Question]] | None] = SimpleQueue()
        self._connect = connect
        self._statement_seconds = statement_seconds
        self._answered = answered
        self._question: _Question | None = None
        self._connection: sqlite3.Connection | None = None
        self._late_at = 0.0

    def run(self) -> None:
        """Answer batches until told to end."""
        while (batch := self.batches.get()) is not None:
            loop, questions = batch
            try:
                self._answer(loop, questions)
            except RuntimeError:  # the loop is closed: nobody waits any more
                break
        if self._connection is not None:
            self._connection.close()

    def _answer(self, loop: asyncio.AbstractEventLoop, questions: list[_Question]) -> None:
        answers: _Answers = []
        began = time.monotonic()
        for question in questions:
            if question.answer.done():
                continue
            answers.append((question, self._rows(question)))
            if (now := time.monotonic()) - began > _SLOW_SECONDS:  # the quick ones need not wait for the slow ones
                loop.call_soon_threadsafe(self._answered, loop, self, answers, False)
                answers, began = [], now
        loop.call_soon_threadsafe(self._answered, loop, self, answers, True)

    def _rows(self, question: _Question) -> list[Any] | BaseException:
        try:
            if self._connection is None:
                self._connection = self._open()
            self._question = question
            self._late_at = time.monotonic() + self._statement_seconds
            return self._connection.execute(question.sql, question.arguments).fetchall()
        except Exception as error:  # raised where it was asked
            return error

    def _open(self) -> sqlite3.Connection:
        """Return a connection that only reads; whoever writes has put the file in WAL mode."""
        connection: sqlite3.Connection = sqlite3.connect(**self._connect, isolation_level=None)
        try:
            connection.execute("PRAGMA query_only = ON")
        except sqlite3.Error:
            connection.close()
            raise
        connection.set_progress_handler(self._is_late, _STEPS_BETWEEN_LOOKS)
        return connection

    def _is_late(self) -> bool:
        """Tell SQLite to give up: the time is over, or nobody waits for the answer any more."""
        is_unwanted = self._question is not None and self._question.answer.done()
        return is_unwanted or time.monotonic() > self._late_at


def _give_up(answer: asyncio.Future[list[Any]]) -> None:
    if not answer.done():
        answer.set_exception(DatabaseBusy())
