"""Stock Strawberry's subscriptions: one topic, each publication sent to every watcher."""

import asyncio
from collections.abc import AsyncGenerator

import strawberry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from strawberry.asgi import GraphQL

from graphql_schema.fields import field, subscription


@strawberry.type
class Notification:
    id: strawberry.ID
    kind: str
    severity: str
    title: str
    body: str
    created_at: str
    seen_at: str | None


@strawberry.type
class InboxUpdate:
    unread_count: int
    latest: Notification | None


class Topic:
    """The present state, and who waits for the next one."""

    def __init__(self) -> None:
        """Begin with an empty inbox."""
        self.state = InboxUpdate(unread_count=0, latest=None)
        self._waiting: set[asyncio.Queue[InboxUpdate]] = set()

    def publish(self, state: InboxUpdate) -> None:
        """Give everybody the new state."""
        self.state = state
        for queue in self._waiting:
            queue.put_nowait(state)

    async def watch(self) -> AsyncGenerator[InboxUpdate, None]:
        """Yield the present state and each that follows."""
        queue: asyncio.Queue[InboxUpdate] = asyncio.Queue()
        self._waiting.add(queue)
        try:
            yield self.state
            while True:
                yield await queue.get()
        finally:
            self._waiting.discard(queue)


def create_ticker() -> Starlette:
    """Serve `inboxChanged`; `POST /publish` takes the next state as JSON in the names of the schema."""
    topic = Topic()

    @strawberry.type
    class Query:
        @field(description="Something to ask.")
        def unread_count(self) -> int:
            return topic.state.unread_count

    @strawberry.type
    class Subscription:
        @subscription(description="The state of the inbox.")
        async def inbox_changed(self) -> AsyncGenerator[InboxUpdate, None]:
            async for state in topic.watch():
                yield state

    async def publish(request: Request) -> Response:
        given = await request.json()
        latest = given["latest"]
        message = Notification(
            id=latest["id"],
            kind=latest["kind"],
            severity=latest["severity"],
            title=latest["title"],
            body=latest["body"],
            created_at=latest["createdAt"],
            seen_at=latest["seenAt"],
        )
        topic.publish(InboxUpdate(unread_count=given["unreadCount"], latest=message))
        return Response(status_code=204)

    view: GraphQL[object, None] = GraphQL(strawberry.Schema(Query, subscription=Subscription), graphql_ide=None)
    routes = [Route("/publish", publish, methods=["POST"]), Route("/graphql", view), WebSocketRoute("/graphql", view)]
    return Starlette(routes=routes)
