"""Our requests to ESIA's two OAuth endpoints, signed in the dialect of our client."""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import uuid4

import httpx2
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from pydantic import ValidationError

from identity.errors import EsiaAnswerInvalid
from identity.esia.dialects import DIALECTS, format_timestamp, text_to_sign
from identity.esia.errors import KEY_REFUSED
from identity.esia.oauth_wire import TokenAnswer
from identity.esia.permissions import encode_permissions
from identity.esia.signer import encode_secret
from identity.esia.signing_keys import SigningKey, SigningKeys
from identity.esia.transport import EsiaRefused, fetch_json
from identity.esia_settings import EsiaSettings


class SignedRequests:
    """Signs with the key whose turn it is; what ESIA says of a key decides whose turn is next."""

    def __init__(
        self,
        *,
        settings: EsiaSettings,
        signing_keys: SigningKeys,
        http: httpx2.AsyncClient,
        clock: Callable[[], datetime],
    ) -> None:
        """Take our keys and where to send."""
        self._settings = settings
        self._signing_keys = signing_keys
        self._http = http
        self._clock = clock
        self._dialect = DIALECTS[settings.dialect]

    async def authorization_url(self, *, state: str, verifier: str, redirect_uri: str, ask_again: bool = False) -> str:
        """Return the signed address of the authorization request."""
        names = self._dialect.signed_to_authorize
        signed = await self._signed(
            self._signing_keys.in_turn()[0], names, {"state": state, "redirect_uri": redirect_uri}
        )
        more: dict[str, str] = {}
        if self._dialect.proves_key:
            more |= {"code_challenge": create_s256_code_challenge(verifier), "code_challenge_method": "S256"}
        if self._settings.permissions:
            more["permissions"] = encode_permissions(self._settings.permissions)
        if ask_again:
            more["prompt"] = "login"
        base = self._settings.browser_base_url or self._settings.base_url
        url: str = prepare_grant_uri(
            base + self._dialect.authorize_path,
            response_type="code",
            access_type=self._settings.access_type,
            **more,
            **signed,
        )
        return url

    async def exchange(self, *, code: str, verifier: str, redirect_uri: str) -> TokenAnswer:
        """Give a code for tokens; a key that ESIA refuses is followed by the other one.

        Raises:
            IdentityRefusal: The code or the person is refused.
            IdentityOperational: No answer, one that cannot be trusted, or ESIA does not accept us.
        """
        more = {"code_verifier": verifier} if self._dialect.proves_key else {}
        return await self._ask({"grant_type": "authorization_code", "code": code, **more}, redirect_uri)

    async def refresh(self, *, refresh_token: str, redirect_uri: str) -> TokenAnswer:
        """Give a refresh token for new tokens; raises as `exchange`."""
        return await self._ask({"grant_type": "refresh_token", "refresh_token": refresh_token}, redirect_uri)

    async def confirm_refusal(self, esia_code: str, *, redirect_uri: str) -> None:
        """Ask ESIA itself whether it refuses our key, as a browser brought back; only then the other one comes first.

        Anybody can bring an error back in a browser, so that alone moves nothing.
        """
        if esia_code not in KEY_REFUSED or len(valid := self._signing_keys.in_turn()) < 2:
            return
        try:
            # No code is ever called so: a key that is accepted is told ESIA-007011.
            await self._post(valid[0], {"grant_type": "authorization_code", "code": str(uuid4())}, redirect_uri)
        except EsiaRefused as refused:
            if refused.esia_code in KEY_REFUSED:
                self._signing_keys.note_refused(valid[0], esia_code=refused.esia_code)

    async def _ask(self, body: Mapping[str, str], redirect_uri: str) -> TokenAnswer:
        *earlier, last = self._signing_keys.in_turn()
        for key in earlier:
            try:
                return await self._post(key, body, redirect_uri)
            except EsiaRefused as refused:
                if refused.esia_code not in KEY_REFUSED:
                    raise refused.failure from refused
                self._signing_keys.note_refused(key, esia_code=refused.esia_code)
        try:
            return await self._post(last, body, redirect_uri)
        except EsiaRefused as refused:
            raise refused.failure from refused

    async def _post(self, key: SigningKey, body: Mapping[str, str], redirect_uri: str) -> TokenAnswer:
        """Send one signed form; a refresh is signed as an authorization request, for it has no code."""
        state = str(uuid4())
        names = self._dialect.signed_to_exchange if "code" in body else self._dialect.signed_to_authorize
        signed = await self._signed(key, names, {"state": state, "redirect_uri": redirect_uri, **body})
        url = self._settings.base_url + self._dialect.token_path
        request = self._http.build_request("POST", url, data={**signed, "token_type": "Bearer"})
        try:
            answer = TokenAnswer.model_validate(await fetch_json(self._http, request))
        except ValidationError:
            # The cause holds tokens: they must not reach a log.
            raise EsiaAnswerInvalid from None
        if answer.state != state:
            raise EsiaAnswerInvalid
        return answer

    async def _signed(self, key: SigningKey, names: tuple[str, ...], parameters: Mapping[str, str]) -> dict[str, str]:
        complete = {
            "client_id": self._settings.client_id,
            "scope": " ".join(self._settings.scopes),
            "timestamp": format_timestamp(self._clock()),
            **parameters,
        }
        complete["client_secret"] = encode_secret(await key.signer.sign(text_to_sign(names, complete)))
        if self._dialect.sends_certificate_hash:
            complete["client_certificate_hash"] = key.signer.certificate_hash
        return complete
