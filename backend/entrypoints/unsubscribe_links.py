"""The links of mails by which people leave a topic, built alike in every process that writes or reads them."""

from backend.entrypoints.addresses import public_url
from backend.settings import Settings
from notifications.unsubscribing import UnsubscribeLinks

UNSUBSCRIBE_PATH = "/unsubscribe"


def build_unsubscribe_links(settings: Settings) -> UnsubscribeLinks:
    """Build them of the settings: the secret of before the last change still reads."""
    chosen = settings.notifications.preferences
    secrets = [secret.encode() for secret in (chosen.secret, chosen.previous_secret) if secret]
    return UnsubscribeLinks(public_url(settings) + UNSUBSCRIBE_PATH, secrets)
