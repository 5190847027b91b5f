import configparser
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

from pip._internal.models.index import PyPI

from tests.architecture.source import ROOT, calls_and_attributes, imported_modules, python_files, tracked_files


def registry_hosts() -> set[str]:
    """Return the hosts that the package clients of this machine use, from the clients' own configuration."""
    hosts = {PyPI.netloc, PyPI.file_storage_domain}
    if npm := shutil.which("npm"):
        answer = subprocess.run([npm, "config", "get", "registry"], check=True, capture_output=True, text=True, cwd="/")  # noqa: S603
        hosts.add(urlsplit(answer.stdout.strip()).netloc)
    pip = configparser.ConfigParser()
    pip.read(["/etc/pip.conf", Path.home() / ".pip/pip.conf", Path.home() / ".config/pip/pip.conf"])
    hosts |= {urlsplit(url).netloc for section in pip.values() for url in (section.get("index-url") or "").split()}
    for sources in (*Path("/etc/apt").glob("sources.list"), *Path("/etc/apt/sources.list.d").glob("*")):
        hosts |= {urlsplit(url).netloc for url in re.findall(r"\bhttps?://[^\s\]]+", sources.read_text())}
    return {host for host in hosts if host and host != "localhost"}


def test_no_registry_host_stands_in_any_tracked_file() -> None:
    hosts = sorted(registry_hosts())
    assert len(hosts) >= 2
    found = [
        f"{path.relative_to(ROOT)}: {host}"
        for path in tracked_files()
        for host in hosts
        if host.encode() in path.read_bytes()
    ]
    assert found == []


def test_locks_carry_hashes_and_no_address() -> None:
    for lock in sorted((ROOT / "requirements").glob("*.txt")):
        text = lock.read_text()
        assert "--hash=sha256:" in text
        assert "://" not in text, lock
        assert not re.search(r"^\s*--(index|extra-index|find-links)", text, re.MULTILINE), lock


def test_no_patching_in_tests() -> None:
    forbidden = ("mock.patch", "patch.object", "MagicMock", "monkeypatch.setattr")
    found = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in python_files("tests")
        for line, name in calls_and_attributes(path)
        if name.endswith(forbidden)
    ]
    assert found == []


def test_no_patching_library_is_imported() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in python_files("tests")
        for name in imported_modules(path)
        if name.split(".")[0] in {"mock", "pytest_mock"} or name.startswith("unittest.mock")
    ]
    assert found == []


def test_every_link_between_our_documents_leads_somewhere() -> None:
    documents = [path for path in tracked_files() if path.suffix == ".md"]
    assert len(documents) > 10
    broken = [
        f"{path.relative_to(ROOT)}: {target}"
        for path in documents
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text())
        if "://" not in target and not (path.parent / target).exists()
    ]
    assert broken == []


def test_no_test_sleeps_for_luck() -> None:
    """`asyncio.sleep(0)` yields; a server's start may be polled by the plugins and the benchmark, nowhere else."""
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in python_files("tests")
        if not {"plugins", "bench"} & set(path.parts) and path != Path(__file__)
        for number, text in enumerate(path.read_text().splitlines(), 1)
        if re.search(r"\btime\.sleep\(|asyncio\.sleep\((?!0\))", text)
    ]
    assert found == []


def test_no_path_of_a_developers_machine_stands_in_any_tracked_file() -> None:
    marks = [f"{path}/".encode() for path in (ROOT, Path.home()) if len(path.parts) > 1]
    assert marks
    found = [
        str(path.relative_to(ROOT)) for path in tracked_files() if any(mark in path.read_bytes() for mark in marks)
    ]
    assert found == []
