"""What differs between the versions of ESIA's OAuth, as data.

Source: ESIA, «Методические рекомендации по использованию», appendix on OAuth 2.0/OIDC: v1 with PKCS#7, v2/v3 with a
raw signature. A client is registered for one of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType

from identity.esia_settings import EsiaDialect

TIMESTAMP_FORMAT = "%Y.%m.%d %H:%M:%S +0000"
LOGOUT_PATH = "/idp/ext/Logout"


class SignatureForm(StrEnum):
    """What `client_secret` holds: the signature alone, or a detached PKCS#7/CMS message (RFC 5652) in DER."""

    RAW = "raw"
    CMS = "cms"


@dataclass(frozen=True, slots=True)
class Dialect:
    """Paths under the base URL, and which parameters are signed, in which order, without separators."""

    name: EsiaDialect
    authorize_path: str
    token_path: str
    signed_to_authorize: tuple[str, ...]
    signed_to_exchange: tuple[str, ...]
    signature: SignatureForm
    sends_certificate_hash: bool
    proves_key: bool
    """PKCE (RFC 7636): a challenge at authorize, the verifier with the code."""


V1 = Dialect(
    name=EsiaDialect.V1,
    authorize_path="/aas/oauth2/ac",
    token_path="/aas/oauth2/te",  # noqa: S106 # a path
    signed_to_authorize=("scope", "timestamp", "client_id", "state"),
    signed_to_exchange=("scope", "timestamp", "client_id", "state"),
    signature=SignatureForm.CMS,
    sends_certificate_hash=False,
    proves_key=False,
)
V2_V3 = Dialect(
    name=EsiaDialect.V2_V3,
    authorize_path="/aas/oauth2/v2/ac",
    token_path="/aas/oauth2/v3/te",  # noqa: S106 # a path
    signed_to_authorize=("client_id", "scope", "timestamp", "state", "redirect_uri"),
    signed_to_exchange=("client_id", "scope", "timestamp", "state", "redirect_uri", "code"),
    signature=SignatureForm.RAW,
    sends_certificate_hash=True,
    proves_key=True,
)
DIALECTS: Mapping[EsiaDialect, Dialect] = MappingProxyType({one.name: one for one in (V1, V2_V3)})


def text_to_sign(names: tuple[str, ...], parameters: Mapping[str, str]) -> bytes:
    """Return the bytes a signature covers; a parameter that is absent counts as empty."""
    return "".join(parameters.get(name, "") for name in names).encode()


def format_timestamp(instant: datetime) -> str:
    """Return `YYYY.MM.DD HH:MM:SS +0000` of an aware instant."""
    return instant.astimezone(UTC).strftime(TIMESTAMP_FORMAT)


def parse_timestamp(text: str) -> datetime:
    """Return the aware instant.

    Raises:
        ValueError: Another form, or an offset that is not +0000.
    """
    return datetime.strptime(text, TIMESTAMP_FORMAT).replace(tzinfo=UTC)
