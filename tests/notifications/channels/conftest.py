"""One certificate for all tests of senders."""

import pytest

from tests.notifications.channels.certificates import Pair, make_pair


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """A certificate of 127.0.0.1."""
    return make_pair(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(autouse=True)
def _few_authorities(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let firebase-admin, which reads the world's authorities six times for each app (0.4 s), read one."""
    monkeypatch.setenv("SSL_CERT_FILE", str(pair.certificate))
