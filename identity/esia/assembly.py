"""Builds the client of ESIA from its settings."""

from collections.abc import Callable
from datetime import datetime

import httpx2
from cryptography import x509

from identity.esia.client import EsiaClient
from identity.esia.cms_signer import CmsSigner
from identity.esia.command_signer import CommandSigner
from identity.esia.dialects import DIALECTS, SignatureForm
from identity.esia.jwks import EsiaKeys, FixedKeys, JwksKeys
from identity.esia.signer import RsaSigner, Signer
from identity.esia.signing_keys import SigningKey, SigningKeys
from identity.esia_settings import EsiaSettings, SignerKind, SigningKeySettings
from identity.keys import load_rsa_private_key, load_rsa_verification_key


def build_esia(settings: EsiaSettings, *, http: httpx2.AsyncClient, clock: Callable[[], datetime]) -> EsiaClient:
    """Build the client; nothing connects before it is first used, and `close` ends it.

    Raises:
        KeyUnusable: A key file holds another kind of key.
        OSError: A key file cannot be read.
        ValueError: A key is not given, or a certificate is another key's.
    """
    return EsiaClient(
        settings=settings,
        signing_keys=build_signing_keys(settings, clock=clock),
        keys=_build_keys(settings, http=http, clock=clock),
        http=http,
        clock=clock,
    )


def build_signing_keys(settings: EsiaSettings, *, clock: Callable[[], datetime]) -> SigningKeys:
    """Build the current key and, during a change, the next one; raises as `build_esia`."""
    keys = [_build_key("current", settings.current_key, settings)]
    if settings.next_key is not None:
        keys.append(_build_key("next", settings.next_key, settings))
    return SigningKeys(keys, clock=clock)


def _build_key(name: str, key: SigningKeySettings, settings: EsiaSettings) -> SigningKey:
    """A key signs while its certificate is valid; the settings may narrow that."""
    valid_from, valid_to = key.signs_from, key.signs_until
    if key.certificate.is_given:
        certificate = x509.load_pem_x509_certificate(key.certificate.read())
        since, until = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        valid_from = since if valid_from is None else max(since, valid_from)
        valid_to = until if valid_to is None else min(until, valid_to)
    return SigningKey(name=name, signer=_build_signer(key, settings), valid_from=valid_from, valid_to=valid_to)


def _build_signer(key: SigningKeySettings, settings: EsiaSettings) -> Signer:
    if settings.signer is SignerKind.COMMAND:
        if key.command is None:
            raise ValueError("no command signs our requests to ESIA")
        return CommandSigner(command=key.command, certificate_hash=key.certificate_hash)
    kind = CmsSigner if DIALECTS[settings.dialect].signature is SignatureForm.CMS else RsaSigner
    return kind(key=load_rsa_private_key(key.private_key.read()), certificate_pem=key.certificate.read())


def _build_keys(settings: EsiaSettings, *, http: httpx2.AsyncClient, clock: Callable[[], datetime]) -> EsiaKeys:
    if settings.jwks_url is not None:
        return JwksKeys(settings.jwks_url, http=http, clock=clock, timeout_seconds=settings.read_timeout_seconds)
    given = [one for one in (settings.verification_key, settings.next_verification_key) if one.is_given]
    return FixedKeys(*(load_rsa_verification_key(one.read()) for one in given))
