"""What a person sees and sets of their notifications."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select
from uuid_utils.compat import uuid7

from backend.database import Database
from graphql_schema.node import encode_id
from identity.principal import Assurance, PersonId, Principal
from notifications.channels.port import Address, AddressKind
from notifications.preference_tables import MessagePreferenceRow, QuietHoursRow, RefusalReason
from notifications.suppression import AddressHashes, Refusal, suppress
from notifications.topics import TOPICS, Topic
from tests.factories.deliveries import SECRET, Post
from tests.factories.people import NOW, add_person, make_principal
from tests.graphql_schema.own_corner import CATALOGUE, Answer, OwnCorner

ALL = """
  topics { topic title canSwitchOff reason source channels { channel isOn } }
  quietHours { isOn startsAt endsAt isOwn timeZone }
  channels { channel status since }
"""
QUERY = f"{{ viewer {{ notificationPreferences {{ {ALL} }} }} }}"


class Anna:
    """Anna at her phone."""

    def __init__(self, database: Database, person_id: PersonId) -> None:
        self.corner = OwnCorner(database)
        self.actor: Principal = make_principal(person_id, assurance=Assurance.STANDARD)

    async def look(self, *, language: Any = "ru") -> dict[str, Any]:
        """Return her preferences."""
        answer = await self.corner.ask(self.actor, QUERY, language=language)
        assert answer.codes == {}
        return dict(answer.data["viewer"]["notificationPreferences"])

    async def act(self, mutation: str, **given: Any) -> dict[str, Any]:
        """Change something; return the payload."""
        kind = f"{mutation[0].upper()}{mutation[1:]}Input!"
        errors = "errors { __typename code message path ... on TopicStatutoryError { topic reason source } }"
        text = f"mutation ($input: {kind}) {{ {mutation}(input: $input) {{ preferences {{ {ALL} }} {errors} }} }}"
        answer = await self.corner.ask(self.actor, text, input={"idempotencyKey": str(uuid7()), **given})
        assert answer.codes == {}
        return dict(answer.data[mutation])

    async def switch(self, topic: str, channel: str, *, is_on: bool = False, **given: Any) -> dict[str, Any]:
        """Switch one topic over one channel."""
        changes = [{"topic": topic, "channel": channel, "isOn": is_on}]
        return await self.act("setNotificationPreferences", **{"changes": changes, **given})


@pytest.fixture
async def anna(database: Database) -> Anna:
    """Anna, with a telephone and a mailbox, and no device."""
    return Anna(database, await add_person(database))


def off(preferences: dict[str, Any]) -> set[tuple[str, str]]:
    return {
        (topic["topic"], channel["channel"])
        for topic in preferences["topics"]
        for channel in topic["channels"]
        if not channel["isOn"]
    }


async def rows(anna: Anna, table: type[MessagePreferenceRow | QuietHoursRow]) -> int:
    async with anna.corner.database.reading() as session:
        return len(list(await session.exec(select(table))))


async def test_at_first_everything_is_on_and_what_must_be_says_why(anna: Anna) -> None:
    found = await anna.look()
    assert off(found) == set()
    assert [one["topic"] for one in found["topics"]] == [topic.name for topic in Topic]
    for one in found["topics"]:
        facts = TOPICS[Topic[one["topic"]]]
        assert one["title"] == facts.ru
        assert one["canSwitchOff"] == (facts.statutory is None)
        assert (one["reason"], one["source"]) == (
            (facts.statutory.ru, facts.statutory.source) if facts.statutory else (None, None)
        )
        assert [channel["channel"] for channel in one["channels"]] == ["PUSH", "SMS", "EMAIL"]
    assert found["quietHours"] == {
        "isOn": True, "startsAt": "21:00", "endsAt": "09:00", "isOwn": False, "timeZone": "Europe/Moscow",
    }  # fmt: skip
    assert found["channels"] == [
        {"channel": "PUSH", "status": "NO_ADDRESS", "since": None},
        {"channel": "SMS", "status": "OPEN", "since": None},
        {"channel": "EMAIL", "status": "OPEN", "since": None},
    ]
    english = await anna.look(language="en")
    assert english["topics"][0]["title"] == TOPICS[Topic.AMBULANCE].en


async def test_a_topic_is_switched_off_and_on_over_one_channel(anna: Anna) -> None:
    switched = await anna.switch("CAMPAIGNS", "SMS")
    assert (switched["errors"], off(switched["preferences"])) == ([], {("CAMPAIGNS", "SMS")})
    assert off(await anna.look()) == {("CAMPAIGNS", "SMS")}
    again = await anna.switch("CAMPAIGNS", "SMS", is_on=True)
    assert off(again["preferences"]) == set()


async def test_a_statutory_topic_cannot_be_switched_off_and_nothing_of_the_request_is_done(anna: Anna) -> None:
    changes = [{"topic": one, "channel": "EMAIL", "isOn": False} for one in ("POLICY", "SECURITY")]
    key = str(uuid7())
    for _ in range(2):  # told again it is refused again, with the reason
        refused = await anna.act("setNotificationPreferences", changes=changes, idempotencyKey=key)
        statutory = TOPICS[Topic.SECURITY].statutory
        assert statutory is not None
        assert refused == {
            "preferences": None,
            "errors": [
                {
                    "__typename": "TopicStatutoryError",
                    "code": "TOPIC_STATUTORY",
                    "message": CATALOGUE.message("TOPIC_STATUTORY", "ru"),
                    "path": ["input", "changes"],
                    "topic": "SECURITY",
                    "reason": statutory.ru,
                    "source": statutory.source,
                }
            ],
        }
    assert await rows(anna, MessagePreferenceRow) == 0
    assert (await anna.switch("SECURITY", "EMAIL", is_on=True))["errors"] == []


@pytest.mark.parametrize("changes", [[], [{"topic": "POLICY", "channel": "SMS", "isOn": one} for one in (True, False)]])
async def test_an_unclear_wish_is_refused(anna: Anna, changes: list[dict[str, Any]]) -> None:
    refused = await anna.act("setNotificationPreferences", changes=changes)
    assert [one["code"] for one in refused["errors"]] == ["PREFERENCES_UNCLEAR"]
    assert await rows(anna, MessagePreferenceRow) == 0


async def test_a_wish_is_done_once_and_its_key_is_for_no_other(anna: Anna) -> None:
    key = str(uuid7())
    await anna.switch("POLICY", "SMS", idempotencyKey=key)
    await anna.switch("POLICY", "SMS", is_on=True)
    repeated = await anna.switch("POLICY", "SMS", idempotencyKey=key)
    assert off(repeated["preferences"]) == set(), "what was done before is not done again"
    other = await anna.switch("POLICY", "PUSH", idempotencyKey=key)
    assert [one["code"] for one in other["errors"]] == ["IDEMPOTENCY_KEY_REUSED"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"isOn": True, "startsAt": "22:30", "endsAt": "07:00"}, (True, "22:30", "07:00", True)),
        ({"isOn": False}, (False, None, None, True)),
        ({"isOn": True}, (True, "21:00", "09:00", False)),
    ],
    ids=["own", "none", "region"],
)
async def test_quiet_hours_are_own_none_or_the_regions(
    anna: Anna, given: dict[str, Any], expected: tuple[object, ...]
) -> None:
    await anna.act("setQuietHours", isOn=True, startsAt="10:00", endsAt="11:00")
    payload = await anna.act("setQuietHours", **given)
    assert payload["errors"] == []
    hours = payload["preferences"]["quietHours"]
    assert (hours["isOn"], hours["startsAt"], hours["endsAt"], hours["isOwn"]) == expected
    assert (await anna.look())["quietHours"] == hours


@pytest.mark.parametrize(
    ("starts_at", "ends_at"),
    [("22:00", None), (None, "09:00"), ("22:00", "22:00"), ("24:00", "09:00"), ("9:00", "21:00"), ("05:00", "21:01"),
     ("٢٢:٠٠", "09:00"), ("22:00\n", "09:00"), ("", "")],
)  # fmt: skip
async def test_hours_that_are_none_are_refused(anna: Anna, starts_at: str | None, ends_at: str | None) -> None:
    refused = await anna.act("setQuietHours", isOn=True, startsAt=starts_at, endsAt=ends_at)
    assert [(one["code"], one["path"]) for one in refused["errors"]] == [("QUIET_HOURS_INVALID", ["input", "startsAt"])]
    assert await rows(anna, QuietHoursRow) == 0


async def test_none_at_all_has_no_hours(anna: Anna) -> None:
    refused = await anna.act("setQuietHours", isOn=False, startsAt="22:00", endsAt="09:00")
    assert [one["code"] for one in refused["errors"]] == ["QUIET_HOURS_INVALID"]


async def test_a_telephone_that_refuses_is_shown_and_tried_again_when_the_person_says_so(anna: Anna) -> None:
    hashes = AddressHashes(SECRET)
    phone, mail = (
        hashes.hash(Address(kind, value))
        for kind, value in ((AddressKind.PHONE, "+79105550117"), (AddressKind.EMAIL, "anna@example.org"))
    )
    assert phone is not None
    assert mail is not None
    async with anna.corner.database.transaction() as session:
        refusals = [Refusal(phone, RefusalReason.REFUSES), Refusal(mail, RefusalReason.DEAD)]
        await suppress(session, refusals, now=NOW)
    since = NOW.isoformat()
    assert (await anna.look())["channels"][1:] == [
        {"channel": "SMS", "status": "REFUSES", "since": since},
        {"channel": "EMAIL", "status": "DEAD", "since": since},
    ]
    lifted = await anna.act("liftChannelRefusal", channel="SMS")
    assert lifted["preferences"]["channels"][1:] == [
        {"channel": "SMS", "status": "OPEN", "since": None},
        {"channel": "EMAIL", "status": "DEAD", "since": since},
    ]
    assert (await anna.act("liftChannelRefusal", channel="PUSH"))["errors"] == []


async def test_the_zone_and_the_push_are_of_the_newest_device(anna: Anna) -> None:
    post = Post(anna.corner.database)
    person = anna.actor.person_id
    await post.add_device(person, "new", time_zone="Asia/Kamchatka")
    await post.add_device(person, "old", time_zone="Asia/Omsk", last_seen_at=NOW - timedelta(days=1))
    found = await anna.look()
    assert found["quietHours"]["timeZone"] == "Asia/Kamchatka"
    assert found["channels"][0] == {"channel": "PUSH", "status": "OPEN", "since": None}


async def test_nobody_sets_it_for_a_stranger(anna: Anna, database: Database) -> None:
    stranger = encode_id("Person", await add_person(database))
    refused = await anna.switch("POLICY", "SMS", personId=stranger)
    assert [one["code"] for one in refused["errors"]] == ["ACCESS_REFUSED"]
    answer: Answer = await anna.corner.ask(None, QUERY)
    assert answer.codes == {"viewer": "UNAUTHENTICATED"}
    assert await rows(anna, MessagePreferenceRow) == 0
