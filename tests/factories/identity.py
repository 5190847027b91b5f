"""An identity of our own to test with: keys, a region of people, a simulated ESIA and our routes, all served."""

import base64
import hashlib
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.applications import Starlette

from backend.clock import SettableClock
from backend.database import Database
from backend.errors import DatabaseBusy, DatabaseUnavailable
from backend.sign_ins.queries import read_live
from identity.admission import Admission, Guards
from identity.client_assertions import ClientAssertions
from identity.dpop import DpopProofs
from identity.esia.client import EsiaClient
from identity.esia.cms_signer import CmsSigner
from identity.esia.jwks import FixedKeys
from identity.esia.people import EsiaPerson, SimulatedDocument, SimulatedKid, SimulatedRole
from identity.esia.signer import RsaSigner
from identity.esia.signing_keys import SigningKey, SigningKeys
from identity.esia.simulated_client import SimulatorSettings
from identity.esia.simulator import create_simulator
from identity.esia.transport import open_http
from identity.esia_settings import EsiaDialect, EsiaSettings
from identity.keys import make_certificate, make_ec_key, make_rsa_key
from identity.live_sessions import LiveSessions
from identity.ports import Birth, PersonFacts
from identity.principal import PersonId
from identity.replays import MemoryReplays
from identity.routes import routes
from identity.settings import IdentitySettings, ThrottleSettings
from identity.throttling import Throttle
from identity.tokens import AccessTokens
from tests.factories.devices import DeviceKey
from tests.plugins.http import http_client
from tests.plugins.serving import free_listener, serving

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
CLIENT_ID = "ZDOROVYE_DEV"
APP_REDIRECT = "ru.moezdorovye.ios:/signed-in"

PATIENT_WITH_ESIA: dict[str, Any] = {
    "connect_timeout_seconds": 20,
    "read_timeout_seconds": 20,
    "deadline_seconds": 40,
}
"""A busy test machine is no reason to fail: what tests of time-outs need, they set themselves."""

LAX = ThrottleSettings(
    starts_of_address=10_000,
    callbacks_of_address=10_000,
    tokens_of_address=10_000,
    tokens_of_account=10_000,
    tokens_of_device=10_000,
)
"""Tests of other things are not kept waiting."""

SIGNING_KEY = make_ec_key()
CLIENT_KEY = make_rsa_key()
ESIA_KEY = make_rsa_key()
CERTIFICATE = make_certificate(CLIENT_KEY, name=CLIENT_ID, now=NOW)
SIGNER = RsaSigner(key=CLIENT_KEY, certificate_pem=CERTIFICATE)
CMS_SIGNER = CmsSigner(key=CLIENT_KEY, certificate_pem=CERTIFICATE)

MITYA = SimulatedKid(
    oid=1_000_000_101,
    last_name="Ёлкин",
    first_name="Дмитрий",
    middle_name=None,
    birth_date=date(2017, 9, 1),
    sex="male",
    snils="54454454369",
)
CALL_CENTRE = SimulatedRole(
    organisation=1_000_900_001, full_name="Контакт-центр 122", ogrn="1027700132195", groups=("MZ_OPERATOR_122",)
)
LEFT_LONG_AGO = SimulatedRole(
    organisation=1_000_900_002, full_name="Прежняя работа", ogrn="1187746123454", active=False
)

ANNA = EsiaPerson(
    oid=1_000_000_001,
    nick="anna",
    last_name="Ёлкина",
    first_name="Анна",
    middle_name="Сергеевна",
    birth_date=date(1984, 3, 14),
    sex="female",
    snils="11223344595",
    mobile="+79101234567",
    email="anna@example.org",
    address="Калуга, ул. Ленина, 1",
    documents=(SimulatedDocument(kind="MDCL_PLCY", number="4006410835001233", verified=False),),
    kids=(MITYA,),
    role_ru="мама двоих детей",
    role_en="mother of two",
)
BORIS = EsiaPerson(
    oid=1_000_000_002,
    nick="boris",
    last_name="Борисов",
    first_name="Борис",
    middle_name=None,
    birth_date=date(1959, 1, 2),
    sex="male",
    snils="08765430300",
)
STANDARD = EsiaPerson(
    oid=1_000_000_003,
    last_name="Обычная",
    first_name="Ольга",
    middle_name="Петровна",
    birth_date=date(1990, 5, 6),
    sex="female",
    snils="20613005900",
    trusted=False,
)
SIMPLIFIED = EsiaPerson(
    oid=1_000_000_004,
    last_name="Простой",
    first_name="Пётр",
    middle_name=None,
    birth_date=date(2000, 2, 29),
    sex="male",
    trusted=False,
)
NAMELESS_DATE = EsiaPerson(
    oid=1_000_000_005,
    last_name="Новый",
    first_name="Никита",
    middle_name=None,
    birth_date=None,
    sex=None,
    trusted=False,
)
OLGA = EsiaPerson(
    oid=1_000_000_006,
    last_name="Жукова",
    first_name="Ольга",
    middle_name="Игоревна",
    birth_date=date(1995, 2, 3),
    sex="female",
    snils="10035625900",
    roles=(LEFT_LONG_AGO, CALL_CENTRE),
)
SECOND_CALL_CENTRE = SimulatedRole(
    organisation=1_000_900_003, full_name="Второй контакт-центр", ogrn="1187746123454", groups=("MZ_OPERATOR_122",)
)
VERA = EsiaPerson(
    oid=1_000_000_007,
    last_name="Дельцова",
    first_name="Вера",
    middle_name=None,
    birth_date=date(1988, 8, 8),
    sex="female",
    snils="16027430100",
    roles=(CALL_CENTRE, SECOND_CALL_CENTRE),
)
PEOPLE = (ANNA, BORIS, STANDARD, SIMPLIFIED, NAMELESS_DATE, OLGA, VERA)


