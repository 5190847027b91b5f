import pytest

from backend.entrypoints.listening import PortTaken, bind


def test_a_port_is_claimed_at_once_and_not_when_the_server_starts() -> None:
    """Two runs begun together: the second is told, before either has seeded its database."""
    with bind("127.0.0.1", 0, variable="ZDOROVYE_PORT") as first:
        port = first.getsockname()[1]
        with pytest.raises(PortTaken, match=f"port {port} on 127.0.0.1 is taken.*ZDOROVYE_PORT"):
            bind("127.0.0.1", port, variable="ZDOROVYE_PORT")
