"""S45, for copies: a file alone tells nothing, and nothing of it can be moved, cut off or swapped."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.rights.errors import ExportStorageUnavailable
from backend.rights.sealing import SEGMENT, TAG, Opened, Seal, new_key


def sealed(plain: bytes, *, key: bytes, name: str = "a", step: int = 10_000) -> bytes:
    written = bytearray()
    seal = Seal(key, name, written.extend)
    for begin in range(0, len(plain), step):
        seal.add(plain[begin : begin + step])
    seal.end()
    assert seal.size == len(plain)
    return bytes(written)


def opened(kept: bytes, size: int, *, key: bytes, name: str = "a") -> bytes:
    reader = Opened(key, name, size, lambda offset, length: kept[offset : offset + length])
    return b"".join(reader.segment(number) for number in range(reader.segments))


@pytest.mark.parametrize("size", [0, 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 2 * SEGMENT, 3 * SEGMENT + 7])
def test_what_is_sealed_is_opened_again_and_tells_nothing(size: int) -> None:
    key, plain = new_key(), b"tell nobody. " * (size // 13 + 1)
    kept = sealed(plain[:size], key=key)
    assert opened(kept, size, key=key) == plain[:size]
    assert b"tell nobody" not in kept
    assert len(kept) == size + TAG * max(1, -(-size // SEGMENT))


@given(st.data())
def test_no_changed_byte_is_taken(data: st.DataObject) -> None:
    key, plain = new_key(), b"x" * (SEGMENT + 5)
    kept = bytearray(sealed(plain, key=key, step=SEGMENT))
    place = data.draw(st.integers(0, len(kept) - 1))
    kept[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ExportStorageUnavailable):
        opened(bytes(kept), len(plain), key=key)


def test_moved_cut_off_and_foreign_segments_are_not_taken() -> None:
    key, plain = new_key(), b"y" * (3 * SEGMENT)
    kept, step = sealed(plain, key=key), SEGMENT + TAG
    first, second, third = kept[:step], kept[step : 2 * step], kept[2 * step :]
    for wrong, size in (
        (second + first + third, 3 * SEGMENT),
        (first + second, 2 * SEGMENT),
        (first + first + third, 3 * SEGMENT),
        (sealed(plain, key=key, name="b"), 3 * SEGMENT),
        (sealed(plain, key=new_key()), 3 * SEGMENT),
    ):
        with pytest.raises(ExportStorageUnavailable):
            opened(wrong, size, key=key)