@dataclass(slots=True)
class RecordingDirectory:
    """Keeps what it is told in memory; `failing` makes the transaction around it fail."""

    told: list[tuple[PersonId, PersonFacts]] = field(default_factory=list)
    failing: Exception | None = None
    known: PersonId | None = None

    async def birth_of(self, session: AsyncSession, person_id: PersonId) -> Birth | None:
        assert session.in_transaction()
        facts = next((facts for told, facts in reversed(self.told) if told == person_id), None)
        return Birth(facts.birth_date, "Europe/Moscow") if facts else None

    async def known_as(self, session: AsyncSession, facts: PersonFacts) -> PersonId | None:
        assert session.in_transaction()
        return self.known

    async def record(self, session: AsyncSession, person_id: PersonId, facts: PersonFacts) -> None:
        assert session.in_transaction()
        if self.failing is not None:
            raise self.failing
        self.told.append((person_id, facts))


@dataclass(frozen=True, slots=True)
class Pkce:
    """A code verifier and its S256 challenge."""

    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    @property
    def challenge(self) -> str:
        return base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


@dataclass(slots=True)
class House:
    """Everything a sign-in needs, over real sockets."""

    url: str
    esia_url: str
    database: Database
    clock: SettableClock
    directory: RecordingDirectory
    settings: IdentitySettings
    tokens: AccessTokens
    esia: EsiaClient
    live: LiveSessions
    device: DeviceKey
    ended: list[PersonId] = field(default_factory=list)

    def browser(self) -> httpx2.AsyncClient:
        """A new browser: its own cookies, no redirect followed by itself."""
        return http_client(timeout=20)

    def start_parameters(self, pkce: Pkce, **changes: str) -> dict[str, str]:
        return {
            "client_id": "ios",
            "redirect_uri": APP_REDIRECT,
            "response_type": "code",
            "state": "app-state",
            "code_challenge": pkce.challenge,
            "code_challenge_method": "S256",
        } | changes

    async def start(self, browser: httpx2.AsyncClient, pkce: Pkce, **changes: str) -> httpx2.Response:
        return await browser.get(f"{self.url}/auth/esia/start", params=self.start_parameters(pkce, **changes))

    async def reach_callback(
        self, browser: httpx2.AsyncClient, pkce: Pkce, person: str = "anna", **changes: str
    ) -> str:
        """Start, pick a person, and return the callback's URL, not yet visited."""
        started = await self.start(browser, pkce, **changes)
        assert started.status_code == 302
        chosen = await browser.post(started.headers["location"], data={"person": person})
        assert chosen.status_code == 302
        return str(chosen.headers["location"])

    async def code_for(self, pkce: Pkce, person: str = "anna", **changes: str) -> str:
        """Sign in and return our one-time code."""
        async with self.browser() as browser:
            finished = await browser.get(await self.reach_callback(browser, pkce, person, **changes))
        answer = query_of(finished.headers["location"])
        assert answer["iss"] == self.settings.tokens.issuer
        assert answer["state"] == "app-state"
        return answer["code"]

    @property
    def token_url(self) -> str:
        return f"{self.url}/auth/token"

    async def post_token(self, *, device: DeviceKey | None = None, **form: str) -> httpx2.Response:
        """Post a form with a fresh proof of a device, the house's own unless told otherwise."""
        proof = (device or self.device).proof("POST", self.token_url)
        return await self.post_form(self.token_url, form, {"dpop": proof})

    async def post_form(self, url: str, form: dict[str, str], headers: dict[str, str]) -> httpx2.Response:
        async with self.browser() as app:
            return await app.post(url, data=form, headers=headers)

    def redeem_form(self, code: str, pkce: Pkce) -> dict[str, str]:
        return {
            "grant_type": "authorization_code",
            "client_id": "ios",
            "code": code,
            "redirect_uri": APP_REDIRECT,
            "code_verifier": pkce.verifier,
        }

    async def redeem(
        self, code: str, pkce: Pkce, *, device: DeviceKey | None = None, **changes: str
    ) -> httpx2.Response:
        return await self.post_token(device=device, **(self.redeem_form(code, pkce) | changes))

    async def refresh(self, refresh_token: str, *, device: DeviceKey | None = None, **changes: str) -> httpx2.Response:
        form = {"grant_type": "refresh_token", "client_id": "ios", "refresh_token": refresh_token}
        return await self.post_token(device=device, **(form | changes))

    async def sign_in(self, person: str = "anna", *, device: DeviceKey | None = None, **changes: str) -> dict[str, str]:
        """Sign in and return the tokens."""
        pkce = Pkce()
        answered = await self.redeem(await self.code_for(pkce, person), pkce, device=device, **changes)
        assert answered.status_code == 200, answered.text
        tokens: dict[str, str] = answered.json()
        return tokens

    async def order_fault(self, endpoint: str, kind: str, *, times: int = 1, seconds: float = 3) -> None:
        fault = {"endpoint": endpoint, "kind": kind, "times": times, "seconds": seconds}
        async with self.browser() as hand:
            ordered = await hand.post(f"{self.esia_url}/_control/faults", json=fault)
        assert ordered.status_code == 200, ordered.text


