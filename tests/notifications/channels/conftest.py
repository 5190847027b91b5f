"""One certificate for all tests of senders."""

from collections.abc import Iterator

import pytest

from tests.notifications.channels.certificates import Pair, make_pair


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """A certificate of 127.0.0.1."""
    return make_pair(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session", autouse=True)
def _few_authorities(pair: Pair) -> Iterator[None]:
    """Let firebase-admin, which reads the world's authorities six times for each app (0.4 s), read one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(pair.certificate))
        yield
