"""A simulated ESIA: a real HTTP app in both dialects, driven by a clock, that fails on command.

Source of its words: ESIA, «Методические рекомендации по использованию»; the differences from the real one are RSA in
the place of GOST, a page where one picks a person in the place of a password, and a JWKS beside the certificate.
"""

from collections.abc import Callable
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route

from identity.esia.dialects import DIALECTS, LOGOUT_PATH
from identity.esia.people import People, Population
from identity.esia.simulated_client import JWKS_PATH, RegisteredClient, SimulatorSettings
from identity.esia.simulated_control import ControlEndpoints
from identity.esia.simulated_keys import KeyRing
from identity.esia.simulated_rest import RestEndpoints
from identity.esia.simulated_sign_in import SignInEndpoint
from identity.esia.simulated_state import SimulatedState
from identity.esia.simulated_token_endpoint import TokenEndpoint
from identity.esia.simulated_tokens import TokenMint


def create_simulator(
    people: People, *, settings: SimulatorSettings, clock: Callable[[], datetime], key: RSAPrivateKey
) -> Starlette:
    """Build the app; it may be mounted under any prefix.

    Args:
        people: Everybody with an account; those with a nick are offered first.
        settings: The one registered client.
        clock: The present instant, aware UTC.
        key: Signs ESIA's tokens, until it is rotated.
    """
    keys = KeyRing(key, sends_kid=settings.sends_kid)
    state = SimulatedState(
        population=Population(people),
        settings=settings,
        client=RegisteredClient(settings),
        clock=clock,
        keys=keys,
        mint=TokenMint(keys=keys, client_id=settings.client_id, issuer=settings.issuer),
    )
    return Starlette(routes=[*_oauth(state), *_rest(state), *(_control(state) if settings.control else ())])


def _oauth(state: SimulatedState) -> list[BaseRoute]:
    found: list[BaseRoute] = []
    for dialect in DIALECTS.values():
        sign_in, token = SignInEndpoint(state, dialect), TokenEndpoint(state, dialect)
        found += [
            Route(dialect.authorize_path, sign_in.ask, methods=["GET"]),
            Route(dialect.authorize_path, sign_in.choose, methods=["POST"]),
            Route(dialect.token_path, token.give, methods=["POST"]),
        ]
    return found


def _rest(state: SimulatedState) -> list[BaseRoute]:
    rest = RestEndpoints(state)
    return [
        Route("/rs/prns/{oid:int}", rest.person, methods=["GET"]),
        Route("/rs/prns/{oid:int}/{collection}", rest.collection, methods=["GET"]),
        Route("/rs/prns/{oid:int}/{collection}/{element}", rest.element, methods=["GET"]),
        Route(JWKS_PATH, rest.jwks, methods=["GET"]),
        Route(LOGOUT_PATH, rest.log_out, methods=["GET"]),
    ]


def _control(state: SimulatedState) -> list[BaseRoute]:
    control = ControlEndpoints(state)
    return [
        Route("/_control/faults", control.faults, methods=["GET", "POST", "DELETE"]),
        Route("/_control/keys", control.keys, methods=["POST"]),
        Route("/_control/clock", control.clock, methods=["POST"]),
        Route("/_control/consents", control.consents, methods=["POST"]),
    ]