def access_tokens(settings: IdentitySettings, clock: SettableClock) -> AccessTokens:
    return AccessTokens(signing_key=SIGNING_KEY, settings=settings.tokens, clock=clock)


def guards_of(
    database: Database,
    clock: SettableClock,
    tokens: AccessTokens,
    throttle: ThrottleSettings = LAX,
    settings: IdentitySettings = IdentitySettings(),  # noqa: B008 # frozen
) -> Guards:
    proofs = DpopProofs(clock=clock, replays=MemoryReplays(clock=clock))
    live = LiveSessions(lambda keys: read_live(database.read, keys), clock=clock)
    admission = Admission(verify=tokens.verify, proofs=proofs, live=live)
    issuer = settings.tokens.issuer
    assertions = ClientAssertions(
        settings.systems,
        audiences=frozenset({issuer, f"{issuer}/auth/token"}),
        clock=clock,
        replays=MemoryReplays(clock=clock),
    )
    return Guards(proofs=proofs, throttle=Throttle(throttle), admission=admission, assertions=assertions)


@asynccontextmanager
async def open_house(
    database: Database,
    *,
    esia_issuer: str = "http://esia.gosuslugi.ru/",
    dialect: EsiaDialect = EsiaDialect.V2_V3,
    deadline_seconds: float = 40,
    throttle: ThrottleSettings = LAX,
    people: Sequence[EsiaPerson] = PEOPLE,
    **changes: Any,
) -> AsyncIterator[House]:
    """Serve a simulated ESIA under `/esia` and our routes, on two free ports, until the block ends.

    `changes` are settings of identity: apps, organizations, systems.
    """
    clock, directory = SettableClock(NOW), RecordingDirectory()
    listener, url = free_listener()
    simulator_listener, simulator_url = free_listener()
    esia_settings = EsiaSettings(
        base_url=f"{simulator_url}/esia",
        issuer=esia_issuer,
        dialect=dialect,
        **PATIENT_WITH_ESIA | {"deadline_seconds": deadline_seconds},
    )
    settings = IdentitySettings(esia=esia_settings, throttle=throttle, **changes).served_at(url)
    simulator = create_simulator(
        people,
        settings=SimulatorSettings(
            client_id=CLIENT_ID,
            redirect_uris=(settings.callback_url,),
            certificate_pem=CERTIFICATE,
            issuer=esia_issuer,
        ),
        clock=clock,
        key=ESIA_KEY,
    )
    outside = Starlette()
    outside.mount("/esia", simulator)
    tokens = access_tokens(settings, clock)
    signer = CMS_SIGNER if dialect is EsiaDialect.V1 else SIGNER
    guards = guards_of(database, clock, tokens, throttle, settings)
    ended: list[PersonId] = []
    async with open_http(esia_settings) as http:
        esia = EsiaClient(
            settings=esia_settings,
            signing_keys=SigningKeys([SigningKey("current", signer)], clock=clock),
            keys=FixedKeys(ESIA_KEY.public_key()),
            http=http,
            clock=clock,
        )
        app = Starlette(
            routes=routes(
                transaction=database.transaction,
                esia=esia,
                tokens=tokens,
                directory=directory,
                clock=clock,
                settings=settings,
                message=lambda code, language: f"{language}: {code}",
                guards=guards,
                ended=ended.append,
                unavailable=(DatabaseBusy, DatabaseUnavailable),
            )
        )
        async with serving(outside, listener=simulator_listener), serving(app, listener=listener):
            yield House(
                url=url,
                esia_url=f"{simulator_url}/esia",
                database=database,
                clock=clock,
                directory=directory,
                settings=settings,
                tokens=tokens,
                esia=esia,
                live=guards.admission.live,
                device=DeviceKey(clock),
                ended=ended,
            )
