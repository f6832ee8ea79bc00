"""What every test shares: how Hypothesis draws its examples, and where a store may be."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.adapters.aurora_moto import moto_server
from tests.adapters.local_postgres import folder_of_a_cluster, missing_for_a_cluster
from tests.postgres import Server, missing, needs_postgres, running_server
from tests.storage.builders import url_in

# The same examples in every run, so that a red build means changed code; deadlines would measure the machine.
# `pytest --hypothesis-profile thorough` looks further, with fresh chance.
settings.register_profile("quick", max_examples=100, deadline=None, derandomize=True, database=None)
settings.register_profile("thorough", max_examples=3000, deadline=None, database=None)
settings.load_profile("quick")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """One for all tests of this worker, started when the first one asks."""
    reason = missing()
    if reason is not None:
        pytest.skip(reason)
    with running_server() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: Server) -> str:
    """An empty database."""
    return postgres_server.new_database()


@pytest.fixture(scope="session")
def cluster_folder() -> Iterator[Path]:
    """Where a local cluster can be started, one at a time."""
    reason = missing_for_a_cluster()
    if reason is not None:
        pytest.skip(reason)
    with folder_of_a_cluster() as folder:
        yield folder


@pytest.fixture(scope="session")
def moto_url() -> Iterator[str]:
    """Where a moto server is."""
    with moto_server() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=needs_postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a store may be made; the test runs once on each database."""
    if request.param == "sqlite":
        return url_in(tmp_path)
    return str(request.getfixturevalue("postgres_url"))
