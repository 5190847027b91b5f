"""What the endpoints of the simulated ESIA share."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from identity.esia.people import EsiaPerson, Population
from identity.esia.simulated_client import EMPLOYEES, RegisteredClient, SimulatorSettings
from identity.esia.simulated_errors import EsiaError
from identity.esia.simulated_faults import Faults
from identity.esia.simulated_keys import KeyRing
from identity.esia.simulated_tokens import Consent, Shelf, TokenMint


@dataclass(slots=True)
class SimulatedState:
    """People, the one client, keys, faults and everything handed out; `skew` is added to the clock."""

    population: Population
    settings: SimulatorSettings
    client: RegisteredClient
    clock: Callable[[], datetime]
    keys: KeyRing
    mint: TokenMint
    faults: Faults = field(default_factory=Faults)
    codes: Shelf[Consent] = field(default_factory=Shelf)
    refresh_tokens: Shelf[Consent] = field(default_factory=Shelf)
    access_tokens: Shelf[tuple[Consent, datetime]] = field(default_factory=Shelf)
    withdrawn: dict[int, datetime] = field(default_factory=dict)
    skew: timedelta = timedelta()

    def now(self) -> datetime:
        """Return the instant this ESIA believes it is."""
        return self.clock() + self.skew

    def find_person(self, name: str, *, scopes: frozenset[str]) -> EsiaPerson:
        """Return the person of this nick or oid.

        Raises:
            EsiaError: 007004 nobody, 007055 not confirmed where that is asked, 007194 no employee where that is asked.
        """
        person = self.population.find(name)
        if person is None:
            raise EsiaError("007004")
        if self.settings.confirmed_only and not person.trusted:
            raise EsiaError("007055")
        if EMPLOYEES in scopes and not any(role.active for role in person.roles):
            raise EsiaError("007194")
        return person

    def require_permitted(self, consent: Consent) -> None:
        """Refuse what the person's permission no longer covers.

        Raises:
            EsiaError: 007019, expired or withdrawn.
        """
        withdrawn_at = self.withdrawn.get(consent.oid)
        expired = consent.permitted_until is not None and self.now() >= consent.permitted_until
        if expired or (withdrawn_at is not None and consent.authenticated_at <= withdrawn_at):
            raise EsiaError("007019")
