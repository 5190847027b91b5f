"""The page of access rules, made of the rules themselves: docs/access.md."""

from collections.abc import Iterable, Sequence

from identity.access import RULES, Action, Rule
from identity.capacities import KIND_OF, OF_DESK, OF_OWN_ACCOUNT, PURPOSE_OF, Capacity
from identity.insured_people import ACTIONS_OF_LEVEL
from identity.principal import PRIVATE_KINDS

_TOLD: Sequence[tuple[Capacity, str, str]] = (
    (Capacity.SELF, "self", "the person, signed in as a citizen"),
    (Capacity.PARENT_OF_CHILD, "parent <15", "a parent confirmed by documents, of a child under 15"),
    (Capacity.PARENT_OF_TEENAGER, "parent 15–17", "the same from 15 to 17; sensitive categories are withheld"),
    (Capacity.GUARDIAN, "guardian", "by a document with an end date"),
    (
        Capacity.TRUSTED_ADULT,
        "trusted",
        "an adult whom the person trusts: book, read or collect, each by itself, with an end",
    ),
    (Capacity.OPERATOR_ON_CALL, "122 on call", "an operator inside a call ticket in which this person was verified"),
    (Capacity.INSURER_OF_PERSON, "insurer", "a representative of the company that insures the person"),
    (Capacity.CLINICIAN_BY_CONSENT, "clinician", "a clinician with the person's consent"),
    (Capacity.CLINICIAN_IN_EMERGENCY, "clinician!", "a clinician who broke the glass"),
    (Capacity.CREW_BY_CONSENT, "crew", "an ambulance crew with the person's consent"),
    (Capacity.CREW_IN_EMERGENCY, "crew!", "an ambulance crew who broke the glass"),
    (Capacity.AT_KIOSK, "kiosk", "the person at a kiosk"),
    (Capacity.BY_DEVICE, "device", "a device of the person"),
    (Capacity.PORTAL, "portal", "a portal that books for whom it has named, within a session of minutes"),
    (Capacity.STAFF_SELF, "own account", "staff, about their own account"),
    (Capacity.OPERATOR_DESK, "122 desk", "an operator's own work"),
    (Capacity.INSURER_DESK, "insurer desk", "a representative's own work"),
    (Capacity.CLINICIAN_DESK, "clinic desk", "a clinician's own work"),
    (Capacity.CREW_DESK, "crew desk", "a crew's own work"),
    (Capacity.AUDITOR_DESK, "auditor", "the officer for data protection"),
    (Capacity.SERVICE_DESK, "service", "another system"),
)

_HEAD = """# Who may do what

Made of `identity/access.py` by `zdorovye contracts export-access`; a test keeps it so. One function decides,
`identity.access.require`; nothing else grants anything. An action that a column does not mark is refused with
ACCESS_REFUSED, whoever the person is and whether there is one.

Marks: **x** may; **c** may with a confirmed ESIA account; **f** may, confirmed, and has proven lately who they are
(INSUFFICIENT_USER_AUTHENTICATION otherwise). A mandate may give less than its column: what was not granted is refused.
"""

_LEVELS = """A mandate stands only while the register's answer that is kept says that the representative's company
insures the person; without such an answer there is none."""


def render() -> str:
    """Return the page as Markdown."""
    shown = [one for one in _TOLD if any(one[0] in rule.capacities for rule in RULES.values())]
    titles = ["to", *(short for _, short, _ in shown)]
    lines = [
        [rule.told, *(_mark(rule, capacity) for capacity, _, _ in shown)] for rule in RULES.values() if not rule.public
    ]
    public = [rule.told for rule in RULES.values() if rule.public]
    return (
        "\n\n".join(
            [
                _HEAD.strip(),
                f"Open to everybody, signed in or not: {'; '.join(public)}.",
                _table(titles, lines),
                "## The columns",
                _table(
                    ["column", "who", "signed in as", "purpose in the access log"],
                    [[short, told, _kinds(capacity), PURPOSE_OF[capacity].value] for capacity, short, told in _TOLD],
                ),
                "## The levels of an insurer's representative",
                _LEVELS,
                _table(["level", "may, of the insurer's column"], _levels()),
                "## The actions",
                _table(["action", "to"], [[f"`{action.value}`", rule.told] for action, rule in _sorted()]),
            ]
        )
        + "\n"
    )


def _sorted() -> Iterable[tuple[Action, Rule]]:
    return sorted(RULES.items(), key=lambda item: item[0].value)


def _levels() -> Sequence[Sequence[str]]:
    return [
        [str(level), ", ".join(f"`{action.value}`" for action in sorted(actions))]
        for level, actions in sorted(ACTIONS_OF_LEVEL.items())
    ]


def _mark(rule: Rule, capacity: Capacity) -> str:
    if capacity not in rule.capacities:
        return ""
    if _is_private(capacity):
        return "f" if rule.fresh else "c" if rule.confirmed else "x"
    return "x"


def _is_private(capacity: Capacity) -> bool:
    """Say whether people have it as themselves or for family: then the level of their account counts."""
    return any(OF_OWN_ACCOUNT[kind] is capacity or kind in KIND_OF.get(capacity, ()) for kind in PRIVATE_KINDS)


def _kinds(capacity: Capacity) -> str:
    own = {kind.value for kind, one in OF_OWN_ACCOUNT.items() if one is capacity}
    desk = {kind.value for kind, one in OF_DESK.items() if one is capacity}
    mandated = {kind.value for kind in KIND_OF.get(capacity, ())}
    return ", ".join(sorted(own | desk | mandated))


def _table(titles: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    rows = [titles, ["---"] * len(titles), *lines]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)
