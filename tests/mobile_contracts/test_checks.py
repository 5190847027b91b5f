import hashlib
from pathlib import Path

import pytest
from graphql import build_schema

from mobile_contracts.checks import check_all
from mobile_contracts.manifest import (
    ReleaseStatus,
    active_operations,
    load_registry,
    read_operation_files,
    write_manifest,
)

SDL = "type Query {\n  name: String\n  age: Int\n}\n"
SCHEMA = build_schema(SDL)


def write_registry(home: Path, sha256: str, *, status: str = "active") -> None:
    (home / "registry.yaml").write_text(
        f"- {{platform: ios, version: 1.0.0, status: {status}, released: 2026-11-22, owner: us, operations: citizen,"
        f" sha256: {sha256}}}\n"
    )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Contracts of one released app with one operation; everything holds."""
    (tmp_path / "schema").mkdir()
    (tmp_path / "schema/schema.graphql").write_text(SDL)
    (tmp_path / "operations/citizen").mkdir(parents=True)
    (tmp_path / "operations/citizen/Name.graphql").write_text("query Name {\n  name\n}\n")
    write_registry(tmp_path, write_manifest("ios", "1.0.0", operations="citizen", home=tmp_path))
    return tmp_path


def test_contracts_that_hold_have_no_finding(home: Path) -> None:
    assert list(check_all(SCHEMA, SDL, home)) == []


def test_the_id_of_an_operation_is_the_hash_of_its_text(home: Path) -> None:
    [operation] = active_operations(home).values()
    assert operation.id == hashlib.sha256(operation.body.encode()).hexdigest()
    assert (operation.name, operation.type) == ("Name", "query")


def test_a_schema_that_differs_from_the_published_one_is_found(home: Path) -> None:
    [finding] = check_all(SCHEMA, SDL + "scalar New\n", home)
    assert "export-schema" in finding


def test_a_field_taken_from_an_active_app_is_found(home: Path) -> None:
    poorer = "type Query {\n  age: Int\n}\n"
    (home / "schema/schema.graphql").write_text(poorer)
    (home / "operations/citizen/Name.graphql").unlink()
    [finding] = check_all(build_schema(poorer), poorer, home)
    assert finding.startswith("ios 1.0.0: Name would break:")


def test_a_retired_app_may_break(home: Path) -> None:
    poorer = "type Query {\n  age: Int\n}\n"
    (home / "schema/schema.graphql").write_text(poorer)
    (home / "operations/citizen/Name.graphql").unlink()
    write_registry(home, load_registry(home)[0].sha256, status=ReleaseStatus.RETIRED)
    assert list(check_all(build_schema(poorer), poorer, home)) == []
    assert active_operations(home) == {}


def test_a_manifest_changed_after_its_release_is_found(home: Path) -> None:
    path = home / "manifests/ios/1.0.0.json"
    path.write_text(path.read_text().replace("Name", "Nom", 1))
    assert any("was changed after the release" in finding for finding in check_all(SCHEMA, SDL, home))


def test_a_missing_manifest_is_found(home: Path) -> None:
    (home / "manifests/ios/1.0.0.json").unlink()
    assert list(check_all(SCHEMA, SDL, home)) == ["ios 1.0.0: its manifest is missing"]


@pytest.mark.parametrize(
    "text", ["query Name {\n", "query Other {\n  name\n}\n", "query Name { name }\nquery Two { name }\n", ""]
)
def test_an_operation_file_of_another_form_is_found_and_not_raised(home: Path, text: str) -> None:
    (home / "operations/citizen/Name.graphql").write_text(text)
    findings = list(check_all(SCHEMA, SDL, home))
    assert len(findings) == 1
    assert findings[0].startswith("operations/citizen: Name.graphql")


def test_a_manifest_is_never_written_twice(home: Path) -> None:
    before = (home / "manifests/ios/1.0.0.json").read_bytes()
    with pytest.raises(FileExistsError):
        write_manifest("ios", "1.0.0", operations="citizen", home=home)
    assert (home / "manifests/ios/1.0.0.json").read_bytes() == before


def test_a_manifest_of_nothing_is_refused(home: Path) -> None:
    with pytest.raises(ValueError, match="no operations"):
        write_manifest("kiosk", "1.0.0", operations="kiosk", home=home)
    assert not (home / "manifests/kiosk").exists()


def test_operation_files_are_read_in_the_order_of_their_names(home: Path) -> None:
    (home / "operations/citizen/Age.graphql").write_text("query Age {\n  age\n}\n")
    assert [one.name for one in read_operation_files(home / "operations/citizen")] == ["Age", "Name"]


def test_an_operation_that_would_not_run_compiled_is_found_before_it_is_released(home: Path) -> None:
    body = "query Huge {\n" + "".join(f"  name{number}: name\n" for number in range(6_000)) + "}\n"
    (home / "operations/citizen/Huge.graphql").write_text(body)
    [finding] = check_all(SCHEMA, SDL, home)
    assert finding.startswith("Huge is not compiled whole: ")


def test_a_name_that_means_two_texts_is_found(home: Path) -> None:
    (home / "operations/kiosk").mkdir()
    shared = home / "operations/kiosk/Name.graphql"
    shared.write_text((home / "operations/citizen/Name.graphql").read_text())
    assert list(check_all(SCHEMA, SDL, home)) == []
    shared.write_text("query Name {\n  name\n  age\n}\n")
    [finding] = check_all(SCHEMA, SDL, home)
    assert finding.startswith("operations: Name is not the same in every folder")
