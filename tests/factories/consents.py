"""A register of consents and everything around it, without the graph."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

from backend.clock import SettableClock
from backend.consents.service import ConsentService, Wish
from backend.database import Database
from identity.access_control import AccessControl
from identity.capacities import Capacity
from identity.consent_values import Consent, ConsentId, Recipient, RecipientKind
from identity.consent_wordings import ConsentText, ConsentTexts, ConsentWording, consent_texts
from identity.consents import ConsentMandates
from identity.principal import ActorKind, PersonId, Principal
from tests.factories.access import access_control
from tests.factories.people import NOW, make_principal

OGRN = "1027700132195"
OTHER_OGRN = "1187746123454"
CLINICIAN_ACCESS = "clinician_access"
AMBULANCE_ACCESS = "ambulance_access"


def clinician(organization: str | None = OGRN, *, kind: ActorKind = ActorKind.CLINICIAN) -> Principal:
    """Return a clinician at work."""
    return staff(kind, organization)


def staff(kind: ActorKind, organization: str | None = OGRN) -> Principal:
    """Return somebody at work, at an hour that does not matter."""
    made = make_principal(kind=kind, expires_at=datetime(2100, 1, 1, tzinfo=UTC))
    return Principal(
        kind=made.kind,
        person_id=made.person_id,
        assurance=made.assurance,
        session_id=made.session_id,
        expires_at=made.expires_at,
        organization=organization,
    )


def shipped(purpose: str = CLINICIAN_ACCESS) -> ConsentText:
    """Return the first version of a text that is shipped."""
    found = consent_texts().version(purpose, 1)
    assert found is not None
    return found


def widened(text: ConsentText, *, version: int, valid_from: datetime, **changes: object) -> ConsentText:
    """Return a later version of a text, with hashes of its own."""
    wordings = {
        language: ConsentWording(language, one.title, f"{one.text}{version}", f"{version:02}{one.hash[2:]}", one.parts)
        for language, one in text.wordings.items()
    }
    said: dict[str, object] = {
        "recipients": text.recipients,
        "longest": text.longest,
        "opens": text.opens,
        "rights": text.rights,
        **changes,
    }
    return ConsentText(text.purpose, version, valid_from, wordings=wordings, **said)  # type: ignore[arg-type] # as given


@dataclass
class Register:
    """One person's register, with the clinician who would like to see their data."""

    database: Database
    texts: ConsentTexts = field(default_factory=consent_texts)
    clock: SettableClock = field(default_factory=lambda: SettableClock(NOW))
    access: AccessControl = field(init=False)
    service: ConsentService = field(init=False)

    def __post_init__(self) -> None:
        """Join the register to the access control that asks it."""
        self.access = access_control(self.database, self.clock, ConsentMandates(self.texts))
        self.service = ConsentService(database=self.database, access=self.access, clock=self.clock, texts=self.texts)

    def wish(
        self,
        recipient: Recipient | None = None,
        *,
        purpose: str = CLINICIAN_ACCESS,
        lasts: timedelta | None = None,
        language: str = "ru",
        version: int | None = None,
    ) -> Wish:
        """Return a wish to sign the text that is asked now."""
        text = self.texts.version(purpose, version) if version else self.texts.current(purpose, self.clock())
        assert text is not None
        if recipient is None:
            takes_anybody = RecipientKind.PURPOSE in text.recipients
            recipient = Recipient.of_purpose() if takes_anybody else Recipient.organization(OGRN)
        text_hash = text.wordings["en" if language == "en" else "ru"].hash
        return Wish(purpose, text_hash, recipient, self.clock() + lasts if lasts else None)

    async def give(self, actor: Principal, wish: Wish | None = None, *, key: UUID | None = None) -> Consent:
        """Sign for oneself."""
        outcome = await self.service.give(actor, actor.person_id, wish or self.wish(), idempotency_key=key or uuid7())
        return outcome.value

    async def withdraw(self, actor: Principal, consent_id: ConsentId, *, key: UUID | None = None) -> Consent:
        """Withdraw one's own."""
        outcome = await self.service.withdraw(actor, actor.person_id, consent_id, idempotency_key=key or uuid7())
        return outcome.value


CLINICIAN_CAPACITY = Capacity.CLINICIAN_BY_CONSENT
NOBODY = PersonId(UUID(int=0))
