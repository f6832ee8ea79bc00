"""When the pooler counts as there."""

import socket
from pathlib import Path

from autoscaler.adapters.postgres.pooler import listens


def test_a_socket_counts_once_it_takes_connections(cluster_folder: Path) -> None:
    path = cluster_folder / "socket"
    assert not listens(path)
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(path))
        assert path.exists()
        assert not listens(path)
        one.listen()
        assert listens(path)
