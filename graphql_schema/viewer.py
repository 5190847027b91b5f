"""The signed-in person's own corner: the only place with links from a person upwards.

Each field asks its own service, so that one that is down leaves the others standing; they run at the same time.
"""

from typing import Annotated

import strawberry

from graphql_schema.booking.queries import AppointmentsOfViewer
from graphql_schema.calendars.queries import CalendarOfViewer
from graphql_schema.call_backs.queries import CallBacksOfViewer
from graphql_schema.connections import Connection
from graphql_schema.consents.queries import ConsentsOfViewer
from graphql_schema.context import Info
from graphql_schema.devices.queries import list_devices
from graphql_schema.devices.types import Device
from graphql_schema.family.queries import RepresentationOfViewer
from graphql_schema.fields import field
from graphql_schema.inbox.queries import list_changes, list_inbox
from graphql_schema.inbox.types import Notification, NotificationChanges
from graphql_schema.oversight.queries import OversightOfViewer
from graphql_schema.people import person_of
from graphql_schema.policy.types import Policy, to_policy
from graphql_schema.preferences.queries import PreferencesOfViewer
from graphql_schema.profile.queries import get_person
from graphql_schema.profile.types import Person
from graphql_schema.reception.queries import ReceptionOfViewer
from graphql_schema.release_queue.queries import ReleaseQueuesOfViewer
from graphql_schema.rights.queries import RightsOfViewer
from graphql_schema.scalars import SyncCursor
from graphql_schema.sign_ins.queries import list_sessions
from graphql_schema.sign_ins.types import Session
from graphql_schema.waiting_list.queries import WaitingListOfViewer
from identity.access import Action, require_signed_in, signed_in


@strawberry.type(
    description="The signed-in person and everything that is theirs; or somebody for whom they act (`actingFor`), and "
    "of that what this allows."
)
class Viewer(
    AppointmentsOfViewer,
    CalendarOfViewer,
    CallBacksOfViewer,
    ConsentsOfViewer,
    OversightOfViewer,
    PreferencesOfViewer,
    ReceptionOfViewer,
    ReleaseQueuesOfViewer,
    RightsOfViewer,
    WaitingListOfViewer,
):
    """What the home screen shows."""

    @field(description="Who the person is; null with a code in `errors` when it cannot be told now.")
    async def person(self, info: Info) -> Person | None:
        """Return the own profile."""
        return await get_person(info.context, self.person_id)

    @field(
        description="The own insurance policy; null with POLICY_NOT_FOUND when the register says there is none, "
        "with POLICY_SOURCE_UNAVAILABLE when the register is down."
    )
    async def policy(self, info: Info) -> Policy | None:
        """Return the own policy."""
        return to_policy(await info.context.services.policies.get_policy(info.context.principal, self.person_id))

    @field(description="The own messages, newest first.")
    async def inbox(
        self,
        info: Info,
        first: Annotated[int | None, strawberry.argument(description="How many: 20 by default, 100 at most.")] = None,
        after: Annotated[str | None, strawberry.argument(description="`endCursor` of the page before.")] = None,
    ) -> Connection[Notification] | None:
        """Return a page of the own inbox."""
        return await list_inbox(info.context, self.person_id, first=first, after=after)

    @field(
        description="What a phone's copy of the own inbox lacks, in the order of changes; a message that changed twice "
        "may come once."
    )
    async def notification_changes(
        self,
        info: Info,
        since: Annotated[
            SyncCursor | None, strawberry.argument(description="`nextCursor` of the last part; none for a new copy.")
        ] = None,
        first: Annotated[int | None, strawberry.argument(description="How many: 20 by default, 100 at most.")] = None,
    ) -> NotificationChanges | None:
        """Return changes of the own inbox."""
        return await list_changes(info.context, self.person_id, first=first, since=since)

    @field(
        description="The own devices that can be woken, the latest registered first, 20 at most; one's own only: "
        "ACCESS_REFUSED under `actingFor`."
    )
    async def devices(self, info: Info) -> list[Device] | None:
        """Return the own devices."""
        return await list_devices(info.context, self.person_id)

    @field(
        description="Where the person is signed in, the latest first, 100 at most; sessions that ended are not listed."
    )
    async def sessions(self, info: Info) -> list[Session] | None:
        """Return the own sessions."""
        return await list_sessions(info.context, self.person_id)

    @field(description="How many of the own messages are unread.")
    async def unread_count(self, info: Info) -> int | None:
        """Count the own unread messages."""
        return await info.context.services.inbox.count_unread(info.context.principal, self.person_id)

    @field(description="Who acts for whom; one's own only: ACCESS_REFUSED under `actingFor`.")
    async def representation(self, info: Info) -> RepresentationOfViewer | None:
        """Return the family's corner."""
        await info.context.services.family.relations.admit(info.context.principal, self.person_id)
        return RepresentationOfViewer(person_id=self.person_id)


@strawberry.type(description="Reading about oneself.")
class ViewerQueries:
    """Joined into the root of reading."""

    @field(description="The signed-in person; UNAUTHENTICATED when nobody is signed in.")
    def viewer(self, info: Info) -> Viewer | None:
        """Return the own corner."""
        actor = require_signed_in(info.context.principal, Action.READ_PROFILE)
        return Viewer(person_id=actor.person_id)

    @field(
        description="Somebody for whom the signed-in person acts: a child, a ward, an adult who trusts them, a caller "
        "of 122, an insured person. ACCESS_REFUSED when they do not, whether there is such a person or not; every look "
        "is in the person's access log."
    )
    async def acting_for(
        self,
        info: Info,
        person_id: Annotated[strawberry.ID, strawberry.argument(description="Global id of the person.")],
    ) -> Viewer | None:
        """Return the corner of somebody else."""
        context = info.context
        person = person_of(signed_in(context.principal), person_id)
        await context.services.profile.admit(context.principal, person)
        return Viewer(person_id=person)
