"""The one door: what is refused before anything is decoded, and what is asked of whom (S26, S32)."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.clock import SettableClock
from identity.admission import Admission, Credentials
from identity.dpop import DpopProofs
from identity.errors import DpopProofInvalid, DpopRequired, TokenRefused
from identity.live_sessions import LiveSessions, SessionKey
from identity.principal import Principal
from identity.replays import MemoryReplays
from tests.factories.devices import DeviceKey
from tests.factories.identity import NOW
from tests.factories.people import make_principal

URL = "https://zdorovye.example/documents/1"


class Door:
    """A door whose token is `bound` or `bearer`, and which counts what was decoded."""

    def __init__(self) -> None:
        self.clock = SettableClock(NOW)
        self.device = DeviceKey(self.clock)
        self.verified: list[str] = []
        self.asked = 0
        proofs = DpopProofs(clock=self.clock, replays=MemoryReplays(clock=self.clock))
        self.admission = Admission(verify=self.verify, proofs=proofs, live=LiveSessions(self.read, clock=self.clock))

    def verify(self, token: str) -> Principal:
        self.verified.append(token)
        if token not in {"bound", "bearer"}:
            raise TokenRefused
        return replace(make_principal(), key_thumbprint=self.device.thumbprint if token == "bound" else None)

    async def read(self, keys: Collection[SessionKey]) -> Mapping[SessionKey, datetime]:
        self.asked += 1
        return dict.fromkeys(keys, NOW + timedelta(days=1))

    async def admit(self, authorization: str, proof: str | None = None, *, method: str = "GET") -> Principal:
        return await self.admission.admit(Credentials(authorization, method, URL, proof))


@pytest.mark.parametrize(
    "authorization",
    [
        *("", "Bearer", "Bearer ", "DPoP", "DPoP  ", "Basic YTpi", "bound", "BearerX bound", "DPoPX bound"),
        *("Bearer " + "x" * 9_000, "DPoP " + "x" * 9_000, "Bearer " + "A" * 50_000_000),
    ],
)
async def test_what_is_no_token_is_refused_undecoded_s32(authorization: str) -> None:
    door = Door()
    with pytest.raises(TokenRefused):
        await door.admit(authorization)
    assert (door.verified, door.asked) == ([], 0)


@pytest.mark.parametrize("scheme", ["DPoP", "dpop", "DPOP"])
async def test_a_link_to_a_download_is_opened_by_the_key_of_its_session_s26(scheme: str) -> None:
    door = Door()
    proof = door.device.proof("GET", URL, "bound")
    assert (await door.admit(f"{scheme} bound", proof)).key_thumbprint == door.device.thumbprint
    with pytest.raises(DpopProofInvalid):
        await door.admit(f"{scheme} bound", proof)
    with pytest.raises(DpopProofInvalid):
        await door.admit(f"{scheme} bound", door.device.proof("GET", URL + "2", "bound"))
    assert door.asked == 1


async def test_a_bound_token_is_no_bearer_token_and_the_other_way_round_s26() -> None:
    door = Door()
    with pytest.raises(DpopRequired):
        await door.admit("Bearer bound")
    with pytest.raises(TokenRefused):
        await door.admit("DPoP bearer", door.device.proof("GET", URL, "bearer"))
    assert door.asked == 0
    assert (await door.admit("bearer bearer")).key_thumbprint is None


@given(st.text(max_size=100), st.none() | st.text(max_size=100))
async def test_any_text_is_refused_and_nothing_else_escapes(authorization: str, proof: str | None) -> None:
    with pytest.raises((TokenRefused, DpopRequired, DpopProofInvalid)):
        await Door().admit(authorization, proof)
