"""What is particular to FCM, through the real SDK and a real socket."""

from tests.notifications.channels.firebase import firebase
from tests.notifications.channels.parcels import ADDRESSES, make_parcel
from notifications.channels.port import AddressKind, Outcome, Verdict


async def test_first() -> None:
    async with firebase() as (sender, control):
        outcome = await sender.send(make_parcel())
        assert outcome.verdict is Verdict.ACCEPTED, outcome
        print((await control.get("_control/messages")).json())
        for kind in ["unavailable","invalid_token","invalid_field","expired_token","hang_up","malformed","not_json","bad_gateway","token_down"]:
            await control.post("_control/faults", json={"kind": kind})
            print(kind, await sender.send(make_parcel()))
    assert 0
