"""Signs in at an ESIA with the library `esia-connector`, which knows nothing of ours; prints what it learnt as JSON.

Arguments: ESIA's address, mnemonic, redirect, certificate file, key file, file of ESIA's public key, whom to pick.
"""

import json
import sys
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import requests  # type: ignore[import-untyped,unused-ignore] # lives in the environment of this script
from esia_connector.client import (  # type: ignore[import-not-found,unused-ignore] # lives in the environment of this script
    EsiaAuth,
    EsiaSettings,
)

SCOPES = "openid fullname birthdate gender snils email mobile addresses medical_doc"


def sign_in(arguments: list[str]) -> str:
    url, client_id, redirect, certificate, key, check_key, person = arguments
    settings = EsiaSettings(
        esia_client_id=client_id,
        redirect_uri=redirect,
        certificate_file=certificate,
        private_key_file=key,
        esia_service_url=url,
        esia_scope=SCOPES,
        esia_token_check_key=check_key,
    )
    auth, state = EsiaAuth(settings), str(uuid4())
    chosen = requests.post(auth.get_auth_url(state=state), data={"person": person}, allow_redirects=False, timeout=60)
    back = dict(parse_qsl(urlsplit(chosen.headers["Location"]).query))
    if back["state"] != state:
        raise SystemExit("another state came back")
    account = auth.complete_authorization(back["code"], back["state"], validate_token=True)
    learnt = {
        "oid": account.oid,
        "person": account.get_person_main_info(),
        "contacts": account.get_person_contacts(),
        "addresses": account.get_person_addresses(),
        "documents": account.get_person_documents(),
    }
    return json.dumps(learnt)


if __name__ == "__main__":
    sys.stdout.write(sign_in(sys.argv[1:]))
