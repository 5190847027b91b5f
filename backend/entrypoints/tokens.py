"""What issues and checks our access tokens, by the settings of the whole."""

from backend.clock import Clock
from backend.entrypoints.addresses import public_url
from backend.settings import Settings
from identity.keys import load_ec_private_key, load_ec_public_key
from identity.settings import IdentitySettings
from identity.tokens import AccessTokens


def identity_settings(settings: Settings) -> IdentitySettings:
    """Return the settings of identity, with our public address as the issuer of tokens."""
    return settings.identity.served_at(public_url(settings))


def build_tokens(settings: Settings, clock: Clock) -> AccessTokens:
    """Build what issues and checks access tokens.

    Raises:
        KeyUnusable: A key file holds another kind of key.
    """
    identity = identity_settings(settings)
    previous = identity.tokens.previous_key
    return AccessTokens(
        signing_key=load_ec_private_key(identity.tokens.signing_key.read()),
        settings=identity.tokens,
        clock=clock,
        previous_keys=(load_ec_public_key(previous.read()),) if previous.is_given else (),
    )
