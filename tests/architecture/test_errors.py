import ast
import importlib
import re
from collections.abc import Iterator

from backend.booking.errors import BookingRefusal
from backend.errors import Operational, Refusal
from geo.errors import GeoRefusal
from graphql_schema.catalogue import ErrorCatalogue
from graphql_schema.error_codes import UserErrorCode
from identity.errors import IdentityOperational, IdentityRefusal
from notifications.errors import NotificationOperational, NotificationRefusal
from tests.architecture.source import PACKAGES, ROOT, python_files

CATALOGUE = ErrorCatalogue.parse((ROOT / "mobile_contracts" / "errors.yaml").read_text())
BASES = (
    *(Refusal, Operational, GeoRefusal),
    *(IdentityRefusal, IdentityOperational, NotificationRefusal, NotificationOperational),
)
CODE = re.compile(r"[A-Z]+(_[A-Z]+)+")


def subclasses(base: type[Exception]) -> Iterator[type[Exception]]:
    for one in base.__subclasses__():
        yield one
        yield from subclasses(one)


def error_classes() -> list[type[Exception]]:
    for path in python_files(*PACKAGES):
        if "migrations" not in path.parts and path.name != "__init__.py":
            importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    ours = [one for base in BASES for one in subclasses(base) if one.__module__.split(".")[0] in PACKAGES]
    return [one for one in ours if "code" in vars(one)]


def codes_of_requests() -> set[str]:
    """Return the codes that the face gives by name, without a class: `refused("BAD_REQUEST", …)` and its like."""
    calls = [
        node
        for path in python_files("graphql_schema")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("refused", "Fault", "Fault.of", "._error"))
    ]
    constants = [part for call in calls for part in call.args if isinstance(part, ast.Constant)]
    return {str(one.value) for one in constants if CODE.fullmatch(str(one.value))}


def test_every_code_of_a_refused_request_has_its_catalogue_row() -> None:
    codes = codes_of_requests()
    assert {"BAD_REQUEST", "QUERY_TOO_COMPLEX", "INTERNAL_ERROR", "GRAPHQL_VALIDATION_FAILED"} <= codes
    assert sorted(code for code in codes if code not in CATALOGUE) == []


def test_every_error_code_has_its_catalogue_row() -> None:
    codes = {vars(one)["code"] for one in error_classes()}
    assert len(codes) > 20
    assert sorted(code for code in codes if code not in CATALOGUE) == []


def test_every_code_means_one_error() -> None:
    codes = [vars(one)["code"] for one in error_classes()]
    assert sorted({code for code in codes if codes.count(code) > 1}) == []


def test_every_code_of_a_payload_has_its_catalogue_row() -> None:
    assert sorted(str(code.value) for code in UserErrorCode if str(code.value) not in CATALOGUE) == []


def test_every_refusal_of_booking_can_stand_in_a_payload() -> None:
    """Each reaches a mutation's `errors`; a code that the enum does not know would answer INTERNAL_ERROR."""
    codes = {vars(one)["code"] for one in error_classes() if issubclass(one, BookingRefusal)}
    assert len(codes) > 20
    assert sorted(codes - {code.value for code in UserErrorCode}) == []


def test_every_catalogue_row_is_used_somewhere() -> None:
    words = {word for path in python_files(*PACKAGES) for word in re.findall(r"\b[A-Z][A-Z0-9_]+\b", path.read_text())}
    assert sorted(code for code in CATALOGUE if code not in words) == []


def test_only_the_face_maps_errors_of_more_than_one_package() -> None:
    """`graphql_schema.errors` knows all bases; a leaf knows only its own."""
    for path in python_files("identity", "notifications", "geo"):
        assert "backend.errors" not in path.read_text(), path


def test_catalogue_texts_carry_no_placeholder_and_end_as_sentences() -> None:
    for code in CATALOGUE:
        entry = CATALOGUE.entries[code]
        for text in (entry.ru, entry.en):
            assert "{" not in text, code
            assert text.endswith((".", "?", "!")), code
