"""What differs between the versions of ESIA's OAuth, as data.

Only v2/v3 (raw signature) is served here. The older v1 (`/aas/oauth2/ac` and `/te`, PKCS#7 over
scope+timestamp+client_id+state, no certificate hash) would be a second `Dialect` and a PKCS#7 `Signer`.

Source: ESIA, «Методические рекомендации по использованию», appendix on OAuth 2.0/OIDC v2 and v3.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

TIMESTAMP_FORMAT = "%Y.%m.%d %H:%M:%S +0000"


@dataclass(frozen=True, slots=True)
class Dialect:
    """Paths under the base URL, and which parameters are signed, in which order, without separators."""

    authorize_path: str
    token_path: str
    signed_to_authorize: tuple[str, ...]
    signed_to_exchange: tuple[str, ...]
    sends_certificate_hash: bool


V2_V3 = Dialect(
    authorize_path="/aas/oauth2/v2/ac",
    token_path="/aas/oauth2/v3/te",  # noqa: S106 # a path
    signed_to_authorize=("client_id", "scope", "timestamp", "state", "redirect_uri"),
    signed_to_exchange=("client_id", "scope", "timestamp", "state", "redirect_uri", "code"),
    sends_certificate_hash=True,
)


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
