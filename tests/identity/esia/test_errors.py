"""Every code of ESIA has one of our errors, a message in two languages, and a remedy that says whose task it is."""

import pytest

from graphql_schema.catalogue import ErrorCatalogue
from identity.errors import (
    EsiaAccountUnconfirmed,
    EsiaRequestRejected,
    EsiaUnavailable,
    SignInDenied,
    SignInStateInvalid,
)
from identity.esia.errors import (
    KEY_REFUSED,
    OURS,
    EsiaClockRejected,
    EsiaCredentialsRejected,
    EsiaEmployeeUnknown,
    EsiaPermissionMissing,
    EsiaRedirectRejected,
    EsiaScopeRejected,
    EsiaSignerUnavailable,
    Failure,
    error_of,
    esia_code_of,
)
from identity.esia.simulated_errors import CODES
from tests.architecture.source import ROOT

CATALOGUE = ErrorCatalogue.parse((ROOT / "mobile_contracts" / "errors.yaml").read_text())

PUBLISHED: dict[str, type[Failure]] = {
    "007002": EsiaCredentialsRejected,
    "007003": EsiaRequestRejected,
    "007014": EsiaRequestRejected,
    "007004": SignInDenied,
    "007006": EsiaScopeRejected,
    "007013": EsiaScopeRejected,
    "007008": EsiaUnavailable,
    "007011": SignInStateInvalid,
    "007015": EsiaClockRejected,
    "007019": EsiaPermissionMissing,
    "007023": EsiaRedirectRejected,
    "007039": EsiaRequestRejected,
    "007040": SignInStateInvalid,
    "007053": EsiaCredentialsRejected,
    "007055": EsiaAccountUnconfirmed,
    "007194": EsiaEmployeeUnknown,
    "008010": EsiaCredentialsRejected,
}
"""The codes of the interface document that we know of, and nothing else."""


@pytest.mark.parametrize(("esia_code", "expected"), PUBLISHED.items())
def test_every_published_code_has_its_error(esia_code: str, expected: type[Failure]) -> None:
    assert type(error_of(f"ESIA-{esia_code}: Текст ошибки")) is expected


def test_the_table_and_the_simulator_know_the_published_codes_and_no_others() -> None:
    assert set(OURS) == set(PUBLISHED) == set(CODES)


@pytest.mark.parametrize(
    "description", ["", "access_denied", "ESIA-999999: new", "ESIA-07004", "ESIA-0070040: longer", "esia-007004"]
)
def test_an_unknown_description_is_a_wrong_set_up_of_ours(description: str) -> None:
    assert type(error_of(description)) is EsiaRequestRejected


def test_a_code_is_found_in_its_text() -> None:
    assert esia_code_of("ESIA-007053: client_secret is not valid") == "007053"
    assert esia_code_of("no code") is None


def test_only_what_is_said_of_a_key_lets_the_other_key_try() -> None:
    assert {"007002", "007053"} == KEY_REFUSED


@pytest.mark.parametrize("failure", list(dict.fromkeys([*PUBLISHED.values(), EsiaSignerUnavailable])))
def test_every_error_says_in_two_languages_what_is_wrong_and_whose_task_it_is(failure: type[Failure]) -> None:
    entry = CATALOGUE.entries[failure.code]
    assert entry.ru != entry.en
    assert len(entry.ru) > 20
    whose = ("A task for the person:", "A task for the app:", "A task for our operator:", "A task for nobody but ESIA:")
    assert entry.remedy.startswith((*whose, "The person's choice:"))
