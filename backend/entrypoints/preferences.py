"""Joins what people want to be told: the service, and the links of mails by which they leave a topic."""

from backend.clock import Clock
from backend.database import Database
from backend.entrypoints.addresses import public_url
from backend.preferences.reading import PreferenceReader
from backend.preferences.service import PreferenceService
from backend.profile.contacts import Contacts
from backend.settings import Settings
from identity.access_control import AccessControl
from notifications.suppression import AddressHashes
from notifications.unsubscribing import UnsubscribeLinks

UNSUBSCRIBE_PATH = "/unsubscribe"


def build_preferences(settings: Settings, clock: Clock, database: Database, access: AccessControl) -> PreferenceService:
    """Build the service; it finds an address on the list as who sends does."""
    chosen = settings.notifications.preferences
    reader = PreferenceReader(Contacts(), AddressHashes(chosen.secret.encode()), chosen)
    return PreferenceService(database=database, access=access, clock=clock, reader=reader)


def build_unsubscribe_links(settings: Settings) -> UnsubscribeLinks:
    """Build them alike in every process that writes or reads them: the secret of before the last change still reads."""
    chosen = settings.notifications.preferences
    secrets = [secret.encode() for secret in (chosen.secret, chosen.previous_secret) if secret]
    return UnsubscribeLinks(public_url(settings) + UNSUBSCRIBE_PATH, secrets)
