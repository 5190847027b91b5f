"""The signer of v1: a detached PKCS#7/CMS message in DER, made with an RSA key of this process."""

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder

from identity.esia.signer import load_certificate_of, sha256_of_der

_OPTIONS = (PKCS7Options.DetachedSignature, PKCS7Options.Binary, PKCS7Options.NoCapabilities)


class CmsSigner:
    """RSA with SHA-256 in a CMS SignedData (RFC 5652) that carries the certificate but not the text."""

    def __init__(self, *, key: RSAPrivateKey, certificate_pem: bytes) -> None:
        """Take the key and its certificate.

        Raises:
            ValueError: The certificate is another key's.
        """
        self._certificate = load_certificate_of(key, certificate_pem)
        self._key = key

    @property
    def certificate_hash(self) -> str:
        """Hex SHA-256 over the certificate's DER; v1 does not send it."""
        return sha256_of_der(self._certificate)

    async def sign(self, text: bytes) -> bytes:
        """Return the message in DER; a millisecond of work, so it stays on the loop."""
        builder = PKCS7SignatureBuilder().set_data(text).add_signer(self._certificate, self._key, SHA256())
        return builder.sign(Encoding.DER, _OPTIONS)
