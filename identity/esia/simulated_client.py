"""What the simulated ESIA knows of its one client, and how it checks a signed request."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from identity.esia.dialects import parse_timestamp, text_to_sign
from identity.esia.signer import is_signed_by, sha256_of_der
from identity.esia.simulated_errors import EsiaError

SCOPES = frozenset(
    {
        *("openid", "fullname", "birthdate", "birthplace", "gender", "snils", "inn"),
        *("id_doc", "medical_doc", "birth_cert_doc", "foreign_passport_doc", "drivers_licence_doc"),
        *("military_doc", "residence_doc", "temporary_residence_doc", "email", "mobile", "contacts", "addresses"),
        *("kid_fullname", "kid_birthdate", "kid_gender", "kid_snils", "kid_birth_cert_doc", "kid_medical_doc"),
    }
)
_SIGNED = ("client_id", "client_secret", "scope", "timestamp", "state", "redirect_uri", "client_certificate_hash")


@dataclass(frozen=True, slots=True)
class SimulatorSettings:
    """The registered client and the manners of the simulator; `certificate_pem` is the client's.

    `control` opens `/_control`; `confirmed_only` refuses other accounts with ESIA-007055.
    """

    client_id: str
    redirect_uris: tuple[str, ...]
    certificate_pem: bytes
    issuer: str = "http://esia.gosuslugi.ru/"
    control: bool = True
    confirmed_only: bool = False


class RegisteredClient:
    """Checks the requests of the one registered client."""

    def __init__(self, settings: SimulatorSettings) -> None:
        """Read the certificate.

        Raises:
            ValueError: Not an RSA certificate.
        """
        certificate = x509.load_pem_x509_certificate(settings.certificate_pem)
        key = certificate.public_key()
        if not isinstance(key, RSAPublicKey):
            raise ValueError("the simulator checks RSA signatures only")  # noqa: TRY004 # a wrong value, not a type
        self._key = key
        self._settings = settings
        self._certificate_hash = sha256_of_der(certificate)

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
        self, parameters: Mapping[str, str], names: tuple[str, ...], *, now: datetime, window: timedelta
    ) -> None:
        """Refuse a request that is not whole, not of this hour, or not signed by the client's certificate.

        Raises:
            EsiaError: 007014, 007006, 007013, 007015, 007002 or 007053.
        """
        if not parameters.get("scope", "").split():
            raise EsiaError("007013")
        if not all(parameters.get(name) for name in _SIGNED):
            raise EsiaError("007014")
        if not SCOPES.issuperset(parameters["scope"].split()):
            raise EsiaError("007006")
        try:
            asked_at = parse_timestamp(parameters["timestamp"])
        except ValueError as error:
            raise EsiaError("007015") from error
        if abs(now - asked_at) > window:
            raise EsiaError("007015")
        # A wrong hash (over the PEM, say) gives the same code as a wrong signature.
        if parameters["client_certificate_hash"].upper() != self._certificate_hash:
            raise EsiaError("007053")
        if not is_signed_by(self._key, secret=parameters["client_secret"], text=text_to_sign(names, parameters)):
            raise EsiaError("007053")
