from typing import Any

import orjson
from hypothesis import example, given
from hypothesis import strategies as st

from graphql_schema.encoding import count_fields, encode_body, encode_data

_TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.text('":\\,{}[] ', max_size=8)
_LEAVES = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | _TEXTS
_NAMES = st.from_regex(r"[_A-Za-z][_0-9A-Za-z]{0,8}", fullmatch=True)
_VALUES: st.SearchStrategy[Any] = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES, inner, max_size=4), max_leaves=30
)
_OBJECTS = st.dictionaries(_NAMES, _VALUES, max_size=6)


def _fields(value: object) -> int:
    if isinstance(value, dict):
        return len(value) + sum(_fields(part) for part in value.values())
    return sum(_fields(part) for part in value) if isinstance(value, list) else 0


@given(_OBJECTS)
@example({"a": {}, "b": [[{"c": None}], []]})
def test_counts_the_fields_of_any_answer(data: dict[str, Any]) -> None:
    assert count_fields(data) == _fields(data)


def test_an_answer_without_data_has_no_field() -> None:
    assert count_fields(None) == 0


@given(st.none() | _OBJECTS, st.lists(_OBJECTS, max_size=2), st.dictionaries(_NAMES, _LEAVES, min_size=1, max_size=3))
def test_joins_what_orjson_would_encode_at_once(
    data: dict[str, Any] | None, errors: list[dict[str, Any]], extensions: dict[str, Any]
) -> None:
    whole = ({"errors": errors} if errors else {}) | {"data": data, "extensions": extensions}
    assert encode_body(data=encode_data(data), errors=errors, extensions=extensions) == orjson.dumps(whole)
    del whole["data"]
    assert encode_body(data=None, errors=errors, extensions=extensions) == orjson.dumps(whole)
