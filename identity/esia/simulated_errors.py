"""Error codes of ESIA, as its simulator answers them. Source: ESIA guidelines, appendix "Коды ошибок"."""

from starlette.responses import JSONResponse

CODES = {
    "007002": ("unauthorized_client", "the certificate does not belong to the mnemonic"),
    "007003": ("invalid_request", "a parameter is not valid"),
    "007004": ("access_denied", "the person refused"),
    "007006": ("invalid_scope", "the scope is not known"),
    "007008": ("temporarily_unavailable", "the service is overloaded"),
    "007011": ("invalid_grant", "the code is not valid, expired, or another client's"),
    "007013": ("invalid_scope", "no scope"),
    "007014": ("invalid_request", "a parameter is missing"),
    "007015": ("invalid_request", "the time of the request is wrong"),
    "007019": ("unauthorized_client", "no permission"),
    "007023": ("invalid_request", "redirect_uri is not allowed"),
    "007039": ("invalid_request", "the code challenge or verifier is missing"),
    "007040": ("invalid_grant", "the code verifier does not match"),
    "007053": ("invalid_client", "client_secret is not valid"),
    "007055": ("access_denied", "the account is not confirmed"),
    "007194": ("access_denied", "the person is not an employee of the organisation"),
    "008010": ("invalid_client", "the client could not be authenticated"),
}


class EsiaError(Exception):
    """A request ESIA refuses; `code` is six digits."""

    def __init__(self, code: str) -> None:
        """Look the code's words up."""
        super().__init__(code)
        self.code = code

    @property
    def parameters(self) -> dict[str, str]:
        """`error` and `error_description`, for the callback and for a JSON answer."""
        error, words = CODES[self.code]
        return {"error": error, "error_description": f"ESIA-{self.code}: {words}"}


def failure(code: str, *, status: int = 400) -> JSONResponse:
    """Return the JSON answer of a failed request."""
    return JSONResponse(EsiaError(code).parameters, status_code=status)
