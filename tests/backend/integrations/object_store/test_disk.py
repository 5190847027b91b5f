import errno
import os
import resource
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.integrations.object_store.disk import DiskStore
from backend.rights.errors import ExportStorageFull, ExportStorageUnavailable


@pytest.fixture
def store(tmp_path: Path) -> DiskStore:
    return DiskStore(tmp_path / "objects")


def test_an_object_is_seen_when_it_is_whole_and_not_before(store: DiskStore, tmp_path: Path) -> None:
    draft = store.begin("a.b.1")
    draft.write(b"first ")
    with pytest.raises(ExportStorageUnavailable):
        store.read("a.b.1", offset=0, length=5)
    draft.write(b"second")
    draft.commit()
    draft.discard()
    assert store.read("a.b.1", offset=6, length=100) == b"second"
    assert list(store.names()) == ["a.b.1"]
    kept = tmp_path / "objects" / "a.b.1"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700


def test_a_draft_given_up_leaves_nothing_and_one_left_behind_is_named_and_deleted(store: DiskStore) -> None:
    given_up = store.begin("a")
    given_up.write(b"x")
    given_up.discard()
    given_up.discard()
    assert list(store.names()) == []
    left = store.begin("b")
    left.write(b"x")
    assert list(store.names()) == ["b"]
    store.delete("b")
    store.delete("b")
    assert list(store.names()) == []
    left.discard()


def test_what_was_begun_before_is_begun_anew(store: DiskStore) -> None:
    left = store.begin("a")
    left.write(b"longer than the other")
    again = store.begin("a")
    again.write(b"short")
    again.commit()
    assert store.read("a", offset=0, length=100) == b"short"
    left.discard()


@pytest.mark.parametrize("name", ["", ".", "..", "../a", "a/b", "a.draft", "A", "a\0", "a" * 201])
def test_no_name_leaves_the_folder(store: DiskStore, name: str) -> None:
    for act in (lambda: store.begin(name), lambda: store.delete(name), lambda: store.read(name, offset=0, length=1)):
        with pytest.raises(ValueError, match="not a name"):
            act()


@pytest.fixture
def small_files() -> Iterator[None]:
    """Let no file of this process grow beyond 100 KB: the kernel then says EFBIG, as it says ENOSPC of a full disk."""
    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.usefixtures("small_files")
def test_a_full_disk_is_said_by_its_code_and_leaves_nothing(store: DiskStore) -> None:
    draft = store.begin("a")
    with pytest.raises(ExportStorageFull) as refused:
        for _ in range(100):
            draft.write(b"x" * 10_000)
    assert isinstance(refused.value.__cause__, OSError)
    assert refused.value.__cause__.errno == errno.EFBIG
    draft.discard()
    assert list(store.names()) == []


def test_a_folder_that_cannot_be_made_is_said_by_its_code(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportStorageUnavailable):
        DiskStore(tmp_path / "file" / "objects").begin("a")
    assert os.listdir(tmp_path) == ["file"]  # names are what is compared
