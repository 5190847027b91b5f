"""What the simulated ESIA knows of its one client, and how it checks a signed request."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from identity.esia.cms_message import CmsUnreadable, read_cms
from identity.esia.dialects import Dialect, SignatureForm, parse_timestamp, text_to_sign
from identity.esia.signer import decode_secret, is_signed_by, sha256_of_der
from identity.esia.simulated_errors import EsiaError

JWKS_PATH = "/jwks.json"
"""Where the simulator publishes its keys; ESIA itself publishes a certificate."""
EMPLOYEES = "usr_org"
"""The scope that only employees of an organisation can be asked for (config)."""

SCOPES = frozenset(
    {
        *("openid", "fullname", "birthdate", "birthplace", "gender", "snils", "inn"),
        *("id_doc", "medical_doc", "birth_cert_doc", "foreign_passport_doc", "drivers_licence_doc"),
        *("military_doc", "residence_doc", "temporary_residence_doc", "email", "mobile", "contacts", "addresses"),
        EMPLOYEES,
        *("kid_fullname", "kid_birthdate", "kid_gender", "kid_snils", "kid_birth_cert_doc", "kid_medical_doc"),
    }
)
_SIGNED = ("client_id", "client_secret", "scope", "timestamp", "state", "redirect_uri")


@dataclass(frozen=True, slots=True)
class SimulatorSettings:
    """The registered client and the manners of the simulator.

    `certificate_pem` is the client's, `next_certificate_pem` a second one during a change. `control` opens
    `/_control`; `confirmed_only` refuses other accounts with ESIA-007055; `sends_kid` names the key in tokens, which
    ESIA does not.
    """

    client_id: str
    redirect_uris: tuple[str, ...]
    certificate_pem: bytes
    issuer: str = "http://esia.gosuslugi.ru/"
    control: bool = True
    confirmed_only: bool = False
    next_certificate_pem: bytes | None = None
    sends_kid: bool = False


class RegisteredClient:
    """Checks the requests of the one registered client."""

    def __init__(self, settings: SimulatorSettings) -> None:
        """Read the certificates.

        Raises:
            ValueError: Not an RSA certificate.
        """
        given = (settings.certificate_pem, settings.next_certificate_pem)
        self._certificates = tuple(x509.load_pem_x509_certificate(pem) for pem in given if pem is not None)
        if not all(isinstance(one.public_key(), RSAPublicKey) for one in self._certificates):
            raise ValueError("the simulator checks RSA signatures only")
        self._settings = settings

    def require_redirect(self, parameters: Mapping[str, str]) -> str:
        """Return the redirect; before it is known to be right nobody may be sent there.

        Raises:
            EsiaError: 008010 for another client, 007023 for another redirect.
        """
        if parameters.get("client_id") != self._settings.client_id:
            raise EsiaError("008010")
        if (redirect_uri := parameters.get("redirect_uri", "")) not in self._settings.redirect_uris:
            raise EsiaError("007023")
        return redirect_uri

    def require_signed(
        self,
        parameters: Mapping[str, str],
        dialect: Dialect,
        names: tuple[str, ...],
        *,
        now: datetime,
        window: timedelta,
    ) -> None:
        """Refuse a request that is not whole, not of this hour, or not signed by a certificate of the client.

        Raises:
            EsiaError: 007014, 007006, 007013, 007015, 007002 or 007053.
        """
        if not parameters.get("scope", "").split():
            raise EsiaError("007013")
        needed = (*_SIGNED, "client_certificate_hash") if dialect.sends_certificate_hash else _SIGNED
        if not all(parameters.get(name) for name in needed):
            raise EsiaError("007014")
        if not SCOPES.issuperset(parameters["scope"].split()):
            raise EsiaError("007006")
        try:
            asked_at = parse_timestamp(parameters["timestamp"])
        except ValueError as error:
            raise EsiaError("007015") from error
        if abs(now - asked_at) > window:
            raise EsiaError("007015")
        try:
            signature = decode_secret(parameters["client_secret"])
        except ValueError as error:
            raise EsiaError("007053") from error
        text = text_to_sign(names, parameters)
        if dialect.signature is SignatureForm.CMS:
            self._require_cms(signature, text)
        else:
            self._require_raw(signature, text, parameters["client_certificate_hash"])

    def _require_raw(self, signature: bytes, text: bytes, certificate_hash: str) -> None:
        """A wrong hash (over the PEM, say) gives the same code as a wrong signature."""
        for certificate in self._certificates:
            key = certificate.public_key()
            if (
                isinstance(key, RSAPublicKey)
                and sha256_of_der(certificate) == certificate_hash.upper()
                and is_signed_by(key, signature=signature, text=text)
            ):
                return
        raise EsiaError("007053")

    def _require_cms(self, signature: bytes, text: bytes) -> None:
        try:
            message = read_cms(signature)
        except CmsUnreadable as error:
            raise EsiaError("007053") from error
        carried = [one for one in self._certificates if not message.carries_another_certificate(one)]
        if not carried:
            raise EsiaError("007002")
        if not any(message.is_signed_by(one, text=text) for one in carried):
            raise EsiaError("007053")
