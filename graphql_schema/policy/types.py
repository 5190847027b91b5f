"""A policy as clients see it."""

from enum import Enum

import strawberry

from backend.policy.values import KnownPolicy
from graphql_schema.scalars import Date, DateTime, Enp, PhoneNumber


@strawberry.enum(description="Kind of a policy of compulsory medical insurance.")
class PolicyKind(Enum):
    """Kind."""

    OLD = strawberry.enum_value("old", description="A policy with series and number, given out before 2011.")
    TEMPORARY = strawberry.enum_value("temporary", description="A temporary certificate of nine digits.")
    UNIFIED = strawberry.enum_value("unified", description="A unified policy with an ENP of 16 digits.")


@strawberry.enum(description="State of the insurance.")
class PolicyStatus(Enum):
    """State."""

    ACTIVE = strawberry.enum_value("active", description="The person is insured.")
    CLOSED = strawberry.enum_value("closed", description="The policy is no longer valid.")
    SUSPENDED = strawberry.enum_value("suspended", description="The insurance rests, as during military service.")


@strawberry.type(description="An insurance company.")
class Insurer:
    """Who insures."""

    name: str = strawberry.field(description="Name of the company.")
    phone: PhoneNumber | None = strawberry.field(description="Telephone for insured people, where it is known.")
    ogrn: str | None = strawberry.field(description="State registration number, 13 digits, where it is known.")


@strawberry.type(description="A policy of compulsory medical insurance, as the register of insured people knows it.")
class Policy:
    """What the register said, and when."""

    kind: PolicyKind = strawberry.field(description="Kind of the policy.")
    status: PolicyStatus = strawberry.field(description="State of the insurance.")
    enp: Enp | None = strawberry.field(description="Unified number; always there for a unified policy.")
    series: str | None = strawberry.field(description="Series of an old policy.")
    number: str | None = strawberry.field(description="Number of an old policy or a temporary certificate.")
    insurer: Insurer = strawberry.field(description="The insurance company.")
    valid_from: Date = strawberry.field(description="First day of the insurance.")
    region: str = strawberry.field(description="Region where the person is insured.")
    as_of: DateTime = strawberry.field(description="When the register vouched for these data.")
    is_stale: bool = strawberry.field(
        description="True when the register is down and this is what it said earlier: show `asOf` with it."
    )


def to_policy(known: KnownPolicy) -> Policy:
    """Show a policy to its owner."""
    policy = known.policy
    phone = policy.insurer.phone
    return Policy(
        kind=PolicyKind(policy.kind.value),
        status=PolicyStatus(policy.status.value),
        enp=Enp(policy.enp.digits) if policy.enp else None,
        series=policy.series,
        number=policy.number,
        insurer=Insurer(
            name=policy.insurer.name, phone=PhoneNumber(phone.e164) if phone else None, ogrn=policy.insurer.ogrn
        ),
        valid_from=policy.valid_from,
        region=policy.region,
        as_of=known.as_of,
        is_stale=known.is_stale,
    )
