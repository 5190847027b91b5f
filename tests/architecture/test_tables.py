from sqlalchemy import Index, Table, UniqueConstraint

from backend.entrypoints.migrations.tables import METADATA, OWNERS
from tests.architecture.source import PACKAGES, ROOT, python_files

SPANNING = {
    "appointments_one_active_per_slot": "must span all people, for it keeps a slot from being booked twice (R53)",
    "appointments_hold_expires_at": "the sweep of expired holds is not about one person",
    "appointments_unsettled": "the reconciler's queue is over all people",
    "audit_anchored_heads_by_anchor": "an anchor is checked with all the heads it covers",
    "calendar_feeds_token_hash": "a calendar shows the address alone, whose feed it is we learn from it",
    "call_backs_queue": "operators call whoever of all people has been due longest",
    "call_backs_ends_at": "the sweep of windows that have passed is not about one person",
    "call_backs_ended_at": "the sweep of what ended long ago is not about one person",
    "call_backs_taken": "an operator's session finds what it has taken, before it may know of whom it is",
    "call_tickets_numbers": "the sweep of numbers that are kept no more is not about one person",
    "cancellation_items_of_proposal": "a clinic's desk works through the people of one proposal",
    "campaign_slots_taken_at": "the sweep of slots that are of no use any more is not about one person",
    "data_exports_claimable_at": "the jobs that wait are not about one person",
    "erasure_requests_due_at": "the sweep of erasures that are due is not about one person",
    "deliveries_by_id": "a courier settles what it took by the delivery itself",
    "deliveries_created_at": "statistics and retention are of all people",
    "deliveries_due": "the queue is of all people",
    "deliveries_leased": "the sweep of what was taken and lost is not about one person",
    "devices_by_id": "a device is named by the app that runs on it",
    "devices_one_account": "must span all people, for an install belongs to one account at a time",
    "no_show_appeals_pending": "a desk answers the appeals of all people",
    "planned_messages_due": "the sweep of what is due is not about one person",
    "family_links_relative": "finds the parents of a child",
    "reviews_by_id": "an officer names a review, not a person",
    "reviews_queue": "the officer's queue is over all people",
    "guardianships_by_id": "an officer names a guardianship, not a person",
    "guardianships_queue": "an officer's queue is of all guardians",
    "representations_by_id": "an officer names a representation, not a person",
    "representation_invitations_of_invited": "finds the invitations that somebody has opened",
    "portal_sessions_by_id": "a portal names its session, not a person",
    "sessions_one_at_kiosk": "must span all people, for it lets one of them at a time be signed in at a machine",
    "representations_of_representative": "finds for whom somebody acts",
    "waiting_list_entries_place": "the order of a list is over all who wait",
    "waiting_list_entries_ends_at": "the sweep of entries that are over is not about one person",
    "waiting_list_clinics_clinic": "finds who waits for a slot of a clinic",
    "waiting_list_offers_one_open_per_slot": "must span all people, for it keeps a slot from being offered to two",
    "waiting_list_offers_slot": "finds to whom a slot was offered before",
    "release_queue_places_order": "the order of a queue is over all who stand in it",
    "release_queue_places_competing": "finds who is next in a queue",
    "own_accesses_hour": "the sweep of hours that are over is not about one person",
}
"""Keys of citizen-owned tables that may begin with something else, each with its reason."""


def citizen_owned() -> list[Table]:
    return [table for table in METADATA.sorted_tables if "person_id" in table.c]


def leading(columns: list[str], name: str) -> bool:
    return columns[0] == "person_id" or name in SPANNING or columns[-1].endswith("expires_at")


def test_person_id_stands_first_in_every_key_of_a_citizen_owned_table() -> None:
    """ADR 0005: the database can be distributed by that column."""
    wrong = []
    for table in citizen_owned():
        keys: list[Index | UniqueConstraint] = [*table.indexes]
        keys += [constraint for constraint in table.constraints if isinstance(constraint, UniqueConstraint)]
        for key in keys:
            columns = [column.name for column in key.columns]
            if not leading(columns, str(key.name)) and table.name != "accounts":
                wrong.append(f"{table.name}.{key.name}: {columns}")
    assert wrong == []
    assert len(citizen_owned()) >= 5


def test_every_table_module_is_known_to_the_migrations() -> None:
    known = {module.__file__ for module in OWNERS}
    owners = {
        str(path)
        for path in python_files(*PACKAGES)
        if "table=True" in path.read_text() and "migrations" not in path.parts
    }
    assert owners == known, ROOT
