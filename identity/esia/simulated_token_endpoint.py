"""The token endpoint of the simulated ESIA, one for each dialect."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import uuid4

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from identity.esia.dialects import Dialect
from identity.esia.simulated_errors import EsiaError, failure
from identity.esia.simulated_faults import FaultKind, spoil
from identity.esia.simulated_sign_in import CLOCK_SKEW
from identity.esia.simulated_state import SimulatedState
from identity.esia.simulated_tokens import ACCESS_SECONDS, Consent


class TokenEndpoint:
    """Gives tokens for a code or a refresh token; each is good once."""

    def __init__(self, state: SimulatedState, dialect: Dialect) -> None:
        """Speak one dialect."""
        self._state = state
        self._dialect = dialect

    async def give(self, request: Request) -> Response:
        """Answer with both tokens, or with ESIA's code."""
        form = {name: str(value) for name, value in (await request.form()).items()}
        fault = self._state.faults.take("token")
        if spoiled := await spoil(fault):
            return spoiled
        try:
            self._state.client.require_redirect(form)
            consent = self._redeemed(form)
            person = self._state.find_person(str(consent.oid), scopes=frozenset(consent.scope.split()))
        except EsiaError as error:
            return failure(error.code)
        kind = None if fault is None else fault.kind
        now = self._state.now()
        access, identity = self._state.mint.mint(person, consent, now=now, fault=kind)
        self._state.access_tokens.put((consent, now + timedelta(seconds=ACCESS_SECONDS)), key=access)
        return JSONResponse(
            {
                "access_token": access,
                "id_token": identity,
                "state": str(uuid4()) if kind is FaultKind.WRONG_STATE else form["state"],
                "token_type": "Bearer",
                "expires_in": ACCESS_SECONDS,
                "refresh_token": self._state.refresh_tokens.put(consent),
            }
        )

    def _redeemed(self, form: Mapping[str, str]) -> Consent:
        if form.get("grant_type") == "refresh_token":
            return self._refreshed(form)
        if form.get("grant_type") != "authorization_code":
            raise EsiaError("007003")
        self._require_signed(form, self._dialect.signed_to_exchange)
        if self._dialect.proves_key and not form.get("code_verifier"):
            raise EsiaError("007039")
        consent = self._state.codes.take(form.get("code", ""))
        if consent is None or self._state.now() >= consent.expires_at:
            raise EsiaError("007011")
        if (form["redirect_uri"], self._dialect) != (consent.redirect_uri, consent.dialect):
            raise EsiaError("007011")
        if self._dialect.proves_key and create_s256_code_challenge(form["code_verifier"]) != consent.code_challenge:
            raise EsiaError("007040")
        return consent

    def _refreshed(self, form: Mapping[str, str]) -> Consent:
        self._require_signed(form, self._dialect.signed_to_authorize)
        consent = self._state.refresh_tokens.take(form.get("refresh_token", ""))
        if consent is None or consent.dialect is not self._dialect:
            raise EsiaError("007011")
        self._state.require_permitted(consent)
        return consent

    def _require_signed(self, form: Mapping[str, str], names: tuple[str, ...]) -> None:
        self._state.client.require_signed(form, self._dialect, names, now=self._state.now(), window=CLOCK_SKEW)
