from pathlib import Path

import pytest

from identity.access import RULES, Action
from identity.access_page import render
from identity.capacities import KIND_OF, OF_DESK, OF_OWN_ACCOUNT, PURPOSE_OF, Capacity

PAGE = Path(__file__).parents[2] / "docs" / "access.md"


def test_the_page_says_what_the_rules_say() -> None:
    """After a change of the rules: zdorovye contracts export-access."""
    assert PAGE.read_text() == render()


def test_every_action_and_every_capacity_stands_on_the_page() -> None:
    page = render()
    for action in Action:
        assert f"`{action.value}`" in page
    assert page.count("\n") < 170
    assert set(PURPOSE_OF) == set(Capacity)


def test_every_capacity_can_be_had_by_somebody() -> None:
    assert set(Capacity) == set(OF_OWN_ACCOUNT.values()) | set(OF_DESK.values()) | set(KIND_OF)


@pytest.mark.parametrize("action", Action)
def test_every_rule_lets_somebody_in(action: Action) -> None:
    assert RULES[action].public != bool(RULES[action].capacities)
