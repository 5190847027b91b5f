"""Trusted documents, by both forms of id, over POST and GET; a request never adds one (S13)."""

import hashlib
import json
from typing import Any

import pytest

from graphql_schema.documents import TrustedDocuments
from tests.graphql_schema.endpoint import DEEDS, ask, build_endpoint, client_of

HELLO = "query Hello($name: String) { hello(name: $name) }"
ACT = 'mutation Act { act(name: "trusted") }'
DIGEST = hashlib.sha256(HELLO.encode()).hexdigest()
MANIFEST: dict[str, Any] = {
    "format": "apollo-persisted-query-manifest",
    "version": 1,
    "operations": [
        {"id": "hello-1", "name": "Hello", "type": "query", "body": HELLO},
        {"id": "act-1", "name": "Act", "type": "mutation", "body": ACT},
    ],
}
FORMS: list[dict[str, Any]] = [
    {"documentId": "hello-1"},
    {"documentId": f"sha256:{DIGEST}"},
    {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": DIGEST}}},
]
UNKNOWN: list[dict[str, Any]] = [
    {"documentId": "sha256:" + "0" * 64},
    {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}},
]


def _strings(parameters: dict[str, Any]) -> dict[str, str]:
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in parameters.items()}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_a_trusted_document_is_executed_by_each_form_of_its_id(form: dict[str, Any], method: str) -> None:
    parameters = form | {"variables": {"name": "Анна"}}
    async with client_of(build_endpoint(trusted_documents_only=True, manifests=[MANIFEST])) as client:
        if method == "POST":
            response = await client.post("/graphql", json=parameters)
        else:
            response = await client.get("/graphql", params=_strings(parameters))

    assert response.json()["data"] == {"hello": "Привет, Анна"}


@pytest.mark.parametrize("form", UNKNOWN)
@pytest.mark.parametrize("trusted_only", [True, False])
async def test_an_unknown_id_is_refused_and_never_registered(form: dict[str, Any], trusted_only: bool) -> None:
    endpoint = build_endpoint(trusted_documents_only=trusted_only, manifests=[MANIFEST])
    async with client_of(endpoint) as client:
        answers = [await client.post("/graphql", json=form | extra) for extra in ({}, {"query": "{ hello }"}, {})]

    codes = [answer.json()["errors"][0]["extensions"]["code"] for answer in answers]
    assert codes == ["PERSISTED_DOCUMENT_NOT_FOUND"] * 3


async def test_free_text_is_refused_where_only_trusted_documents_run() -> None:
    endpoint = build_endpoint(trusted_documents_only=True, manifests=[MANIFEST])

    response = await ask(endpoint, HELLO, headers={"accept": "application/graphql-response+json"})

    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"]["code"] == "DOCUMENT_NOT_TRUSTED"


async def test_a_trusted_mutation_does_not_run_over_get() -> None:
    DEEDS.done.clear()
    async with client_of(build_endpoint(manifests=[MANIFEST])) as client:
        read = await client.get("/graphql", params={"documentId": "act-1"})
        written = await client.post("/graphql", json={"documentId": "act-1"})

    assert (read.status_code, read.headers["allow"]) == (405, "POST")
    assert written.json()["data"] == {"act": "trusted"}
    assert DEEDS.done == ["trusted"]


@pytest.mark.parametrize("wrong", [{"format": "relay"}, {"version": 2}])
def test_refuses_a_manifest_of_another_format(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not a manifest of the format"):
        TrustedDocuments([MANIFEST | wrong])


def test_refuses_two_documents_under_one_id() -> None:
    other = {"id": "hello-1", "name": "Other", "type": "query", "body": "query Other { who }"}

    with pytest.raises(ValueError, match="two documents under the id hello-1"):
        TrustedDocuments([MANIFEST, MANIFEST | {"operations": [other]}])


def test_the_same_document_may_stand_in_several_manifests() -> None:
    assert len(TrustedDocuments([MANIFEST, MANIFEST])) == 2


def test_a_start_prepares_every_trusted_document_and_stops_at_one_that_cannot_be_served() -> None:
    build_endpoint(trusted_documents_only=True, manifests=[MANIFEST]).warm()
    broken = {"id": "gone-1", "name": "Gone", "type": "query", "body": "query Gone { taken }"}
    endpoint = build_endpoint(manifests=[{**MANIFEST, "operations": [*MANIFEST["operations"], broken]}])
    with pytest.raises(ValueError, match="a trusted document cannot be served: query Gone"):
        endpoint.warm()
