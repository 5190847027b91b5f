"""The doors through which a code reaches the caller."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from identity.call_ports import CallerCode
from notifications import outbox
from notifications.messages import Message, MessageKind


class InboxCodes:
    """Implements `identity.call_ports.CodeSender`: a message in the app; SMS is to be a door of the same form."""

    async def send(self, session: AsyncSession, code: CallerCode, *, now: datetime) -> None:
        """Put the code into the person's inbox; it wakes no one after it has ended."""
        message = Message(
            kind=MessageKind.CALLER_CODE,
            person_id=code.person_id,
            dedupe_key=f"{MessageKind.CALLER_CODE.value}:{code.call_id}:{code.number}",
            parameters={"code": code.code},
            expires_at=code.expires_at,
        )
        await outbox.enqueue(session, message, now=now)
