"""The door through which a code reaches the caller."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from identity.call_ports import CallerCode
from notifications import outbox
from notifications.messages import Message, MessageKind, Severity


class MessageCodes:
    """Implements `identity.call_ports.CodeSender`: a message, which goes to the inbox, to the app and as an SMS."""

    async def send(self, session: AsyncSession, code: CallerCode, *, now: datetime) -> None:
        """Tell the person the code; nothing more of it is sent after it has ended."""
        message = Message(
            kind=MessageKind.CALLER_CODE,
            person_id=code.person_id,
            dedupe_key=f"{MessageKind.CALLER_CODE.value}:{code.call_id}:{code.number}",
            parameters={"code": code.code},
            severity=Severity.CRITICAL,
            expires_at=code.expires_at,
        )
        await outbox.enqueue(session, message, now=now)
